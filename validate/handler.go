package validate

import (
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/tidwall/gjson"
)

// handler is what OpenIM's code for one callback does beyond the effects of
// the reply's fields (fixtures), with the words that rules have for it. The
// zero value is a handler that does no more. Where versions differ, behavior
// says how.
type handler struct {
	settings Settings
	// onlyLogged: 3.5 and 3.6 log the errors of this after callback instead of
	// returning them.
	onlyLogged bool
	// crashes are the reply's faults on which the handler panics, in the order
	// in which it meets them.
	crashes []crashCause
	// subject is the field that says what the operation is about, and that a
	// reply has to repeat: without it the server looks for "".
	subject string
	// cancels is the text that cancels every change when it is empty.
	cancels string
	// keepsStored: for an empty field of the reply the server keeps what it has
	// stored, also when the user gives a new value.
	keepsStored bool
	// unchanged are fields that are "" or 0 in a request that does not change
	// them; a reply sets them to that.
	unchanged []string
	// storesEmpty: what the reply erases is stored as empty; other handlers
	// drop the change.
	storesEmpty bool
	// renamed are reply fields that the request calls otherwise.
	renamed []renamedField
	// members is the list of members to change.
	members string
	// replaces is the list of users that takes the place of the request's.
	replaces string
	// objectText is the field whose text is that of a JSON object.
	objectText string
	// groupOnly is the list of receivers that counts in a group only.
	groupOnly string
	// identities are fields that name what the operation is about.
	identities []identity
	// numbers are fields whose numbers have a meaning.
	numbers []numberField
	// instead says what to write in place of a field that is thrown away.
	instead map[string]words.Text
}

// Settings is what the code of one callback does with its settings in OpenIM's
// own file, beyond those that all callbacks have.
type Settings struct {
	// FiltersTypes: the lists of content types apply.
	FiltersTypes bool
	// Attention says which ids of a message are looked up in attentionIds.
	Attention Attention
	// EnableFrom and TimeoutFrom are the keys of the callbacks from whose
	// entries 3.5 and 3.6 take "enable", and the timeout and failedContinue;
	// empty: from its own. TimeoutSpan says which of the two versions, when it
	// is one.
	EnableFrom, TimeoutFrom string
	TimeoutSpan             fixtures.Span
	// Enables is the key of the callback that has this one's in EnableFrom.
	Enables string
}

// Attention is a way to look at attentionIds.
type Attention int

// The ways to look at attentionIds. Most callbacks don't.
const (
	NoAttention Attention = iota
	// AttentionSingle is for a message to a user.
	AttentionSingle
	// AttentionGroup is for a message to a group, which has no receiver.
	AttentionGroup
	// AttentionSaved is for every message that was stored.
	AttentionSaved
)

// SettingsOf returns what the callback's code does with its settings.
func SettingsOf(c *fixtures.Callback) Settings { return handlers[c.Key].settings }

// crashCause is a fault of a reply on which a handler panics.
type crashCause struct {
	field string
	// find points at the fault; "" when the reply does not have it.
	find       func(p *pass, field string) (pointer string)
	what, hint words.Text
	// unless is what makes the reply harmless, where the request does not show
	// whether that is so: a clause for the middle of a sentence.
	unless words.Text
}

type renamedField struct{ reply, request string }

// identity is a field, and what comes of another value than the request's.
type identity struct {
	field  string
	effect words.Text
}

// numberField says which numbers of a field have a meaning.
type numberField struct {
	name string
	// meaningful are those that have one; nil: all.
	meaningful []int64
	// milliseconds: it is a time, which many write in seconds.
	milliseconds bool
}

func isThere(p *pass, field string) string {
	if p.own(field).Exists() {
		return "/" + field
	}
	return ""
}

func notAsked(p *pass, field string) string {
	if !p.request().Exists() {
		return ""
	}
	return notShown(p, field)
}

// notShown is notAsked, also where there is no request.
func notShown(p *pass, field string) string {
	if p.asksFor(field).Type == gjson.Null {
		return isThere(p, field)
	}
	return ""
}

// outsideGroup finds a list of receivers that this version has no place for.
func outsideGroup(p *pass, field string) string {
	if p.judge.behavior.groupReceivers == receiversCrash && !isEmpty(p.own(field)) && p.outsideGroup() {
		return "/" + field
	}
	return ""
}

func nullEntry(p *pass, field string) (pointer string) {
	position := 0
	p.own(field).ForEach(func(_, entry gjson.Result) bool {
		if entry.Type == gjson.Null {
			pointer = p.judge.table[p.field(field)].at(position)
		}
		position++
		return pointer == ""
	})
	return pointer
}

// nullMember and namelessMember ask the walk over the list of members, which
// ends at the first of either.
func nullMember(p *pass, _ string) string { return p.members.null }

func namelessMember(p *pass, _ string) string { return p.members.nameless }
