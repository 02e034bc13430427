package validate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// memberList is beforeMemberJoinGroup's list of members to change.
const memberList = "memberCallbackList"

// memberScan is what one walk over that list finds. A list can be long; no
// rule walks it again.
type memberScan struct {
	// null points at the first entry that is null, nameless at the first that
	// has no userID. The walk ends at either: the handler panics there.
	null, nameless string
	// applied, ignored and changes are the verdict's.
	applied, ignored []string
	changes          []Change
	// unknown is the first entry for a user who does not join, with the number
	// of its like.
	unknown struct {
		pointer, user string
		count         int
	}
	roles roles
}

func (p *pass) scanMembers() {
	field := p.field(p.judge.handler.members)
	if field == 0 || !p.body.has(field) {
		return
	}
	list := p.body.value(field).Raw
	w := memberWalk{
		scan: scanner{text: []byte(list)}, raw: list, pass: p, found: &p.members,
		list: &p.judge.table[field], joining: p.joining(), row: make([]token, len(p.judge.table[field].fields)),
	}
	w.user = slices.IndexFunc(w.list.fields, func(f fieldSpec) bool { return f.Name == "userID" })
	w.grow()
	for w.scan.open(); w.scan.more() && w.entry(); w.position++ {
	}
}

// joining are the users about to join, by id, with their places in the request
// from 1 on; nil when the request is not known.
func (p *pass) joining() map[string]int {
	members := p.asksFor(p.judge.handler.requestName(p.judge.handler.members))
	if !members.IsArray() {
		return nil
	}
	places := make(map[string]int)
	members.ForEach(func(_, member gjson.Result) bool {
		places[memberOf(member, "userID").Str] = len(places) + 1
		return true
	})
	return places
}

// memberWalk is the walk over the list under way.
type memberWalk struct {
	scan     scanner
	raw      string // the scanner's text
	pass     *pass
	found    *memberScan // the pass's
	list     *fieldSpec
	joining  map[string]int
	position int
	user     int     // the place of userID in list.fields
	row      []token // the entry's values, by place in list.fields
	pointers strings.Builder
}

// grow makes room for what the list holds if it is compact and each entry has
// every field. Growing bit by bit would cost more than all the rest.
func (w *memberWalk) grow() {
	values := strings.Count(w.raw, `{"`) * (len(w.list.fields) - 1)
	w.found.applied = make([]string, 0, values)
	w.found.changes = make([]Change, 0, values)
	w.pointers.Grow(values * len(w.list.pointer+"/1234/nickname"))
}

// entry reads one entry and reports whether the handler gets beyond it.
func (w *memberWalk) entry() bool {
	if w.scan.peek() != kindObject {
		w.found.null = w.list.at(w.position) // all else spoils the reply
		return false
	}
	w.read()
	user := w.row[w.user]
	switch {
	case !isSet(user):
		w.found.nameless = w.list.at(w.position) + "/userID"
		return false
	case w.joining != nil && w.joining[w.text(user)] == 0:
		w.skip(w.text(user))
		w.lookAll() // what is odd now stays odd when the userID is right
	default:
		w.apply()
	}
	return true
}

// read fills row with the entry's values: the last of several counts, letter
// case does not matter.
func (w *memberWalk) read() {
	clear(w.row)
	for w.scan.open(); w.scan.more(); {
		key := w.scan.key()
		value := w.scan.next()
		if i, _ := findField(w.text(key), w.list.fields); i >= 0 {
			w.row[i] = value
		}
	}
}

func (w *memberWalk) text(t token) string {
	if t.plain {
		return w.raw[t.start+1 : t.end-1]
	}
	return unquote(w.raw[t.start:t.end])
}

// isSet reports whether an entry has a value: a token that never was one has
// no kind.
func isSet(t token) bool { return t.kind != 0 && t.kind != kindNull }

// skip notes an entry that the server does not find among the joining members.
func (w *memberWalk) skip(user string) {
	pointer := w.list.at(w.position)
	w.found.ignored = append(w.found.ignored, pointer)
	if w.found.unknown.count++; w.found.unknown.count == 1 {
		w.found.unknown.pointer, w.found.unknown.user = pointer+"/userID", user
	}
}

func (w *memberWalk) apply() {
	for i, value := range w.row {
		if i == w.user || !isSet(value) {
			continue
		}
		name, text := w.list.fields[i].Name, w.raw[value.start:value.end]
		pointer := w.pointer(name)
		w.found.applied = append(w.found.applied, pointer)
		w.found.changes = append(w.found.changes, Change{Path: pointer, After: w.list.fields[i].stored(text)})
		w.look(name, pointer, value)
		if name == roleLevel.name {
			w.found.roles.note(pointer, text, len(w.joining) > 1 && w.joining[w.text(w.row[w.user])] == 1)
		}
	}
}

func (w *memberWalk) lookAll() {
	for i, value := range w.row {
		w.look(w.list.fields[i].Name, w.list.at(w.position)+"/"+w.list.fields[i].Name, value)
	}
}

func (w *memberWalk) look(name, pointer string, value token) {
	switch {
	case value.kind == kindNumber:
		w.pass.look(name, pointer, w.raw[value.start:value.end])
	case value.kind == kindString && value.end-value.start > shortText: // others need no copy
		w.pass.measure(name, pointer, w.text(value))
	}
}

// pointer is the JSON Pointer of a member of the entry. All of them share one
// buffer: a list has thousands.
func (w *memberWalk) pointer(name string) string {
	var digits [20]byte
	start := w.pointers.Len()
	w.pointers.WriteString(w.list.pointer)
	w.pointers.WriteByte('/')
	w.pointers.Write(strconv.AppendInt(digits[:0], int64(w.position), 10))
	w.pointers.WriteByte('/')
	w.pointers.WriteString(name)
	return w.pointers.String()[start:]
}
