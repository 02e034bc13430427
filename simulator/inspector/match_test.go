package inspector

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/imcb-dev/imcb/validate"
)

func TestConditionIsParsed(t *testing.T) {
	for text, want := range map[string][2]string{
		"a=b": {"a", "b"}, "a=b=c": {"a", "b=c"}, "a=": {"a", ""}, `users.#(userID=="1").nickname=Ann`: {`users.#(userID=="1").nickname`, "Ann"},
		"a)=b": {"a)", "b"},
	} {
		c, err := parseCondition(text)
		assert.NoError(t, err)
		assert.Equal(t, condition{path: want[0], text: want[1]}, c)
	}
	for _, text := range []string{"", "a", "=b", "#(a=b"} {
		_, err := parseCondition(text)
		assert.Error(t, err, text)
	}
}

func TestTextIsFoundAcrossPieces(t *testing.T) {
	for _, at := range []int{0, foldPiece - 3, foldPiece - 1, foldPiece, 3*foldPiece - 2} {
		text := make([]byte, 4*foldPiece)
		copy(text[at:], "NeedLE")
		assert.True(t, containsFold(text, []byte("needle")), at)
		assert.False(t, containsFold(text, []byte("needles")), at)
	}
}

func TestFindingsCountAsMemory(t *testing.T) {
	e := &entry{}
	plain := sizeOf(&e.Arrival)
	assert.Equal(t, int64(entryCost), plain)
	e.Differs = append(e.Differs, make([]validate.Finding, 1000)...)
	assert.Equal(t, int64(entryCost+144_000), sizeOf(&e.Arrival))
}

func FuzzCondition(f *testing.F) {
	f.Add("content.text=x", []byte(`{"content":"{\"text\":\"x\"}"}`), []byte(`"x"`))
	f.Add("a.#(b>1)#.c=1", []byte(`{"a":[{"b":2,"c":1}]}`), []byte("[1]"))
	f.Add("@pretty:{\"a\":1}|@this=x", []byte(`[[[`), []byte("null"))
	f.Fuzz(func(_ *testing.T, where string, body, raw []byte) {
		c, err := parseCondition(where)
		if err != nil {
			return
		}
		c.holds(body)
		c.missed(body)
		if json.Valid(raw) {
			c.raw = raw
			c.holds(body)
			c.missed(body)
		}
	})
}
