package validate

import (
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// mismatch is a value that the decoder can't put into its field.
type mismatch struct {
	pointer  string
	value    gjson.Result
	want     fixtures.Type
	overflow bool
	// text is the decoder's error.
	text string
}

// misfit notes a value of a wrong type.
func (r *reader) misfit(f *fieldSpec, t token) {
	if r.reports(f) {
		r.spoil(f, t, f.errorText(goKind(r.result(t))))
	}
}

// misread notes a value of the right type that can't be read.
func (r *reader) misread(f *fieldSpec, t token, err error) {
	if !r.reports(f) {
		return
	}
	text := err.Error()
	if !f.Wrapped && f.Type != fixtures.Bytes {
		text = f.errorText("number " + r.raw(t))
	}
	r.spoil(f, t, text)
}

// reports counts a value that does not fit, and says whether the decoder's
// error is about it: the decoder goes on and reports the first one, but where
// a field decodes itself it stops at once and reports that.
func (r *reader) reports(f *fieldSpec) bool {
	r.misfits++
	return !r.stopped && (r.into.mismatch == nil || f.Wrapped)
}

func (r *reader) spoil(f *fieldSpec, t token, text string) {
	m := mismatch{pointer: f.pointer, value: r.result(t), want: f.Type, text: text}
	switch f.Type {
	case fixtures.Int32, fixtures.Int64:
		m.overflow = t.kind == kindNumber && !strings.ContainsAny(m.value.Raw, ".eE")
	case uint8Type:
		m.want = fixtures.Bytes // nobody means to send numbers
	}
	r.into.mismatch, r.stopped = &m, f.Wrapped
}

// errorText words the decoder's error as encoding/json does.
func (f *fieldSpec) errorText(got string) string {
	into := "Go struct field " + f.goPath
	if f.pointer == "" {
		into = "Go value"
	}
	return "json: cannot unmarshal " + got + " into " + into + " of type " + f.goType
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
