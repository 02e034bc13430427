package rules_test

import (
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzParse reads any file; one that holds rules answers.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"good/*", "bad/*/*"} {
		for _, text := range files(f, pattern) {
			f.Add(text, `{"fromUserID":"1"}`)
		}
	}
	f.Add(rules.Example(), `{"content":"{}"}`)
	f.Fuzz(func(t *testing.T, text []byte, request string) {
		s, err := rules.New("fuzz", text, rules.Options{Server: validate.On(fixtures.Main)})
		if err != nil {
			assert.NotContains(t, err.Error(), "\x1b")
			return
		}
		for _, name := range []string{"", "beforeAddFriend", "beforeMsgModify", "afterSendSingleMsg"} {
			a := arrival(t, name, request)
			s.Explain(a)
			answer, _ := s.Respond(a)
			assert.LessOrEqual(t, len(answer.Body), 16<<20)
		}
		s.Rules()
	})
}

// FuzzRespond fills templates in, and looks for paths, from any request.
func FuzzRespond(f *testing.F) {
	f.Add(`{"sendID":"1","content":"{\"content\":\"x\"}"}`, "content.content", "test-1")
	f.Add("{", `ids.#(a=="b")`, "\r\n")
	f.Add(`{"a":{"b":"[1]"}}`, "a.b.0|@reverse", "")
	f.Add(`{"a":[{"b":2,"c":1}]}`, "a.#(b>1)#.c=1", "")
	f.Add("[[[", `@pretty:{"a":1}|@this=x`, "")
	s := parse(f, everyTemplate)
	f.Fuzz(func(t *testing.T, request, path, header string) {
		if conditions, err := rules.ParseWhere(map[string]any{path: map[string]any{"regex": "x", "not": 1}}); err == nil {
			conditions.Match([]byte(request))
			conditions.Misses([]byte(request))
		}
		if conditions, err := rules.ParseWhereText(path); err == nil {
			assert.Equal(t, len(conditions.Misses([]byte(request))), conditions.Unmet([]byte(request)))
			assert.NotContains(t, conditions.Text().String(), "\x1b")
		}
		for _, name := range []string{"beforeMsgModify", "beforeAddFriend"} {
			answer, ok := s.Respond(arrival(t, name, request, validate.Header{"X-A", header}))
			require.True(t, ok)
			assert.LessOrEqual(t, len(answer.Body), 2<<20)
			for _, h := range answer.Headers {
				assert.False(t, strings.ContainsAny(h[1], "\r\n\x00"), "%q", h[1])
			}
		}
	})
}

const everyTemplate = `
rules:
  - match: {callback: beforeMsgModify}
    modify: {ex: "${request.ex | json | upper} ${request.content.content | base64} ${header.X-A} ${now}", content: "${request.content}"}
    fault: true
  - match: {callback: beforeAddFriend}
    raw: {headers: {X-A: "${header.X-A}", X-B: "${request.reqMsg}"}, body: "${request.ex ?? request.reqMsg | lower | length} ${request.fromUserID | trim}"}
    fault: true
`

// What any file takes is bounded by its length: 20 allocations a byte.
func TestNoFileTakesMuch(t *testing.T) {
	units := []string{
		"&a ", "- ", "a: ", "[", "{", "*a\n", "- raw: {body: ''}\n", "${", "${a|", "- sequence: [", "a: &x\n", "<<: ",
	}
	for _, unit := range units {
		allocations := testing.AllocsPerRun(1, func() {
			_, err := rules.New("long", []byte("rules:\n"+strings.Repeat(unit, (16<<10)/len(unit))), rules.Options{})
			require.Error(t, err)
		})
		assert.Less(t, allocations, 20.0*(16<<10), "%q", unit)
	}
	many := "rules:\n" + strings.Repeat("- {times: 1, raw: {body: '{}', status: 500}, fault: false, probability: 0.5}\n", rules.MaxAnswers)
	allocations := testing.AllocsPerRun(1, func() {
		_, err := rules.New("many", []byte(many), rules.Options{Server: validate.On(fixtures.DefaultRelease)})
		require.Error(t, err)
	})
	assert.Less(t, allocations, 20*float64(len(many)))
}
