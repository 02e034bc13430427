package validate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// fixed is the reply as it should be: an allow with the callback's own fields that
// the reply has, or what stands instead of them; "" leaves one out. It is "" where
// the request, from which values come, is not known.
func (p *pass) fixed(instead map[string]string) string {
	if !p.request().Exists() {
		return ""
	}
	reply := strings.TrimSuffix(fixtures.PlainAllow, "}")
	for i := commonFields; i < len(p.judge.table); i++ {
		name, raw := p.judge.table[i].Name, ""
		if p.body.has(i) {
			raw = p.body.value(i).Raw
		}
		if other, ok := instead[name]; ok {
			raw = other
		}
		if raw != "" {
			reply += fmt.Sprintf(",%q:%s", name, raw)
		}
	}
	var whole bytes.Buffer
	_ = json.Compact(&whole, []byte(reply+"}")) // its parts are JSON
	return whole.String()
}

// wholeUsers is a list with every user of the request and every member, with the
// reply's values where it has them.
func (p *pass) wholeUsers() string {
	at := p.field(p.judge.handler.replaces)
	entries := p.body.value(at).Array()
	byName := byID(p.body.value(at))
	var users []string
	for i, asked := range p.asksFor(p.judge.handler.replaces).Array() {
		entry, ok := byName[memberOf(asked, userID).Str]
		if !ok && i < len(entries) && memberOf(entries[i], userID).Str == "" {
			entry = entries[i] // it is in the place of this user
		}
		users = append(users, p.judge.table[at].wholeUser(asked, entry))
	}
	return "[" + strings.Join(users, ",") + "]"
}

func (f *fieldSpec) wholeUser(asked, entry gjson.Result) string {
	var members []string
	for i := range f.fields {
		name := f.fields[i].Name
		value := memberOf(entry, name)
		if value.Type == gjson.Null || name == userID {
			value = memberOf(asked, name)
		}
		if value.Exists() {
			members = append(members, fmt.Sprintf("%q:%s", name, value.Raw))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// valuesOf are an object's values of these names; "" for one that it has not.
func valuesOf(object gjson.Result, names []string) map[string]string {
	values := make(map[string]string, len(names))
	for _, name := range names {
		values[name] = memberOf(object, name).Raw
	}
	return values
}

// withoutRoles is the reply's list of members without some of their roles, by
// pointer.
func (p *pass) withoutRoles(pointers ...string) string {
	at := p.field(p.judge.handler.members)
	var entries []string
	for i, entry := range p.body.value(at).Array() {
		drop := slices.Contains(pointers, p.judge.table[at].at(i)+"/"+roleLevel.name)
		entries = append(entries, membersBut(entry, func(name string) bool { return drop && strings.EqualFold(name, roleLevel.name) }))
	}
	return "[" + strings.Join(entries, ",") + "]"
}

// membersBut is an object without some of its members.
func membersBut(object gjson.Result, drop func(name string) bool) string {
	var kept []string
	object.ForEach(func(key, value gjson.Result) bool {
		if !drop(key.Str) {
			kept = append(kept, key.Raw+":"+value.Raw)
		}
		return true
	})
	return "{" + strings.Join(kept, ",") + "}"
}
