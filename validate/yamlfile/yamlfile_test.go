package yamlfile_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type pet struct {
	name  string
	age   uint64
	nap   time.Duration
	likes []string
	owner struct{ name string }
}

type decoder struct{ yamlfile.Reader }

var ownerKeys = yamlfile.NewTable("an owner", []yamlfile.Key[*decoder, struct{ name string }]{
	yamlfile.NewKey("owner", "Whose it is.", yamlfile.WordSchema, func(d *decoder, o *struct{ name string }, n *yamlfile.Node) {
		o.name, _ = d.Word(n, "owner")
	}),
})

var keys = yamlfile.NewTable("a pet", append([]yamlfile.Key[*decoder, pet]{
	yamlfile.NewKey("name", "What it is called.", yamlfile.WordSchema, func(d *decoder, p *pet, n *yamlfile.Node) { p.name, _ = d.Word(n, "name") }),
	yamlfile.NewKey("age", "In years.", yamlfile.Schema{"type": "integer"}, func(d *decoder, p *pet, n *yamlfile.Node) { p.age, _ = d.WholeNumber(n, "age", 0, 30) }),
	yamlfile.NewKey("nap", "How long it sleeps.", yamlfile.DurationSchema, func(d *decoder, p *pet, n *yamlfile.Node) { p.nap, _ = d.Duration(n, "nap") }),
	yamlfile.NewKey("likes", "What it likes.", yamlfile.WordsSchema, func(d *decoder, p *pet, n *yamlfile.Node) { p.likes = yamlfile.Texts(d.Words(n, "likes")) }),
}, yamlfile.Lift(ownerKeys.Keys, func(p *pet) *struct{ name string } { return &p.owner })...))

// read reads a pet, and returns what is wrong with it.
func read(text string) (pet, error) {
	var d decoder
	var p pet
	root, problems := yamlfile.Read([]byte(text), "a pet file")
	for _, one := range problems {
		d.Fail(one.Place, one.Message)
	}
	if len(problems) == 0 {
		keys.Read(&d, &p, root)
	}
	return p, d.Errors(yamlfile.NewSource("pet.yaml", []byte(text)), nil)
}

func TestATableReadsAMapping(t *testing.T) {
	want := pet{name: "007", age: 3, nap: 90 * time.Second, likes: []string{"fish", "5"}}
	want.owner.name = "Ann"
	for _, text := range []string{
		"name: 007\nage: 3\nnap: 1m30s\nlikes: [fish, 5]\nowner: Ann\n",
		`{"name": "007", "age": 3, "nap": "1m30s", "likes": ["fish", 5], "owner": "Ann"}`,
	} {
		got, err := read(text)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	_, err := read("unheardOf: 1")
	assert.ErrorContains(t, err, `unknown key "unheardOf" in a pet: it takes name, age, nap, likes, owner`)
}

func TestMistakesStandInTheOrderOfTheFile(t *testing.T) {
	_, err := read("nmae: x\nage: 31\nnap: 5\nlikes: {}\nowner: ''\n")
	var all yamlfile.Errors
	require.ErrorAs(t, err, &all)
	for _, one := range all {
		one.Message = words.Plain(one.Message.String())
	}
	assert.Equal(t, yamlfile.Errors{
		{File: "pet.yaml", Line: 1, Column: 1, Message: words.Plain(`unknown key "nmae" in a pet: did you mean name?`), Excerpt: "   1 | nmae: x\n     | ^~~~"},
		{File: "pet.yaml", Line: 2, Column: 6, Message: words.Plain("age must be a whole number from 0 to 30"), Excerpt: "   2 | age: 31\n     |      ^~"},
		{File: "pet.yaml", Line: 3, Column: 6, Message: words.Plain("nap needs a unit: 5s, 5ms"), Excerpt: "   3 | nap: 5\n     |      ^"},
		{File: "pet.yaml", Line: 4, Column: 8, Message: words.Plain("likes must be text, not a mapping"), Excerpt: "   4 | likes: {}\n     |        ^"},
		{File: "pet.yaml", Line: 5, Column: 8, Message: words.Plain("owner is empty"), Excerpt: "   5 | owner: ''\n     |        ^~"},
	}, all)
}

func TestTheReaderHasEnoughAtSomePoint(t *testing.T) {
	var r yamlfile.Reader
	for line := range 2 * yamlfile.MaxProblems {
		r.Fail(yamlfile.Place{Line: line}, words.Plain("wrong"))
		r.Fail(yamlfile.Place{Line: line}, words.Plain("wrong"))
	}
	assert.Len(t, r.Problems, yamlfile.MaxProblems)
	assert.True(t, r.Full())
	masked := r.Errors(yamlfile.NewSource("f", nil), strings.ToUpper)
	assert.ErrorContains(t, masked, "f:1:0: WRONG\n")
	assert.ErrorContains(t, masked, "f: there may be more mistakes")
}

func TestReadTakesOneDocument(t *testing.T) {
	_, problems := yamlfile.Read([]byte("a: 1\n---\nb: 2\n"), "a pet file")
	require.Len(t, problems, 1)
	assert.Equal(t, []any{yamlfile.Place{Line: 3, Col: 1, Width: 1}, "documents", "a pet file"}, []any{problems[0].Place, problems[0].Message.ID(), problems[0].Message.Arg("what")})
}

func TestNodesAsJSON(t *testing.T) {
	root, problems := yamlfile.Read([]byte("a: [1, 1.50, 0x10, true, ~, \"<x>\"]\nb: {c: &x {}, d: *x}\n5: text\n"), "a file")
	require.Empty(t, problems)
	assert.Equal(t, `{"a":[1,1.50,16,true,null,"<x>"],"b":{"c":{},"d":{}},"5":"text"}`, string(root.JSON()))
	assert.Equal(t, "text", root.Get("5").Text)
	assert.Nil(t, root.Get("nothing"))
}

func TestTemplate(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "",
		"plain $ } {":       "plain $ } {",
		"${a}":              "<a>",
		"x ${a b}${c} y":    "x <a b><c> y",
		"$${a} $$${b}":      "${a} $${b}",
		"${a":               "!",
		"${a} then ${never": "<a> then !",
	} {
		var read yamlfile.Template[string]
		n := &yamlfile.Node{Kind: yamlfile.Text, Text: text, Place: yamlfile.Place{Line: 7}}
		var d decoder
		read.Read(&d, n, func(s string) { read.AddReference(&s) })
		var got strings.Builder
		for i, p := range read.Parts {
			if p.Reference != nil {
				got.WriteString("<" + *p.Reference + ">")
				continue
			}
			assert.NotEmpty(t, p.Text)
			assert.False(t, i > 0 && read.Parts[i-1].Reference == nil, "texts are one")
			got.WriteString(p.Text)
		}
		for _, p := range d.Problems {
			assert.Equal(t, "reference.open", p.Message.ID())
			got.WriteString("!")
		}
		assert.Equal(t, want, got.String(), text)
		assert.Equal(t, 7, read.Line)
	}
}

