package yamlfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

func TestATreeKeepsWhatTheFileSays(t *testing.T) {
	tree, failed := yamlfile.ParseTree([]byte("a: &x !tag 5\na: *x\n<<: {b: 1}\n---\n---\nc: 中文\n"))
	require.Nil(t, failed)
	require.Len(t, tree.Documents, 3)
	content := tree.Documents[0].Content[0].Content
	require.Len(t, content, 6, "keys that stand twice, and <<, are there")
	assert.Equal(t, []any{"x", "!tag", true}, []any{content[1].Anchor, content[1].Tag, yamlfile.IsTagged(content[1])})
	assert.Same(t, content[1], content[3].Alias)
	assert.True(t, yamlfile.IsMerge(content[4]))
	assert.Equal(t, "!!null", tree.Documents[1].Content[0].Tag)
	assert.Equal(t, yaml.DocumentNode, tree.Documents[2].Kind)

	empty, failed := yamlfile.ParseTree([]byte("# nothing\n"))
	require.Nil(t, failed)
	assert.Empty(t, empty.Documents)
}

func TestPlaces(t *testing.T) {
	for text, want := range map[string]yamlfile.Place{
		"中文: abc\n":                       {Line: 1, Col: 5, Width: 3},
		"a: 'b c'\n":                      {Line: 1, Col: 4, Width: 5},
		"a: &x !!str   5\n":               {Line: 1, Col: 15, Width: 1},
		"a: &x # why\n  bcd: 1\n":         {Line: 2, Col: 3, Width: 3},
		"a: &x\n  - 1\n":                  {Line: 2, Col: 3, Width: 1},
		"a: {b: 1}\n":                     {Line: 1, Col: 4, Width: 1},
		"a: |\n  b\n":                     {Line: 1, Col: 4, Width: 1},
		"a: \"b\\nc\"\n":                  {Line: 1, Col: 4, Width: 3},
		"a: &x\n":                         {Line: 1, Col: 4, Width: 1},
		"a:\r\n  b\r\n":                   {Line: 2, Col: 3, Width: 1},
		"\ufeffa: b\n":                    {Line: 1, Col: 4, Width: 1},
		"\xff\xfea\x00:\x00 \x00-N\n\x00": {Line: 1, Col: 4, Width: 1}, // UTF-16
	} {
		tree, failed := yamlfile.ParseTree([]byte(text))
		require.Nil(t, failed, text)
		assert.Equal(t, want, tree.Place(tree.Documents[0].Content[0].Content[1]), "%q", text)
	}
}

func TestSyntaxErrorsSayWhereAndWhatToWrite(t *testing.T) {
	for text, want := range map[string]yamlfile.Problem{
		"a:\n\tb: 1\n":           {Place: yamlfile.Place{Line: 2, Col: 1, Width: 1}, Message: words.Plain("while scanning for the next token: found character that cannot start any token; indent with spaces, not tabs")},
		"a: @b\n":                {Place: yamlfile.Place{Line: 1, Col: 4, Width: 1}, Message: words.Plain("while scanning for the next token: found character that cannot start any token; put the value in quotes")},
		"a: b: c\n":              {Place: yamlfile.Place{Line: 1, Col: 5, Width: 1}, Message: words.Plain(`mapping values are not allowed in this context; put a value with ": " in quotes`)},
		"a: {b: 1\n\n":           {Place: yamlfile.Place{Line: 1, Col: 4, Width: 1}, Message: words.Plain("while parsing a flow mapping: did not find expected ',' or '}'; in [] and {}, put values with brackets or braces in quotes")},
		"b: 1\na: [":             {Place: yamlfile.Place{Line: 2, Col: 4, Width: 1}, Message: words.Plain("while parsing a flow node: did not find expected node content")},
		"a: *b\n":                {Place: yamlfile.Place{Line: 1, Col: 4, Width: 1}, Message: words.Plain("there is no anchor &b before this")},
		"b: 1\na: 中\xd6":         {Place: yamlfile.Place{Line: 2, Col: 5, Width: 1}, Message: words.Plain("incomplete UTF-8 octet sequence; save the file as UTF-8")},
		"%YAML 1.2\n---\na: b\n": {Place: yamlfile.Place{Line: 1, Col: 1, Width: 1}, Message: words.Plain("found incompatible YAML document; leave the line %YAML out")},
		"a: \x00":                {Place: yamlfile.Place{Line: 1, Col: 4, Width: 1}, Message: words.Plain("control characters are not allowed (value: 0)")},
	} {
		_, failed := yamlfile.ParseTree([]byte(text))
		require.NotNil(t, failed, text)
		assert.Equal(t, want, yamlfile.Problem{Place: failed.Place, Message: words.Plain(failed.Message.String())}, "%q", text)
	}
}

func TestTheGuardFollowsAliases(t *testing.T) {
	deep := "a0: &a0 [x]\n"
	for i := range 70 {
		deep += fmt.Sprintf("a%d: &a%d [*a%d]\n", i+1, i+1, i)
	}
	large := "a: &a [" + strings.Repeat("xxxxxxxxx,", 100) + "]\nb: &b [" + strings.Repeat("*a,", 1000) + "]\nc: [" + strings.Repeat("*b,", 100) + "]\n"
	for text, want := range map[string]string{
		deep:                            "too-deep",
		strings.Repeat("- ", 100):       "too-deep",
		strings.Repeat("{a: ", 100_000): "too-deep",
		large:                           "too-large",
	} {
		_, failed := yamlfile.ParseTree([]byte(text))
		require.NotNil(t, failed)
		assert.Equal(t, want, failed.Message.ID())
		assert.Positive(t, failed.Line)
	}
	_, failed := yamlfile.ParseTree([]byte("a: &a [*a]\n"))
	assert.Nil(t, failed, "what holds itself is for the readers to refuse")
}
