package schematest

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	return compile(t, "urn:imcb:suite", suite.Schema(nil))
}

func compile(t *testing.T, id string, text []byte) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource(id, document))
	compiled, err := c.Compile(id)
	require.NoError(t, err)
	return compiled
}

// instance reads a YAML file as editors do.
func instance(t *testing.T, text []byte) any {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON(text)
	require.NoError(t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	require.NoError(t, err)
	return v
}

func files(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	return filesIn(t, filepath.Join("..", "testdata", folder))
}

func filesIn(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	found := make(map[string][]byte)
	for _, name := range names {
		if ext := filepath.Ext(name); ext == ".yaml" || ext == ".json" {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			found[filepath.Base(name)] = text
		}
	}
	require.NotEmpty(t, found)
	return found
}

func TestSchemaAcceptsWhatParseAccepts(t *testing.T) {
	s := schema(t)
	good := files(t, "good")
	good["the example"] = suite.Example()
	maps.Copy(good, filesIn(t, ".."))
	for name, text := range good {
		assert.NoError(t, s.Validate(instance(t, text)), name)
	}
}

func TestSchemaRejectsWhatIsBuiltWrongly(t *testing.T) {
	s := schema(t)
	for name, text := range files(t, "bad/structure") {
		assert.Error(t, s.Validate(instance(t, text)), name)
	}
}

// TestSchemaRejectsEachMistake puts one mistake into an otherwise good case.
func TestSchemaRejectsEachMistake(t *testing.T) {
	s := schema(t)
	const frame = "%s\ncases:\n- send: beforeSendSingleMsg\n  %s\n"
	require.NoError(t, s.Validate(instance(t, fmt.Appendf(nil, frame, "", ""))))
	require.NoError(t, s.Validate(instance(t, []byte("- {send: beforeSendSingleMsg, expect: refuse}"))))
	assertRejects(t, s, []byte("[]"), "no cases")
	for _, mistake := range []string{
		"url: 5", "url: ''", "timeout: 5", "timeout: soon", "headers: []", "headers: {'a b': c}", "headers: {a: [b]}", "headers: {a: null}",
		"rules: {nothing: error}", "rules: {slow: fatal}", "errcodeRange: many", "errcodeRange: -5", "vars: []", "vars: {a b: c}",
		"seed: -1", "seed: x", "server: newer", "server: []", "jobs: 3",
	} {
		assertRejects(t, s, fmt.Appendf(nil, frame, mistake, ""), mistake)
	}
	for _, mistake := range []string{
		"name: []", "name: ''", "skip: true", "skip: ''", "tags: {a: b}", "repeat: 0", "repeat: x", "steps: []", "steps: [{send: beforeAddFriend}]", "since: newer", "until: []",
		"message: []", "set: []", "setString: {a: [b]}", "add: x", "unset: {a: b}", "data: {a: b}", "data: '{}'\n  set: {a: b}",
		"headers: x", "operationID: []", "expect: refused", "expect: {outcome: refused}", "expect: {errCode: x}", "expect: {errCode: []}",
		"expect: {errMsg: 5}", "expect: {applied: {a: b}}", "expect: {reply: []}", "expect: {status: ok}", "expect: {within: 5}",
		"expect: {findings: nothing}", "expect: {allow: [nothing]}", "expect: {allow: none}", "expect: {code: 5}", "sned: x",
	} {
		assertRejects(t, s, fmt.Appendf(nil, frame, "", mistake), mistake)
	}
}

// assertRejects asks the schema and Parse.
func assertRejects(t *testing.T, s *jsonschema.Schema, text []byte, mistake string) {
	t.Helper()
	assert.Error(t, s.Validate(instance(t, text)), "the schema accepts %s", mistake)
	_, err := suite.Parse("suite.yaml", text, nil, nil)
	assert.Error(t, err, "Parse accepts %s", mistake)
}
