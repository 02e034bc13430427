package webhooks

import (
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/validate"
)

// Content types that the filters know by number (openimsdk/protocol, constant).
const (
	notificationsLast = 5000
	sessionSingle     = 1
	sessionGroup      = 3
)

// attention is how the version looks the callback's messages up in attentionIds.
func (e Enabled) attention() validate.Attention {
	if !slices.Contains(e.Server.Filter().Attentive, e.Callback.Key) {
		return validate.NoAttention
	}
	return validate.SettingsOf(e.Callback).Attention
}

func (e Enabled) filters() bool { return validate.SettingsOf(e.Callback).FiltersTypes }

func (e Enabled) textOnly() bool {
	return slices.Contains(e.Server.Filter().TextOnly, e.Callback.Key)
}

// Sends reports whether OpenIM sends the callback for a message of this
// content type, from this user to this user or group. Callbacks that carry no
// message are always sent. (internal/rpc/msg/callback.go and filter.go,
// internal/push/callback.go, and internal/msgtransfer/callback.go on main.)
func (e Enabled) Sends(contentType int, sendID, recvID, groupID string) bool {
	return e.Never.IsZero() && e.passesType(contentType) && e.passesIDs(contentType, sendID, recvID, groupID)
}

// passesType applies the version's own filters and the file's lists.
func (e Enabled) passesType(contentType int) bool {
	if !e.Callback.SentFor(contentType, e.Server) {
		return false
	}
	allowed := len(e.AllowedTypes) == 0 || inTypes(contentType, e.AllowedTypes)
	return !e.filters() || allowed && !inTypes(contentType, e.DeniedTypes)
}

// inTypes looks a content type up in a list of numbers and ranges. What is
// neither counts as not there, as in OpenIM.
func inTypes(contentType int, types []string) bool {
	return slices.ContainsFunc(types, func(t string) bool {
		low, high, ok := typeRange(t)
		return ok && low <= contentType && contentType <= high
	})
}

// typeRange reads "101" or "200-500", without any space.
func typeRange(t string) (low, high int, ok bool) {
	first, last, isRange := strings.Cut(t, "-")
	if !isRange {
		last = first
	}
	low, err1 := strconv.Atoi(first)
	high, err2 := strconv.Atoi(last)
	return low, high, err1 == nil && err2 == nil
}

// passesIDs applies attentionIds, which every version understands otherwise.
func (e Enabled) passesIDs(contentType int, sendID, recvID, groupID string) bool {
	how := e.attention()
	if how == validate.NoAttention {
		return true
	}
	ids, own := e.AttentionIDs, e.Server.Filter()
	has := func(id string) bool { return slices.Contains(ids, id) }
	switch {
	case ids == nil, len(ids) == 0 && !own.EmptySilences:
		return true
	case how == validate.AttentionSaved: // compares the content type with session types
		return !(contentType == sessionSingle && !has(recvID)) && !(contentType == sessionGroup && !has(groupID))
	case how == validate.AttentionGroup: // a group message has no receiver
		recvID = ""
	}
	return has(recvID) || !own.ReceiverOnly && has(sendID)
}

// silencedByEmptyList: the version compares with a list that is there but
// empty.
func (e Enabled) silencedByEmptyList() bool {
	return e.Server.Filter().EmptySilences && e.attention() != validate.NoAttention && e.AttentionIDs != nil && len(e.AttentionIDs) == 0
}

// silencedByReceiver: the version compares with the receiver only, which a
// group message doesn't have.
func (e Enabled) silencedByReceiver() bool {
	return e.Server.Filter().ReceiverOnly && e.attention() == validate.AttentionGroup && len(e.AttentionIDs) > 0 && !slices.Contains(e.AttentionIDs, "")
}

// typesBlockAll reports whether no message passes the content type filters.
func (e Enabled) typesBlockAll() bool {
	if !e.filters() || len(e.AllowedTypes)+len(e.DeniedTypes) == 0 {
		return false
	}
	for contentType := range notificationsLast + 1 {
		if e.passesType(contentType) {
			return false
		}
	}
	return true
}