func TestTemplateThatIsOneThing(t *testing.T) {
	var read yamlfile.Template[string]
	fixed, ok := read.Fixed()
	assert.Equal(t, []any{"", true}, []any{fixed, ok}, "nothing is a text, too")
	reference := "a"
	read.AddReference(&reference)
	assert.Same(t, &reference, read.Whole())
	_, ok = read.Fixed()
	assert.False(t, ok)
	read.Add("b")
	assert.Nil(t, read.Whole())

	number := yamlfile.Template[string]{}
	number.Read(new(decoder), &yamlfile.Node{Kind: yamlfile.Number, Written: "0x10"}, nil)
	fixed, ok = number.Fixed()
	assert.Equal(t, []any{"0x10", true}, []any{fixed, ok})
}

func TestSameJSON(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{`{"a":1,"b":[true,null]}`, `{"b":[true,null],"a":1.0}`, true},
		{`"\u0041"`, `"A"`, true},
		{"9007199254740993", "9007199254740992", false},
		{"[1,2]", "[2,1]", false},
		{"1", `"1"`, false},
		{"{", "{}", false},
	} {
		assert.Equal(t, c.same, yamlfile.SameJSON(json.RawMessage(c.a), json.RawMessage(c.b)), "%s and %s", c.a, c.b)
	}
}

func TestCompareNumbers(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		order int
		ok    bool
	}{
		{"9007199254740993", "9007199254740992", 1, true},
		{"1", "1.0", 0, true},
		{"-1e3", "7.5", -1, true},
		{"Inf", "1", 1, true},
		{"NaN", "1", 0, false},
		{"", "1", 0, false},
		{"1e999", "1", 0, false},
	} {
		order, ok := yamlfile.CompareNumbers(c.a, c.b)
		assert.Equal(t, c.ok, ok, "%s and %s", c.a, c.b)
		if ok {
			assert.Equal(t, c.order, order, "%s and %s", c.a, c.b)
		}
	}
}

func TestHeaders(t *testing.T) {
	for name, ok := range map[string]bool{"X-A": true, "a_b!": true, "": false, "a b": false, "a:": false, "ä": false} {
		assert.Equal(t, ok, yamlfile.IsHeaderName(name), name)
	}
	for value, ok := range map[string]bool{"": true, "a\tb ü": true, "a\r\nb": false, "\x00": false, "\x7f": false} {
		assert.Equal(t, ok, yamlfile.IsHeaderValue(value), "%q", value)
	}
}

func TestTheSchemaComesFromTheTable(t *testing.T) {
	text := keys.Object(yamlfile.Schema{"required": []string{"name"}}).Document("urn:pet", "pet", "A pet.")
	var got map[string]any
	require.NoError(t, json.Unmarshal(text, &got))
	assert.Equal(t, "https://json-schema.org/draft/2020-12/schema", got["$schema"])
	assert.Equal(t, false, got["additionalProperties"])
	properties := got["properties"].(map[string]any)
	assert.Len(t, properties, len(keys.Names()))
	assert.Equal(t, map[string]any{"description": "In years.", "type": "integer"}, properties["age"])
	assert.True(t, keys.Has("owner"))
	assert.False(t, keys.Has("Owner"))
}

// FuzzRead reads any text: what comes out is a whole tree or a list of
// problems.
func FuzzRead(f *testing.F) {
	for _, text := range []string{"a: [1, {b: *c}]", "&a [*a]", `{"a": [1]}`, "- |\n x\n- >\n y", "<<: {a: 1}", "? a\n: b", "!!str 5", "a: b: c", "\ufeff{}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, problems := yamlfile.Read(text, "a file")
		source := yamlfile.NewSource("fuzz", text)
		for _, p := range problems {
			assert.NotContains(t, source.Error(p.Place, p.Message).Error(), "\x1b")
		}
		if len(problems) > 0 {
			return
		}
		require.NotNil(t, root)
		assert.True(t, json.Valid(root.JSON()), "%s", root.JSON())
	})
}
