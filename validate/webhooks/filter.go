package webhooks

import (
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// Content types that the filters know by number (openimsdk/protocol, constant).
const (
	typeText           = 101
	typeTyping         = 113
	notificationsFirst = 1000
	notificationsLast  = 5000
	sessionSingle      = 1
	sessionGroup       = 3
)

// attention is how the version looks the callback's messages up in attentionIds.
func (e Enabled) attention() validate.Attention {
	how := validate.SettingsOf(e.Callback).Attention
	if e.Server < attentive[how] {
		return validate.NoAttention
	}
	return how
}

// attentive are the first versions that look at attentionIds in that way.
var attentive = map[validate.Attention]fixtures.Release{
	validate.AttentionSingle: fixtures.V380, validate.AttentionGroup: fixtures.V383, validate.AttentionSaved: fixtures.Main,
}

func (e Enabled) filters() bool { return validate.SettingsOf(e.Callback).FiltersTypes }

// textOnly reports whether the version sends the callback for texts only.
func (e Enabled) textOnly() bool {
	return validate.SettingsOf(e.Callback).TextOnly && e.Server < fixtures.Main
}

// Sends reports whether OpenIM sends the callback for a message of this
// content type, from this user to this user or group. Callbacks that carry no
// message are always sent. (internal/rpc/msg/callback.go and filter.go,
// internal/push/callback.go, and internal/msgtransfer/callback.go on main.)
func (e Enabled) Sends(contentType int, sendID, recvID, groupID string) bool {
	return e.Never == "" && e.passesType(contentType) && e.passesIDs(contentType, sendID, recvID, groupID)
}

// passesType applies the version's own filters and the file's lists.
func (e Enabled) passesType(contentType int) bool {
	isPush := e.Callback.Group == "push"
	if !e.filters() {
		return !isPush || e.Server < fixtures.V36 || contentType != typeTyping
	}
	if e.textOnly() && contentType != typeText {
		return false
	}
	if e.Server >= fixtures.V36 && contentType == typeTyping {
		return false
	}
	if e.Server == fixtures.Main && contentType >= notificationsFirst && contentType <= notificationsLast {
		return false
	}
	if len(e.AllowedTypes) > 0 && !inTypes(contentType, e.AllowedTypes) {
		return false
	}
	return !inTypes(contentType, e.DeniedTypes)
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
	ids := e.AttentionIDs
	has := func(id string) bool { return slices.Contains(ids, id) }
	switch {
	case e.Server < fixtures.V383: // an empty list is a list, too
		return ids == nil || has(recvID) || has(sendID)
	case len(ids) == 0:
		return true
	case how == validate.AttentionSaved: // compares the content type with session types
		return !(contentType == sessionSingle && !has(recvID)) && !(contentType == sessionGroup && !has(groupID))
	case how == validate.AttentionGroup: // a group message has no receiver
		recvID = ""
	}
	if e.Server == fixtures.Main {
		return has(recvID)
	}
	return has(sendID) || has(recvID)
}

// silencedByEmptyList: 3.8.0 and 3.8.1 compare with a list that is there but
// empty.
func (e Enabled) silencedByEmptyList() bool {
	return e.Server < fixtures.V383 && e.attention() != validate.NoAttention && e.AttentionIDs != nil && len(e.AttentionIDs) == 0
}

// silencedByReceiver: main compares with the receiver of a group message.
func (e Enabled) silencedByReceiver() bool {
	return e.Server == fixtures.Main && e.attention() == validate.AttentionGroup && len(e.AttentionIDs) > 0 && !slices.Contains(e.AttentionIDs, "")
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
