package validate

import (
	"strconv"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/tidwall/gjson"
)

// requestSpec is a request field as the walk needs it.
type requestSpec struct {
	name string
	// lead is how the field begins where it is expected: its name and a colon.
	lead string
	// plain is the name as misspelt ones are compared with it.
	plain    string
	kind     fixtures.Type
	nullable bool
	optional bool
	// command marks callbackCommand.
	command bool
	// fields are the members of an object, or of a list's objects.
	fields []requestSpec
}

func compileRequest(fields []fixtures.Field) []requestSpec {
	specs := make([]requestSpec, len(fields))
	for i, f := range fields {
		specs[i] = requestSpec{
			name: f.Name, lead: `"` + f.Name + `":`, plain: plainName(f.Name), kind: f.Type, nullable: f.Nullable, optional: f.When != "",
			command: f.Name == "callbackCommand", fields: compileRequest(f.Fields),
		}
	}
	return specs
}

// place is an object that the walk is in; nil is the body itself.
type place struct {
	in    *place
	name  string // of the field that holds it
	index int    // in the field's list; -1 when it is no list
}

func (p *place) pointer() string {
	switch {
	case p == nil:
		return ""
	case p.index < 0:
		return p.in.pointer() + "/" + p.name
	default:
		return p.in.pointer() + "/" + p.name + "/" + strconv.Itoa(p.index)
	}
}

// members compares an object's members with the declared fields. OpenIM writes
// them in the declared order, so it looks at the next one first.
func (k *requestWalk) members(at *place, fields []requestSpec) {
	var seen fieldSet
	next, ordered := 0, true
	for k.scan.open(); k.scan.more(); {
		i := next
		if !k.leads(fields, next) {
			key := k.scan.key()
			if i = findSpec(k.scan.name(key), fields); i < 0 {
				k.unknownField(at, key, fields)
				k.scan.next()
				continue
			}
		}
		seen.add(i)
		ordered = ordered && i >= next
		next = max(next, i+1)
		k.field(at, &fields[i])
	}
	k.missing(at, &seen, fields)
	if !ordered && !k.full(Note) {
		k.report(requestForm, Note, at.pointer(), say("request-form.order"), words.Text{})
	}
}

func findSpec(name string, fields []requestSpec) int {
	for i := range fields {
		if fields[i].name == name {
			return i
		}
	}
	return -1
}

// fieldSet has a bit for each field of an object. A test keeps every object of
// the catalog within it.
type fieldSet [2]uint64

func (s *fieldSet) add(i int) { s[i/64%len(s)] |= 1 << (i % 64) }

func (s *fieldSet) has(i int) bool { return s[i/64%len(s)]&(1<<(i%64)) != 0 }

// leads reads the name of the next field and the colon, if they are there as
// OpenIM writes them.
func (k *requestWalk) leads(fields []requestSpec, next int) bool {
	if next >= len(fields) {
		return false
	}
	lead := fields[next].lead
	end := k.scan.at + len(lead)
	if end > len(k.scan.text) || string(k.scan.text[k.scan.at:end]) != lead {
		return false
	}
	k.scan.at = end
	return true
}

// textOf is a token's text: what a string says, or the JSON of anything else.
func (k *requestWalk) textOf(t token) string {
	return gjson.ParseBytes(k.scan.text[t.start:t.end]).String()
}

func (k *requestWalk) unknownField(at *place, key token, fields []requestSpec) {
	if k.full(Warning) {
		return
	}
	name := words.FirstRunes(k.textOf(key), maxQuotedName)
	k.report(requestField, Warning, at.pointer()+"/"+escapePointer(name), say("request-field.unknown", "field", clip(name)), spelling(name, fields))
}

// maxQuotedName is how much of an unknown field's name goes into its path, in
// characters. A name can be as long as the body.
const maxQuotedName = 200

