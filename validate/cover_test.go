package validate_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhen(t *testing.T) {
	long := `"` + strings.Repeat("x", 65536) + `"`
	for want, pairs := range map[string][]string{
		`contentType is 102 (picture)`:                         {"contentType", "102"},
		`contentType is 4711`:                                  {"contentType", "4711"},
		`nickName is empty`:                                    {"nickName", `""`},
		`atUserList is null`:                                   {"atUserList", "null"},
		`atUserList is an empty list`:                          {"atUserList", "[]"},
		`atUserList is ["AtAllTag"]`:                           {"atUserList", `["AtAllTag"]`},
		`members is a list of 30`:                              {"members", "[" + strings.Repeat(`"1234567890",`, 29) + `"1"]`},
		`title is absent`:                                      {"title", ""},
		`ex is 64 KB of text`:                                  {"ex", long},
		`text is 101 bytes of text`:                            {"text", long[:102] + `"`},
		`ex is "{\"k\":\"v\"}"`:                                {"ex", `"{\"k\":\"v\"}"`},
		`info is an object of 102 bytes`:                       {"info", `{"k":"` + strings.Repeat("x", 94) + `"}`},
		`sendTime is 9007199254740993 (above 2^53)`:            {"sendTime", "9007199254740993"},
		`name, text and ex are empty`:                          {"name", `""`, "text", `""`, "ex", `""`},
		`contentType is 106 (at) and atUserList is null`:       {"contentType", "106", "atUserList", "null"},
		`a is absent, b is null and c and d are an empty list`: {"a", "", "b", "null", "c", "[]", "d", "[]"},
	} {
		var differs []fixtures.Difference
		for i := 0; i < len(pairs); i += 2 {
			d := fixtures.Difference{Path: pairs[i]}
			if pairs[i+1] != "" {
				d.Value = json.RawMessage(pairs[i+1])
			}
			differs = append(differs, d)
		}
		assert.Equal(t, want, validate.When(differs).String())
	}
}

// What the catalog's requests differ in, can be said in a line.
func TestWhenOfEveryCase(t *testing.T) {
	for _, c := range fixtures.All() {
		for _, k := range c.Cases(fixtures.DefaultRelease)[1:] {
			text := validate.When(k.Differs).String()
			assert.LessOrEqual(t, len([]rune(text)), 400, "%s %s: %s", c.Key, k.Name, text)
		}
	}
}

func TestResultOfACauseAsJSON(t *testing.T) {
	r := validate.Result{Cover: &validate.Cover{
		Requests: 3, Differs: []fixtures.Difference{{Path: "nickName", Value: json.RawMessage(`""`)}, {Path: "ex"}}, Also: []string{"a", "b"},
	}}
	text, err := json.Marshal(r)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"requests":3,"well":0,"differs":[{"path":"nickName","value":""},{"path":"ex"}],"also":["a","b"]`)
	text, err = json.Marshal(validate.Result{})
	require.NoError(t, err)
	assert.NotContains(t, string(text), "requests")
}
