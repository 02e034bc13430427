package inspector

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// object is a JSON object of the document.
type object map[string]any

var update = flag.Bool("update", false, "write the document anew")

// TestDocumentIsTheRoutesAndTypes: openapi.json says what the table of routes and
// the types of the answers do.
func TestDocumentIsTheRoutesAndTypes(t *testing.T) {
	text, err := json.MarshalIndent(openAPI(New(Options{}).routes()), "", "  ")
	require.NoError(t, err)
	text = append(text, '\n')
	if *update {
		require.NoError(t, os.WriteFile("openapi.json", text, 0o644))
	}
	want, err := os.ReadFile("openapi.json")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(text), "to take what the code says: go test ./simulator/inspector -update")
}

// openAPI describes the routes as OpenAPI 3.1.
func openAPI(routes []route) object {
	paths := object{}
	for _, r := range routes {
		item, ok := paths[r.path].(object)
		if !ok {
			item = object{}
			paths[r.path] = item
		}
		item[strings.ToLower(r.method)] = r.operation()
	}
	return object{
		"openapi": "3.1.0",
		"info": object{
			"title": "imcb serve", "version": "1",
			"description": "What arrived at a mock receiver of OpenIM callbacks, and the rules by which it answers. GET changes nothing. Errors are {\"error\":\"…\"}.",
			"license":     object{"name": "Apache License 2.0", "identifier": "Apache-2.0"},
		},
		"servers":    []object{{"url": "/"}},
		"paths":      paths,
		"security":   []object{{}, {"token": []string{}}},
		"components": object{"schemas": schemas(), "securitySchemes": object{"token": object{"type": "http", "scheme": "bearer"}}},
	}
}

func (r *route) operation() object {
	o := object{"summary": r.summary, "operationId": r.operationID(), "responses": r.responses()}
	if isOpen(r.path) {
		o["security"] = []object{}
	}
	var params []object
	for _, p := range r.params {
		params = append(params, p.object(r.path))
	}
	if params != nil {
		o["parameters"] = params
	}
	if r.takes != "" {
		schema := object{"type": "string"}
		if r.takes == typeJSON {
			schema = ref("Question")
		}
		o["requestBody"] = object{"required": true, "content": object{r.takes: object{"schema": schema}}}
	}
	return o
}

// operationID is unique and made of the method and the path.
func (r *route) operationID() string {
	name := strings.ToLower(r.method)
	words := strings.FieldsFunc(strings.TrimPrefix(strings.TrimPrefix(r.path, api), Prefix), func(c rune) bool { return strings.ContainsRune("/{}.", c) })
	if len(words) == 0 {
		words = []string{"page"}
	}
	for _, w := range words {
		name += strings.ToUpper(w[:1]) + w[1:]
	}
	return name
}

func (p param) object(path string) object {
	o := object{"name": p.name, "in": "query", "description": p.about, "schema": object{"type": p.kind}}
	switch {
	case strings.Contains(path, "{"+p.name+"}"):
		o["in"], o["required"] = "path", true
	case p.kind == "array":
		o["schema"] = object{"type": "array", "items": object{"type": "string"}}
	case p.name == "what":
		o["required"] = true
	}
	return o
}

func (r *route) responses() object {
	all := object{}
	if r.gives == "" {
		all["204"] = object{"description": "done"}
	} else {
		schema := object{"type": "string"}
		if r.shape != "" {
			schema = ref(r.shape)
		}
		all["200"] = object{"description": r.summary, "content": object{r.gives: object{"schema": schema}}}
	}
	fails := r.fails
	if !isOpen(r.path) {
		fails = append([]int{http.StatusUnauthorized}, fails...)
	}
	for _, status := range fails {
		all[strconv.Itoa(status)] = object{"description": http.StatusText(status), "content": object{typeJSON: object{"schema": ref(r.failShape(status))}}}
	}
	return all
}

// failShape names the schema of an error's answer.
func (r *route) failShape(status int) string {
	switch {
	case status == http.StatusUnprocessableEntity:
		return "RuleErrors"
	case status == http.StatusRequestTimeout:
		return "Waited"
	case status == http.StatusServiceUnavailable && r.shape == "Status":
		return "Status"
	default:
		return "Error"
	}
}

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }
