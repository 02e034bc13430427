package yamlfile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
)

// SameJSON reports whether two JSON texts have the same value: the order of
// members and the spelling of numbers and strings don't matter.
func SameJSON(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, err1 := decodeJSON(a)
	y, err2 := decodeJSON(b)
	return err1 == nil && err2 == nil && sameValue(x, y)
}

func decodeJSON(text json.RawMessage) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err
}

func sameValue(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && sameNumber(a.String(), b.String())
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, sameValue)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, sameValue)
	default:
		return a == b
	}
}

func sameNumber(a, b string) bool {
	order, ok := CompareNumbers(a, b)
	return a == b || ok && order == 0
}

// CompareNumbers compares two numbers as they are written: -1, 0 or 1; not ok:
// one of them is none. Whole numbers compare exactly: ids and times don't all
// fit into a float.
func CompareNumbers(a, b string) (order int, ok bool) {
	x, err1 := strconv.ParseInt(a, 10, 64)
	y, err2 := strconv.ParseInt(b, 10, 64)
	if err1 == nil && err2 == nil {
		return cmp.Compare(x, y), true
	}
	f, err1 := strconv.ParseFloat(a, 64)
	g, err2 := strconv.ParseFloat(b, 64)
	return cmp.Compare(f, g), err1 == nil && err2 == nil && !math.IsNaN(f) && !math.IsNaN(g)
}
