package validate

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// decoded is a reply as OpenIM's decoder (Go's encoding/json into the reply's
// type) reads it.
type decoded struct {
	// syntax says why the body is not JSON.
	syntax error
	// root is the body's one value. A plain allow may stand in for a reply
	// that says the same.
	root gjson.Result
	// mismatch is the value of a wrong type that the decoder reports. One
	// spoils the whole reply.
	mismatch *mismatch
	codes    [commonFields]int32
	texts    [commonFields]string
	// present has a bit for each field of the table that has a value other
	// than null; seen also counts nulls.
	present, seen uint64
	// values are the callback's own fields, by place in the table less
	// commonFields; nil when the reply has none of them.
	values []gjson.Result
	// strange are top-level members that no field matches exactly.
	strange []strangeMember
	// repeated are fields that occur more than once.
	repeated uint64
}

// strangeMember is a top-level member whose name is not exactly a field's.
type strangeMember struct {
	name  string
	value gjson.Result
	// field is the place of the field that the decoder takes it for, because
	// only letter case differs; -1 when it ignores the member.
	field int
}

func (d *decoded) has(field int) bool { return d.present&(1<<field) != 0 }

func (d *decoded) saw(field int) bool { return d.seen&(1<<field) != 0 }

func (d *decoded) value(field int) gjson.Result {
	if d.values == nil {
		return gjson.Result{}
	}
	return d.values[field-commonFields]
}

// decode reads a body as OpenIM does: keys match without regard to case, the
// last of several counts, null leaves a field as it was.
func (d *decoded) decode(body []byte, table []fieldSpec) {
	if d.syntax = syntaxError(body); d.syntax != nil {
		return
	}
	r := reader{scan: scanner{text: body}, into: d, table: table, read: body}
	if r.scan.peek() == kindObject {
		r.members()
	} else if t := r.scan.next(); t.kind != kindNull {
		r.misfit(whole(table), t)
	}
	r.finish()
}

// allFive is what seen is when a reply has the common fields and no other.
const allFive = 1<<commonFields - 1

var plainAllow = gjson.Parse(fixtures.PlainAllow)

// reader fills decoded in one walk over the body.
type reader struct {
	scan  scanner
	into  *decoded
	table []fieldSpec
	// kept is the body as a string, once something of it must outlive the walk.
	kept string
	// spoilt are fields with a value that does not fit, which leaves its mark.
	spoilt uint64
	// misfits counts the values that do not fit.
	misfits int
	// stopped is set when the decoder has given up. read is the object as far
	// as it came.
	stopped bool
	read    []byte
}

// finish does what needs the whole body.
func (r *reader) finish() {
	if r.kept == "" && r.into.seen == allFive && r.into.repeated == 0 && r.into.codes == [commonFields]int32{} {
		r.into.root = plainAllow
		return
	}
	r.keep()
	r.into.root = gjson.Parse(r.kept)
	for i := commonFields; i < len(r.table); i++ {
		if bit := uint64(1) << i; r.spoilt&bit != 0 || r.into.repeated&r.into.present&bit != 0 && r.table[i].merges() {
			r.set(i, r.table[i].merged(r.read))
		}
	}
}

func (r *reader) keep() {
	if r.kept == "" {
		r.kept = string(r.scan.text)
	}
}

func (r *reader) raw(t token) string {
	r.keep()
	return r.kept[t.start:t.end]
}

func (r *reader) textOf(t token) string {
	switch {
	case t.end-t.start <= len(`""`):
		return ""
	case t.plain:
		return r.raw(t)[1 : t.end-t.start-1]
	default:
		return unquote(r.raw(t))
	}
}

func (r *reader) result(t token) gjson.Result {
	v := gjson.Parse(r.raw(t))
	if t.kind == kindString && !t.plain {
		v.Str = r.textOf(t)
	}
	return v
}

// unquote reads a JSON string as encoding/json does: bytes that are not UTF-8
// and halves of surrogate pairs become \ufffd.
func unquote(raw string) (s string) {
	if s = raw[1 : len(raw)-1]; strings.IndexByte(s, '\\') < 0 && utf8.ValidString(s) {
		return s
	}
	_ = json.Unmarshal([]byte(raw), &s) // the text has been checked
	return s
}

func (r *reader) members() {
	next := 0
	for r.scan.open(); r.scan.more(); {
		key := r.scan.key()
		field, exact := r.find(key, r.table, next)
		next = field + 1
		var value token
		if field >= 0 {
			value = r.field(field)
		} else {
			value = r.scan.next()
		}
		if !exact {
			r.into.strange = append(r.into.strange, strangeMember{r.textOf(key), r.result(value), field})
		}
	}
}

func (r *reader) field(i int) token {
	bit := uint64(1) << i
	r.into.repeated |= r.into.seen & bit
	r.into.seen |= bit
	stopped, misfits := r.stopped, r.misfits
	value := r.fit(&r.table[i])
	switch {
	case stopped:
	case r.misfits == misfits:
		r.store(i, value)
	case i >= commonFields:
		r.spoilt |= bit
		if r.stopped {
			r.read = append(r.scan.text[:value.end:value.end], '}')
		}
	}
	return value
}

// find is findField for a key of the body. Replies tend to have their fields
// in the order of the table, so it looks at the next one first.
func (r *reader) find(key token, table []fieldSpec, next int) (field int, exact bool) {
	if !key.plain {
		return findField(r.textOf(key), table)
	}
	name := r.scan.text[key.start+1 : key.end-1]
	if next < len(table) && table[next].Name == string(name) {
		return next, true
	}
	return findField(string(name), table)
}

// store takes a value that fits into its field. A null fits every field; it
// resets pointers and lists, but no plain values.
func (r *reader) store(i int, t token) {
	switch {
	case t.kind == kindNull:
		if r.table[i].Nullable {
			r.into.present &^= 1 << i
		}
	case i >= commonFields:
		r.set(i, r.result(t))
	default:
		r.into.present |= 1 << i
		if i == errMsg || i == errDlt {
			r.into.texts[i] = r.textOf(t)
			return
		}
		n, _ := wholeNumber(r.table[i].digits(r.scan.text[t.start:t.end]), fixtures.Int32)
		r.into.codes[i] = int32(n)
	}
}

func (r *reader) set(i int, v gjson.Result) {
	if r.into.values == nil {
		r.into.values = make([]gjson.Result, len(r.table)-commonFields)
	}
	r.into.values[i-commonFields] = v
	r.into.present &^= 1 << i
	if v.Type != gjson.Null {
		r.into.present |= 1 << i
	}
}
