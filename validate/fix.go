package validate

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// withoutLevel is the reply's list of members, by its name, without the roles of
// a level.
func (p *pass) withoutLevel(level int64) map[string]string {
	var entries []string
	for _, entry := range p.own(p.judge.handler.members).Array() {
		var kept []string
		entry.ForEach(func(key, value gjson.Result) bool {
			if !strings.EqualFold(key.Str, roleLevel.name) || value.Int() != level {
				kept = append(kept, key.Raw+":"+value.Raw)
			}
			return true
		})
		entries = append(entries, "{"+strings.Join(kept, ",")+"}")
	}
	return map[string]string{p.judge.handler.members: "[" + strings.Join(entries, ",") + "]"}
}
