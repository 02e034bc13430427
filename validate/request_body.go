package validate

import (
	"slices"
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

// pointer is the place as a JSON Pointer.
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
			name := k.scan.name(key)
			if i = slices.IndexFunc(fields, func(f requestSpec) bool { return f.name == name }); i < 0 {
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
		fits = k.fits(at, f)
	}
	value.end = k.scan.at
	switch {
	case !fits:
		// What its entries lack does not matter.
		k.findings, k.leftOut = k.findings[:known], leftOut
		k.misfit(at, f, value)
	case value.kind == kindNull && !f.nullable && !k.full(Error):
		k.report(requestField, Error, at.pointer()+"/"+f.name, say("request-field.null", "field", f.name), say("hint.send", "value", typeInWords(f.kind)))
	}
	if f.command && at == nil && k.inBody.kind == 0 {
		k.inBody = value
	}
}

func (k *requestWalk) misfit(at *place, f *requestSpec, value token) {
	if !k.full(Error) {
		wanted := typeInWords(f.kind)
		got := clip(string(k.scan.text[value.start:value.end]))
		k.report(requestField, Error, at.pointer()+"/"+f.name, say("request-field.type", "field", f.name, "value", got, "type", wanted), say("hint.send", "value", wanted))
	}
}

// fits reads a value and reports whether it has the field's type.
func (k *requestWalk) fits(at *place, f *requestSpec) bool {
	switch f.kind {
	case fixtures.String, fixtures.Bytes:
		return k.scan.next().kind == kindString
	case fixtures.Bool:
		return k.scan.next().kind == kindBool
	case fixtures.Int32, fixtures.Int64, fixtures.Uint32:
		return k.isWhole(k.scan.next(), f.kind)
	case fixtures.Strings, fixtures.Int64s, fixtures.Objects:
		return k.list(at, f)
	default:
		return k.object(at, -1, f)
	}
}

// list reads a list. Entries may be null, as Go reads them.
func (k *requestWalk) list(at *place, f *requestSpec) bool {
	if k.scan.peek() != kindArray {
		k.scan.next()
		return false
	}
	fits, index := true, 0
	for k.scan.open(); k.scan.more(); index++ {
		fits = k.entry(at, index, f) && fits
	}
	return fits
}

func (k *requestWalk) entry(at *place, index int, f *requestSpec) bool {
	if k.scan.peek() == kindNull {
		k.scan.next()
		return true
	}
	switch f.kind {
	case fixtures.Strings:
		return k.scan.next().kind == kindString
	case fixtures.Int64s:
		return k.isWhole(k.scan.next(), fixtures.Int64)
	default:
		return k.object(at, index, f)
	}
}

// object reads an object, the field's value or its entry at index. Its members
// are compared when they are declared.
func (k *requestWalk) object(at *place, index int, f *requestSpec) bool {
	if k.scan.peek() != kindObject {
		k.scan.next()
		return false
	}
	if len(f.fields) > 0 {
		k.members(&place{at, f.name, index}, f.fields)
	} else {
		k.scan.next()
	}
	return true
}

// isWhole reports whether a token is a number that Go reads into the type.
func (k *requestWalk) isWhole(t token, kind fixtures.Type) bool {
	if t.kind != kindNumber {
		return false
	}
	_, err := wholeNumber(k.scan.text[t.start:t.end], kind)
	return err == nil
}
