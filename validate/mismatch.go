package validate

import (
	"errors"
	"strconv"
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

// spoil notes a value that does not fit a field. The decoder goes on after it
// and reports the first one; but where a field decodes itself, it stops at
// once and reports that.
func (r *reader) spoil(f *fieldSpec, m mismatch) {
	r.misfits++
	if r.stopped || r.mismatch != nil && !f.Wrapped {
		return
	}
	m.pointer, m.want = f.pointer, f.Type
	if m.want == uint8Type {
		m.want, m.overflow = fixtures.Bytes, false // nobody means to send numbers
	}
	r.mismatch, r.stopped = &m, f.Wrapped
}

// misfit words a mismatch as encoding/json does.
func (f *fieldSpec) misfit(v gjson.Result, got string) mismatch {
	into := "Go struct field " + f.goPath
	if f.pointer == "" {
		into = "Go value"
	}
	return mismatch{value: v, text: "json: cannot unmarshal " + got + " into " + into + " of type " + f.goType}
}

// misnumber is misfit for what is no integer, or one out of range.
func (f *fieldSpec) misnumber(v gjson.Result, err error) mismatch {
	m := f.misfit(v, "number "+v.Raw)
	if f.Wrapped {
		m.text = err.Error()
	}
	m.overflow = errors.Is(err, strconv.ErrRange)
	return m
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

func plainDigits[T string | []byte](s T) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return len(s) > 0
}

// escapePointer writes a name as a part of a JSON Pointer (RFC 6901).
func escapePointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
