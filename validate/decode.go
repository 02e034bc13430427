package validate

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// The five common fields have the first places in every field table.
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
	// goPath is how the decoder's errors name the field.
	goPath string
	fields []fieldSpec
}

// compileFields builds the field table of a callback's reply in one version.
func compileFields(c *fixtures.Callback, v fixtures.Version) []fieldSpec {
	table := []fieldSpec{
		actionCode: {Field: fixtures.Field{Name: "actionCode", Type: fixtures.Int32}},
		errCode:    {Field: fixtures.Field{Name: "errCode", Type: fixtures.Int32}},
		errMsg:     {Field: fixtures.Field{Name: "errMsg", Type: fixtures.String}},
		errDlt:     {Field: fixtures.Field{Name: "errDlt", Type: fixtures.String}},
		nextCode:   {Field: fixtures.Field{Name: "nextCode", Type: fixtures.Int32}},
	}
	prefix := c.Reply.GoType + "."
	if c.Reply.GoType != commonReplyType {
		prefix += commonReplyType + "."
	}
	for i := range table {
		table[i].pointer, table[i].goPath = "/"+table[i].Name, prefix+table[i].Name
	}
	return append(table, compileMembers(c.ReplyFields(v), v, "/", c.Reply.GoType+".")...)
}

// commonReplyType is the name of the five-field type that the others embed.
const commonReplyType = "CommonCallbackResp"

func compileMembers(fields []fixtures.Field, v fixtures.Version, pointer, goPath string) []fieldSpec {
	specs := make([]fieldSpec, 0, len(fields))
	for _, f := range fields {
		if !f.Has(v) {
			continue
		}
		spec := fieldSpec{Field: f, pointer: pointer + f.Name, goPath: goPath + f.Name, effect: f.EffectIn(v)}
		spec.fields = compileMembers(f.Fields, v, spec.pointer+"/", spec.goPath+".")
		specs = append(specs, spec)
	}
	return specs
}

