package validate

import (
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// userScan is what becomes of the users to register when a reply's list takes
// the place of the request's.
type userScan struct {
	// nameless points at the userID of the first entry without one.
	nameless string
	count    int // of them
	// wiped points at members that the request gives and the entry lacks.
	wiped []string
	// dropped are the users of the request that the list leaves out.
	dropped []string
}

// scanUsers holds the reply's list of users against the request's.
func (p *pass) scanUsers() {
	at := p.field(p.judge.handler.replaces)
	if at == 0 || !p.body.has(at) || isEmpty(p.body.value(at)) {
		return
	}
	list, asked := &p.judge.table[at], byID(p.asksFor(p.judge.handler.replaces))
	left := make(map[string]bool)
	for i, entry := range p.body.value(at).Array() {
		id := memberOf(entry, userID).Str
		left[id] = true
		switch {
		case id != "":
			p.compareUser(list, list.at(i), entry, asked[id])
		case entry.IsObject():
			if p.users.count++; p.users.count == 1 {
				p.users.nameless = list.at(i) + "/" + userID
			}
		}
	}
	for _, user := range p.asksFor(p.judge.handler.replaces).Array() {
		if id := memberOf(user, userID).Str; !left[id] {
			p.users.dropped = append(p.users.dropped, id)
		}
	}
	p.verdict.Wiped = append(p.verdict.Wiped, p.users.wiped...)
}

const userID = "userID"

func byID(users gjson.Result) map[string]gjson.Result {
	ids := make(map[string]gjson.Result)
	for _, user := range users.Array() {
		ids[memberOf(user, userID).Str] = user
	}
	return ids
}

// compareUser notes what an entry takes from the user whom the request asks for.
func (p *pass) compareUser(list *fieldSpec, pointer string, entry, asked gjson.Result) {
	for i := range list.fields {
		f := &list.fields[i]
		value, wanted := memberOf(entry, f.Name), memberOf(asked, f.Name)
		switch {
		case f.effect == fixtures.Ignored, sameValue(wanted, value):
		case value.Type == gjson.Null && !isEmpty(wanted) && !isUnset(wanted):
			p.users.wiped = append(p.users.wiped, pointer+"/"+f.Name)
		case value.Type == gjson.String:
			p.measure(f.Name, pointer+"/"+f.Name, value.Str)
		}
	}
}
