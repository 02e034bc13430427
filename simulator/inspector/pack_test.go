package inspector

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
)

// fillValue sets every field to a value of its own, lists to two.
func fillValue(v reflect.Value, n *int) {
	*n++
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(int64(*n), int64(*n))))
	case v.Type() == reflect.TypeFor[words.Text]():
		v.Set(reflect.ValueOf(words.Plain(fmt.Sprint("text ", *n))))
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			fillValue(field, n)
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fallthrough
	case v.Kind() == reflect.Array:
		for i := range v.Len() {
			fillValue(v.Index(i), n)
		}
	case v.Kind() == reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(int64(-*n))
	case v.CanUint():
		v.SetUint(uint64(*n))
	case v.Kind() != reflect.Pointer:
		panic(v.Type())
	}
}

// Unpack gives back what was packed, all fields of it.
func TestPack(t *testing.T) {
	var full simulator.Arrival
	n := 0
	fillValue(reflect.ValueOf(&full).Elem(), &n)
	full.Differs = nil // kept beside it
	assert.Equal(t, full, unpack(pack(nil, &full)))

	empty := unpack(pack(nil, &simulator.Arrival{}))
	assert.True(t, empty.Time.IsZero())
	empty.Time, empty.Request.Body, empty.Reply.Body = time.Time{}, nil, nil
	assert.Equal(t, simulator.Arrival{}, empty)
}

// What is held stays as it is, whatever is held after it.
func TestStoreHoldsCopies(t *testing.T) {
	var s store
	text := func(n int) []byte { return bytes.Repeat([]byte{byte(n)}, n*37%(maxShared+100)) }
	var held [][]byte
	for n := range 500 {
		given := text(n)
		held = append(held, s.hold(given))
		clear(given)
		_ = append(held[n], "it has no room for this"...)
	}
	for n := range held {
		assert.True(t, bytes.Equal(text(n), held[n]), n)
	}
}
