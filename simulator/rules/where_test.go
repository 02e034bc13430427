package rules_test

import (
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const body = `{"sendID":"4930183725","seq":7,"big":9007199254740993,"text":"5","ok":true,"nothing":null,"ids":["a","b"],
"content":"{\"content\":\"buy spam\",\"deep\":\"{\\\"x\\\":[1,2]}\"}","broken":"{no"}`

func TestConditions(t *testing.T) {
	for _, c := range []struct {
		path string
		want any
		miss string // empty: it is met
	}{
		{"sendID", "4930183725", ""},
		{"sendID", 4930183725, ""},
		{"sendID", "1", `miss path=sendID got=("4930183725") want=("1")`},
		{"seq", 7, ""},
		{"seq", "7", ""},
		{"seq", 7.0, ""},
		{"seq", "x", `miss path=seq got=(7) want=("x")`},
		{"ok", true, ""},
		{"ok", false, "miss path=ok got=(true) want=(false)"},
		{"nothing", nil, ""},
		{"missing", nil, ""},
		{"missing", "1", `miss path=missing got=(want.missing) want=("1")`},
		{"seq", nil, "miss path=seq got=(7) want=(null)"},
		{"ids", object{"equals": []string{"a", "b"}}, ""},
		{"ids", object{"equals": []string{"b", "a"}}, `miss path=ids got=(["a","b"]) want=(["b","a"])`},
		{"ids.1", "b", ""},
		{"ids.#", 2, ""},
		{`ids.#(=="b")`, object{"exists": true}, ""},
		{"content.content", object{"regex": "(?i)SPAM"}, ""},
		{"content.content", object{"regex": "^x"}, `miss path=content.content got=("buy spam") want=(want.match pattern=^x)`},
		{"content.deep.x.1", 2, ""},
		{"broken.no", object{"exists": true}, "miss.missing path=broken.no"},
		{"sendID", object{"exists": false}, `miss path=sendID got=("4930183725") want=(want.missing)`},
		{"missing", object{"exists": false}, ""},
		{"seq", object{"greater": 6}, ""},
		{"seq", object{"greater": 7}, "miss path=seq got=(7) want=(want.more n=7)"},
		{"seq", object{"less": 7.5}, ""},
		{"text", object{"greater": 4, "less": 6}, ""},
		{"big", object{"greater": 9007199254740992}, ""},
		{"big", object{"greater": 9007199254740993}, "miss path=big got=(9007199254740993) want=(want.more n=9007199254740993)"},
		{"sendID", object{"greater": "x"}, "parse"},
		{"seq", object{"in": []any{"1", 7}}, ""},
		{"seq", object{"in": []any{"1", 8}}, `miss path=seq got=(7) want=(want.one values="1", 8)`},
		{"seq", object{"not": 7}, "miss path=seq got=(7) want=(want.other want=(7))"},
		{"seq", object{"not": object{"greater": 7}}, ""},
		{"missing", object{"not": "x"}, ""},
		{"missing", object{"regex": ""}, "parse"},
		{"missing", object{"regex": ".*"}, "miss path=missing got=(want.missing) want=(want.match pattern=.*)"},
		{"ids", []string{"a"}, "parse"},
		{"", 1, "parse"},
	} {
		conditions, err := rules.ParseWhere(map[string]any{c.path: c.want})
		if c.miss == "parse" {
			assert.Error(t, err, "%s %v", c.path, c.want)
			continue
		}
		require.NoError(t, err)
		var want []string
		if c.miss != "" {
			want = []string{c.miss}
		}
		assert.Equal(t, want, saidAll(conditions.Misses([]byte(body))), "%s %v", c.path, c.want)
		assert.Equal(t, want == nil, conditions.Match([]byte(body)), "%s %v", c.path, c.want)
	}
}

type object = map[string]any

func TestConditionsOfNothing(t *testing.T) {
	none, err := rules.ParseWhere(nil)
	require.NoError(t, err)
	assert.True(t, none.Match(nil))
	one, err := rules.ParseWhereText("a=1")
	require.NoError(t, err)
	assert.Equal(t, []string{`miss path=a got=(want.missing) want=("1")`}, saidAll(one.Misses([]byte("no JSON"))))
	two, err := rules.ParseWhereText(`b.#(c=="=").d=x=y`)
	require.NoError(t, err)
	assert.True(t, one.And(two).Match([]byte(`{"a":1,"b":[{"c":"=","d":"x=y"}]}`)))
	assert.False(t, one.And(two).Match([]byte(`{"a":1}`)))
}

func TestConditionsAreCountedAndNamed(t *testing.T) {
	c, err := rules.ParseWhere(object{"a": "1", "b\x1b": object{"regex": "^x", "not": "xy"}, "c": nil})
	require.NoError(t, err)
	assert.Equal(t, 3, c.Len())
	assert.Equal(t, `a "1", b\x1b other than "xy" and a match of /^x/, c null`, c.Text().String())
	for body, want := range map[string]int{`{"a":1,"b\u001b":"xz"}`: 0, `{"a":2,"b\u001b":"xz","c":null}`: 1, `{"b\u001b":"xy","c":0}`: 3, "no JSON": 2} {
		assert.Equal(t, want, c.Unmet([]byte(body)), body)
		assert.Len(t, c.Misses([]byte(body)), want, body)
	}
	var none rules.Conditions
	assert.Equal(t, []any{0, "", 0}, []any{none.Len(), none.Text().String(), none.Unmet(nil)})
}

func TestParseWhereSaysWhatIsWrong(t *testing.T) {
	_, err := rules.ParseWhere(map[string]any{"a": object{"regex": "(", "exist": true}})
	assert.EqualError(t, err, "unknown key \"exist\" in a condition: did you mean exists?; this is no pattern: error parsing regexp: missing closing ): `(`")
	for _, text := range []string{"", "a", "=1"} {
		_, err := rules.ParseWhereText(text)
		assert.ErrorContains(t, err, "write PATH=VALUE, for example sendID=4930183725")
	}
	_, err = rules.ParseWhere(map[string]any{"a": strings.Repeat("x", rules.MaxSize)})
	assert.ErrorContains(t, err, "more than the limit")
	_, err = rules.ParseWhere(map[string]any{"a": func() {}})
	assert.Error(t, err)
}
