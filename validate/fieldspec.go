package validate

import (
	"bytes"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
)

// The five common fields have the first places in every field table, in the order
// of fixtures.CommonFields.
const (
	actionCode = iota
	errCode
	errMsg
	errDlt
	nextCode
	commonFields
)

// fieldSpec is a reply field as OpenIM's decoder sees it.
type fieldSpec struct {
	fixtures.Field
	pointer string // JSON Pointer of the field
	effect  fixtures.Effect
	// goPath and goType are how the decoder's errors name the field and its
	// type.
	goPath, goType string
	// quoted: the number may be in quotes, as pages show nextCode.
	quoted bool
	// fields are the members of an object, or of a list's objects.
	fields []fieldSpec
	// element is what a list or a map holds. It has its container's pointer
	// and goPath.
	element *fieldSpec
}

// commonReplyType is the name of the five-field type that the others embed.
const commonReplyType = "CommonCallbackResp"

// compileFields builds the field table of a callback's reply in one version;
// namesEmbedded is that of its behavior.
func compileFields(c *fixtures.Callback, v fixtures.Release, namesEmbedded bool) []fieldSpec {
	at, _ := c.At(v)
	reply := goStruct{name: c.Reply.GoTypeIn(at)}
	common := reply
	if namesEmbedded && reply.name != commonReplyType {
		common.path = commonReplyType + "."
	}
	return append(common.compile(fixtures.CommonFields(), v), reply.compile(c.ReplyFields(v), v)...)
}

// goStruct is a struct type of OpenIM's source, and where it is in a reply.
type goStruct struct {
	name    string
	path    string // of names in Go, with a dot after each
	pointer string
}

func (s goStruct) compile(fields []fixtures.Field, v fixtures.Release) []fieldSpec {
	specs := make([]fieldSpec, 0, len(fields))
	for _, f := range fields {
		if !f.Has(v) {
			continue
		}
		spec := fieldSpec{Field: f, pointer: s.pointer + "/" + f.Name, goPath: s.name + "." + s.path + f.Name, effect: f.EffectIn(v)}
		_, name, _ := strings.Cut(f.GoType, ".")
		inner := goStruct{name, s.path + f.Name + ".", spec.pointer}
		spec.fields = inner.compile(f.Fields, v)
		spec.setTypes()
		specs = append(specs, spec)
	}
	return specs
}

// setTypes says what the field is, and what it holds, in Go.
func (f *fieldSpec) setTypes() {
	switch f.Type {
	case fixtures.Strings:
		f.goType = "[]string"
		f.element = f.holding(fixtures.String, "string")
	case fixtures.BoolMap:
		f.goType = "map[string]bool"
		f.element = f.holding(fixtures.Bool, "bool")
	case fixtures.Bytes:
		f.goType = "[]uint8"
		f.element = f.holding(uint8Type, string(uint8Type))
	case fixtures.Objects:
		f.goType = "[]*" + f.GoType
		f.element = f.holding(fixtures.Object, f.GoType)
	case fixtures.Object:
		f.goType = f.GoType
	default:
		f.goType = string(f.Type)
	}
}

// digits is the number in a value's text.
func (f *fieldSpec) digits(text []byte) []byte {
	if text = bytes.Trim(text, `"`); f.quoted && len(text) == 0 {
		return []byte("0") // pages show "" for no instruction
	}
	return text
}

// anyType is the type of what fits whatever it is.
const anyType fixtures.Type = "any"

// uint8Type is the type of what Bytes hold when they are a list of numbers.
const uint8Type fixtures.Type = "uint8"

func (f *fieldSpec) holding(t fixtures.Type, goType string) *fieldSpec {
	return &fieldSpec{Field: fixtures.Field{Type: t}, pointer: f.pointer, goPath: f.goPath, goType: goType, fields: f.fields}
}

// whole is the reply itself as a field.
func whole(table []fieldSpec) *fieldSpec {
	name, _, _ := strings.Cut(table[actionCode].goPath, ".")
	return &fieldSpec{Field: fixtures.Field{Type: fixtures.Object}, goType: "callbackstruct." + name}
}

// findField returns the place of the field that the decoder fills from a
// member of the given name, or -1.
func findField(name string, table []fieldSpec) (field int, exact bool) {
	for i := range table {
		if table[i].Name == name {
			return i, true
		}
	}
	for i := range table {
		if strings.EqualFold(table[i].Name, name) {
			return i, false
		}
	}
	return -1, false
}