// decoded is a reply as OpenIM's decoder (Go's encoding/json into the reply's
// type) reads it.
type decoded struct {
	// syntax says why the body is not JSON, at is where.
	syntax error
	// root is the body's one value.
	root gjson.Result
	// mismatch is the first value of a wrong type. One spoils the whole reply.
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

// mismatch is a value that the decoder can't put into its field.
type mismatch struct {
	pointer  string
	value    gjson.Result
	want     fixtures.Type
	overflow bool
	// text is the decoder's error.
	text string
}

func (d *decoded) has(field int) bool { return d.present&(1<<field) != 0 }

func (d *decoded) saw(field int) bool { return d.seen&(1<<field) != 0 }

// value returns one of the callback's own fields.
func (d *decoded) value(field int) gjson.Result {
	if d.values == nil {
		return gjson.Result{}
	}
	return d.values[field-commonFields]
}

// decode reads a body as OpenIM does: keys match without regard to case, the
// last of several counts, null leaves a field as it was.
func (d *decoded) decode(body []byte, table []fieldSpec, goType string) {
	if d.syntax = syntaxError(body); d.syntax != nil {
		return
	}
	d.root = gjson.ParseBytes(body)
	switch {
	case d.root.IsObject():
	case d.root.Type == gjson.Null:
		return
	default:
		d.mismatch = &mismatch{
			value: d.root, want: fixtures.Object,
			text: "json: cannot unmarshal " + goKind(d.root) + " into Go value of type callbackstruct." + goType,
		}
		return
	}
	d.root.ForEach(func(key, value gjson.Result) bool {
		d.member(textOf(key), value, table)
		return true
	})
}

func (d *decoded) member(name string, value gjson.Result, table []fieldSpec) {
	field, exact := findField(name, table)
	if !exact {
		d.strange = append(d.strange, strangeMember{name, value, field})
	}
	if field < 0 {
		return
	}
	if d.saw(field) {
		d.repeated |= 1 << field
	}
	d.seen |= 1 << field
	spec := &table[field]
	if value.Type == gjson.Null {
		if field >= commonFields && spec.Nullable {
			d.present &^= 1 << field // null resets a pointer, but no plain value
		}
		return
	}
	if m := spec.check(value); m != nil {
		if d.mismatch == nil {
			d.mismatch = m
		}
		return
	}
	d.present |= 1 << field
	switch {
	case field == errMsg || field == errDlt:
		d.texts[field] = textOf(value)
	case field < commonFields:
		d.codes[field] = int32(value.Num)
	default:
		if d.values == nil {
			d.values = make([]gjson.Result, len(table)-commonFields)
		}
		d.values[field-commonFields] = value
	}
}

// textOf is a JSON string's text as encoding/json reads it: bytes that are not
// UTF-8 and halves of surrogate pairs become \ufffd.
func textOf(v gjson.Result) string {
	if strings.IndexByte(v.Raw, '\\') < 0 && utf8.ValidString(v.Str) {
		return v.Str
	}
	var s string
	if json.Unmarshal([]byte(v.Raw), &s) != nil {
		return v.Str
	}
	return s
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

// check reports the first value that does not fit the field. A null fits
// everywhere: the decoder skips it.
func (f *fieldSpec) check(v gjson.Result) *mismatch {
	switch f.Type {
	case fixtures.String:
		if v.Type == gjson.String {
			return nil
		}
	case fixtures.Bool:
		if v.IsBool() {
			return nil
		}
	case fixtures.Int32:
		return f.checkInteger(v, 32)
	case fixtures.Int64:
		return f.checkInteger(v, 64)
	case fixtures.Bytes:
		return f.checkBytes(v)
	case fixtures.Object:
		if v.IsObject() {
			return f.checkMembers(v)
		}
	case fixtures.Strings, fixtures.Objects:
		if v.IsArray() {
			return f.checkList(v)
		}
	case fixtures.BoolMap:
		if v.IsObject() {
			return f.checkMap(v)
		}
	}
	return f.misfit(v, f.pointer, goKind(v), f.Type)
}

func (f *fieldSpec) checkInteger(v gjson.Result, bits int) *mismatch {
	if v.Type != gjson.Number {
		return f.misfit(v, f.pointer, goKind(v), f.Type)
	}
	if len(v.Raw) < 10 && plainDigits(v.Raw) {
		return nil
	}
	_, err := strconv.ParseInt(v.Raw, 10, bits)
	if err == nil {
		return nil
	}
	m := f.misfit(v, f.pointer, "number "+v.Raw, f.Type)
	m.overflow = errors.Is(err, strconv.ErrRange)
	return m
}

func plainDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (f *fieldSpec) checkBytes(v gjson.Result) *mismatch {
	if v.Type != gjson.String {
		return f.misfit(v, f.pointer, goKind(v), f.Type)
	}
	if _, err := base64.StdEncoding.DecodeString(v.Str); err != nil {
		return &mismatch{pointer: f.pointer, value: v, want: f.Type, text: err.Error()}
	}
	return nil
}

func (f *fieldSpec) checkList(v gjson.Result) (m *mismatch) {
	position := 0
	v.ForEach(func(_, item gjson.Result) bool {
		switch {
		case item.Type == gjson.Null:
		case f.Type == fixtures.Strings && item.Type != gjson.String:
			m = f.misfit(item, f.at(position), goKind(item), fixtures.String)
		case f.Type == fixtures.Objects && !item.IsObject():
			m = f.misfit(item, f.at(position), goKind(item), fixtures.Object)
		case f.Type == fixtures.Objects:
			m = f.checkMembers(item)
			if m != nil { // pointers are written for the findings only
				m.pointer = f.at(position) + strings.TrimPrefix(m.pointer, f.pointer)
			}
		}
		position++
		return m == nil
	})
	return m
}

func (f *fieldSpec) at(position int) string { return f.pointer + "/" + strconv.Itoa(position) }

func (f *fieldSpec) checkMap(v gjson.Result) (m *mismatch) {
	v.ForEach(func(key, item gjson.Result) bool {
		if item.Type != gjson.Null && !item.IsBool() {
			m = f.misfit(item, f.pointer+"/"+escapePointer(key.Str), goKind(item), fixtures.Bool)
		}
		return m == nil
	})
	return m
}

func (f *fieldSpec) checkMembers(v gjson.Result) (m *mismatch) {
	v.ForEach(func(key, item gjson.Result) bool {
		if i, _ := findField(key.Str, f.fields); i >= 0 && item.Type != gjson.Null {
			m = f.fields[i].check(item)
		}
		return m == nil
	})
	return m
}

// misfit words a mismatch as encoding/json does.
func (f *fieldSpec) misfit(v gjson.Result, pointer, got string, want fixtures.Type) *mismatch {
	return &mismatch{
		pointer: pointer, value: v, want: want,
		text: "json: cannot unmarshal " + got + " into Go struct field " + f.goPath + " of type " + goTypeOf(want),
	}
}

func goTypeOf(t fixtures.Type) string {
	switch t {
	case fixtures.Strings:
		return "[]string"
	case fixtures.BoolMap:
		return "map[string]bool"
	case fixtures.Bytes:
		return "[]uint8"
	default:
		return string(t)
	}
}

// goKind is encoding/json's word for a value's JSON type.
func goKind(v gjson.Result) string {
	switch {
	case v.IsObject():
		return "object"
	case v.IsArray():
		return "array"
	case v.IsBool():
		return "bool"
	case v.Type == gjson.String:
		return "string"
	default:
		return "number"
	}
}

// maxDepth is how deep encoding/json follows nested values.
const maxDepth = 10000

// syntaxError says why encoding/json does not take the body for JSON. The fast
// path can only be taken when nesting can't exhaust the stack.
func syntaxError(body []byte) error {
	if bytes.Count(body, []byte{'['})+bytes.Count(body, []byte{'{'}) < maxDepth && gjson.ValidBytes(body) {
		return nil
	}
	var nothing struct{}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(body, &nothing); errors.As(err, &syntax) {
		return err
	}
	return nil
}

// escapePointer writes a name as a part of a JSON Pointer (RFC 6901).
func escapePointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