// spelling suggests the field that an unknown name most probably stands for.
func spelling(name string, fields []requestSpec) words.Text {
	plain := plainName(name)
	for i := range fields {
		if fields[i].plain == plain {
			return say("request-field.hint-spelling", "field", fields[i].name)
		}
	}
	return say("hint.omit")
}

func (k *requestWalk) missing(at *place, seen *fieldSet, fields []requestSpec) {
	for i := range fields {
		if f := &fields[i]; !seen.has(i) && !f.optional && !k.full(Error) {
			k.report(requestField, Error, at.pointer()+"/"+f.name, say("request-field.missing", "field", f.name), k.check.addHint)
		}
	}
}

// field reads a member's value and compares it with its declared type.
func (k *requestWalk) field(at *place, f *requestSpec) {
	value := token{kind: k.scan.peek(), start: k.scan.at}
	known, leftOut := len(k.findings), k.leftOut
	fits := true
	switch {
	case value.kind == kindNull:
		k.scan.next()
	case value.kind == kindString && f.kind == fixtures.String: // most are
		value.plain = k.scan.quoted()
	default:
		fits = k.fits(at, -1, f.kind, f)
	}
	value.end = k.scan.at
	switch {
	case !fits:
		// What its entries lack does not matter.
		k.findings, k.leftOut = k.findings[:known], leftOut
		k.misfit(at, f, value)
	case value.kind == kindNull && !f.nullable && !k.full(Error):
		k.report(requestField, Error, at.pointer()+"/"+f.name, say("request-field.null", "field", f.name), say("hint.send", "value", typeWords[f.kind]))
	}
	switch {
	case at != nil:
	case f.command && k.inBody.kind == 0:
		k.inBody = value
	case f.name == "contentType":
		k.inMessage = value
	}
}

func (k *requestWalk) misfit(at *place, f *requestSpec, value token) {
	if !k.full(Error) {
		wanted := typeWords[f.kind]
		got := clip(string(k.scan.text[value.start:value.end]))
		k.report(requestField, Error, at.pointer()+"/"+f.name, say("request-field.type", "field", f.name, "value", got, "type", wanted), say("hint.send", "value", wanted))
	}
}

// fits reads a value and reports whether it has a type, the field's or that of
// its entries. Members of an object are compared when they are declared.
func (k *requestWalk) fits(at *place, index int, kind fixtures.Type, f *requestSpec) bool {
	first := k.scan.peek()
	switch entries := entriesOf(kind); {
	case entries != "" && first == kindArray:
		return k.list(at, entries, f)
	case kind == fixtures.Object && first == kindObject && len(f.fields) > 0:
		k.members(&place{at, f.name, index}, f.fields)
		return true
	}
	value := k.scan.next()
	switch kind {
	case fixtures.String, fixtures.Bytes:
		return value.kind == kindString
	case fixtures.Bool:
		return value.kind == kindBool
	case fixtures.Int32, fixtures.Int64, fixtures.Uint32:
		_, err := wholeNumber(k.scan.text[value.start:value.end], kind)
		return value.kind == kindNumber && err == nil
	case fixtures.Object, fixtures.BoolMap:
		return value.kind == kindObject
	default:
		return false
	}
}

// entriesOf is the type of a list's entries; "" for what is no list.
func entriesOf(list fixtures.Type) fixtures.Type {
	switch list {
	case fixtures.Strings:
		return fixtures.String
	case fixtures.Int64s:
		return fixtures.Int64
	case fixtures.Objects:
		return fixtures.Object
	default:
		return ""
	}
}

// list reads a list. Entries may be null, as Go reads them.
func (k *requestWalk) list(at *place, entries fixtures.Type, f *requestSpec) bool {
	fits, index := true, 0
	for k.scan.open(); k.scan.more(); index++ {
		if k.scan.peek() == kindNull {
			k.scan.next()
			continue
		}
		fits = k.fits(at, index, entries, f) && fits
	}
	return fits
}
