package validate

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// merges reports whether several values of the field add up: the decoder
// writes a later object, list or map over the one that is there already.
func (f *fieldSpec) merges() bool { return f.element != nil || f.Type == fixtures.Object }

// merged is what the field holds when the body has it several times, or with a
// value that does not fit. The decoder itself says so: how a list grows over an
// older one, and what an error leaves behind, is its secret.
func (f *fieldSpec) merged(body []byte) gjson.Result {
	pointer := f.Nullable && !f.merges()
	reply := reflect.New(reflect.StructOf([]reflect.StructField{f.goStructField(0, pointer)}))
	_ = json.Unmarshal(body, reply.Interface())                               // an error is the reply's, not ours
	return gjson.ParseBytes(fixtures.JSON(reply.Elem().Field(0).Interface())) // what came from JSON can be written as JSON
}

// stored is what OpenIM makes of a value that fits: in lists and maps null
// becomes "" or false, objects get the members that they lack, and what is no
// character U+FFFD.
func (f *fieldSpec) stored(raw string) string {
	if len(f.fields) == 0 && !strings.Contains(raw, "null") && !strings.Contains(raw, `\u`) && utf8.ValidString(raw) {
		return raw
	}
	return f.merged([]byte("{" + strconv.Quote(f.Name) + ":" + raw + "}")).Raw
}

// goStructField is the field in a struct type like OpenIM's.
func (f *fieldSpec) goStructField(place int, pointer bool) reflect.StructField {
	t := f.reflectType()
	if pointer {
		t = reflect.PointerTo(t)
	}
	return reflect.StructField{Name: fmt.Sprintf("Field%d", place), Type: t, Tag: reflect.StructTag(fmt.Sprintf("json:%q", f.Name))}
}

func (f *fieldSpec) reflectType() reflect.Type {
	switch f.Type {
	case fixtures.Bool:
		return reflect.TypeFor[bool]()
	case fixtures.Int32:
		return reflect.TypeFor[int32]()
	case fixtures.Int64:
		return reflect.TypeFor[int64]()
	case fixtures.Bytes:
		return reflect.TypeFor[[]byte]()
	case fixtures.Strings:
		return reflect.TypeFor[[]string]()
	case fixtures.BoolMap:
		return reflect.TypeFor[map[string]bool]()
	case fixtures.Object:
		return reflect.PointerTo(f.memberStruct())
	case fixtures.Objects:
		return reflect.SliceOf(reflect.PointerTo(f.memberStruct()))
	default:
		return reflect.TypeFor[string]()
	}
}

// memberStruct is the struct type of the field's objects. OpenIM's hold either
// pointers only or none.
func (f *fieldSpec) memberStruct() reflect.Type {
	pointers := slices.ContainsFunc(f.fields, func(m fieldSpec) bool { return m.Nullable })
	members := make([]reflect.StructField, len(f.fields))
	for i := range f.fields {
		members[i] = f.fields[i].goStructField(i, pointers)
	}
	return reflect.StructOf(members)
}
