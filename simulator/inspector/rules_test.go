package inspector_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/inspector"
)

// fakeRules take any text without "bad" in it.
type fakeRules struct {
	text, source, problem string
	replaced, reset       int
	fail                  error
}

func (r *fakeRules) Text() (string, string) { return r.text, r.source }

func (r *fakeRules) Check(text []byte) (int, error) {
	if strings.Contains(string(text), "worse") {
		return 0, errors.New("<b>much</b> worse")
	}
	if strings.Contains(string(text), "bad") {
		return 0, fmt.Errorf("rules: %w", inspector.RuleErrors{{Line: 2, Column: 3, Message: "m", Excerpt: "e"}, {Message: "n"}})
	}
	return strings.Count(string(text), "- "), nil
}

func (r *fakeRules) Replace(text []byte) (int, error) {
	n, err := r.Check(text)
	if err == nil {
		r.text, r.source = string(text), "edited"
		r.replaced++
	}
	return n, err
}

func (r *fakeRules) Reset() error {
	r.reset++
	return r.fail
}

func (r *fakeRules) Len() int { return strings.Count(r.text, "- ") }

func (r *fakeRules) Explain(a *simulator.Arrival) any {
	return []map[string]any{{"name": "x", "matched": a.Callback != nil}}
}

func (r *fakeRules) Schema() []byte  { return []byte(`{"type":"object"}`) }
func (r *fakeRules) Example() []byte { return []byte("rules: []\n") }
func (r *fakeRules) Problem() string { return r.problem }

func TestRules(t *testing.T) {
	i, rules := full(t, "")
	assert.Equal(t, map[string]any{"text": "rules: []\n", "source": "flags", "rules": 0.0, "example": "rules: []\n", "error": ""}, get(t, i, path("/rules")))

	w := ask(i, "PUT", path("/rules"), "rules:\n- a\n- b\n", "Content-Type", "application/yaml; charset=utf-8")
	require.Equal(t, 200, w.Code)
	want := map[string]any{"text": "rules:\n- a\n- b\n", "source": "edited", "rules": 2.0, "example": "rules: []\n", "error": ""}
	assert.Equal(t, want, parse(t, w.Body))
	assert.Equal(t, 2.0, get(t, i, path("/info"))["rules"])

	rules.problem = "line 3: no such callback"
	assert.Equal(t, "line 3: no such callback", get(t, i, path("/rules"))["error"])
	assert.Equal(t, map[string]any{"type": "object"}, get(t, i, path("/rules/schema")))
	assert.Equal(t, map[string]any{"rules": []any{map[string]any{"name": "x", "matched": true}}, "note": "as the rules are now"}, get(t, i, path("/requests/1/explain")))
	assert.Equal(t, 404, ask(i, "GET", path("/requests/9/explain"), "").Code)
}

func TestBrokenRulesAreRefused(t *testing.T) {
	i, rules := full(t, "")
	for _, op := range [][2]string{{"PUT", "/rules"}, {"POST", "/rules/check"}} {
		w := ask(i, op[0], api+op[1], "bad", "Content-Type", "text/yaml")
		assert.Equal(t, 422, w.Code)
		assert.Equal(t, map[string]any{"errors": []any{
			map[string]any{"line": 2.0, "column": 3.0, "message": "m", "excerpt": "e"}, map[string]any{"line": 0.0, "column": 0.0, "message": "n", "excerpt": ""},
		}}, parse(t, w.Body))
		w = ask(i, op[0], api+op[1], "worse", "Content-Type", "application/x-yaml")
		assert.Equal(t, map[string]any{"errors": []any{map[string]any{"line": 0.0, "column": 0.0, "message": "<b>much</b> worse", "excerpt": ""}}}, parse(t, w.Body))

		large := strings.Repeat("#", 1<<20)
		assert.Equal(t, 200, ask(i, op[0], api+op[1], large, "Content-Type", "text/yaml").Code)
		assert.Equal(t, 413, ask(i, op[0], api+op[1], large+"#", "Content-Type", "text/yaml").Code)
	}
	assert.Equal(t, 1, rules.replaced)
	w := ask(i, "POST", path("/rules/check"), "- a", "Content-Type", "text/yaml")
	assert.Equal(t, map[string]any{"rules": 1.0}, parse(t, w.Body))
	assert.Equal(t, 1, rules.replaced, "check takes nothing")
}

func TestWithoutRules(t *testing.T) {
	i := newInspector()
	i.Record(foreign("/x", ""))
	for _, op := range [][2]string{{"GET", "/rules"}, {"PUT", "/rules"}, {"POST", "/rules/check"}, {"GET", "/rules/schema"}, {"GET", "/requests/1/explain"}, {"POST", "/reset?what=rules"}} {
		contentType := "text/yaml"
		if strings.HasPrefix(op[1], "/reset") {
			contentType = "application/json"
		}
		w := ask(i, op[0], api+op[1], "x", "Content-Type", contentType)
		if op[0] == "GET" {
			w = ask(i, op[0], api+op[1], "")
		}
		assert.Equal(t, 404, w.Code, op)
		assert.Equal(t, map[string]any{"error": "this receiver has no rules"}, parse(t, w.Body))
	}
	assert.Equal(t, 204, ask(i, "POST", path("/reset?what=all"), "").Code)
}

func TestReset(t *testing.T) {
	i, rules := full(t, "")
	for _, c := range []struct {
		what        string
		code, reset int
		total       int
	}{{"", 400, 0, 1}, {"x", 400, 0, 1}, {"rules", 204, 1, 1}, {"requests", 204, 1, 0}, {"all", 204, 2, 0}} {
		assert.Equal(t, c.code, ask(i, "POST", path("/reset?what=%s", c.what), "").Code, c.what)
		assert.Equal(t, []int{c.reset, c.total}, []int{rules.reset, i.Counts().Total}, c.what)
	}
	rules.fail = errors.New("the file is gone")
	assert.Equal(t, 422, ask(i, "POST", path("/reset?what=rules"), "").Code)
}
