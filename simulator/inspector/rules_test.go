package inspector_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/simulator/rules"
)

func TestRules(t *testing.T) {
	i, book := full(t, "")
	example := string(rules.Example())
	assert.Equal(t, map[string]any{"text": "rules: []\n", "source": "flags", "rules": 0.0, "example": example, "error": ""}, get(t, i, path("/rules")))

	text := "rules:\n- {allow: true, times: 1}\n- allow: true\n"
	w := ask(i, "PUT", path("/rules"), text, "Content-Type", "application/yaml; charset=utf-8")
	require.Equal(t, 200, w.Code)
	want := map[string]any{"text": text, "source": "edited", "rules": 2.0, "example": example, "error": ""}
	assert.Equal(t, want, parse(t, w.Body))
	assert.Equal(t, 2.0, get(t, i, path("/info"))["rules"])

	book.Fail(errors.New("line 3: no such callback"))
	assert.Equal(t, "line 3: no such callback", get(t, i, path("/rules"))["error"])
	assert.Equal(t, "urn:imcb:rules", get(t, i, path("/rules/schema"))["$id"])
	explained := get(t, i, path("/requests/1/explain"))
	assert.Equal(t, "as the rules are now", explained["note"])
	assert.Equal(t, map[string]any{"name": "rule 2", "matched": false, "delays": false, "criteria": []any{
		map[string]any{"what": "order", "want": "no earlier rule answers", "got": "rule 1 answers", "ok": false},
	}}, explained["rules"].([]any)[1])
	assert.Equal(t, 404, ask(i, "GET", path("/requests/9/explain"), "").Code)
}

func TestBrokenRulesAreRefused(t *testing.T) {
	i, book := full(t, "")
	for _, op := range [][2]string{{"PUT", "/rules"}, {"POST", "/rules/check"}} {
		before := sourceOf(book)
		w := ask(i, op[0], api+op[1], "rules:\n  - allow: true\n    <b>x</b>: 1\n  - alow: true\n", "Content-Type", "text/yaml")
		assert.Equal(t, 422, w.Code)
		mistakes := parse(t, w.Body)["errors"].([]any)
		require.Len(t, mistakes, 2)
		assert.Contains(t, mistakes[0].(map[string]any)["message"], `unknown key "<b>x</b>" in a rule`)
		assert.Equal(t, map[string]any{
			"line": 4.0, "column": 5.0, "message": `unknown key "alow" in a rule: did you mean allow?`, "excerpt": "   4 |   - alow: true\n     |     ^~~~",
		}, mistakes[1])
		w = ask(i, op[0], api+op[1], "{", "Content-Type", "application/x-yaml")
		assert.Equal(t, 422, w.Code)
		assert.Len(t, parse(t, w.Body)["errors"], 1)
		assert.Equal(t, before, sourceOf(book))

		large := "rules: []\n" + strings.Repeat("#", 1<<20-len("rules: []\n"))
		assert.Equal(t, 200, ask(i, op[0], api+op[1], large, "Content-Type", "text/yaml").Code)
		assert.Equal(t, 413, ask(i, op[0], api+op[1], large+"#", "Content-Type", "text/yaml").Code)
		assert.Equal(t, []string{large, "edited"}, sourceOf(book))
	}
	before := sourceOf(book)
	w := ask(i, "POST", path("/rules/check"), "rules: [{allow: true}]", "Content-Type", "text/yaml")
	assert.Equal(t, map[string]any{"rules": 1.0}, parse(t, w.Body))
	assert.Equal(t, before, sourceOf(book), "check takes nothing")
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
	i, book := full(t, "")
	loaded := sourceOf(book)
	for _, c := range []struct {
		what  string
		code  int
		rules []string
		total int
	}{{"", 400, edited, 1}, {"x", 400, edited, 1}, {"rules", 204, loaded, 1}, {"requests", 204, edited, 0}, {"all", 204, loaded, 0}} {
		edit(t, book)
		assert.Equal(t, c.code, ask(i, "POST", path("/reset?what=%s", c.what), "").Code, c.what)
		assert.Equal(t, []any{c.rules, c.total}, []any{sourceOf(book), i.Counts().Total}, c.what)
	}
}

// Where there are no rules there is nothing to explain, and one answer says so.
func TestNothingIsExplainedWithoutRules(t *testing.T) {
	i := newInspector()
	i.Record(foreign("/x", ""))
	w := ask(i, "GET", path("/requests/1/explain"), "")
	assert.Equal(t, 404, w.Code)
	assert.True(t, json.Valid(w.Body.Bytes()), w.Body.String())
}
