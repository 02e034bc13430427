package webhooks_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// guarded are files that imcb does not try to read, whatever OpenIM makes of
// them.
var guarded = regexp.MustCompile("nested too deeply|aliases make this too large|this is no OpenIM configuration")

// loads reports whether imcb says that OpenIM's reader takes a file.
func loads(t *testing.T, text []byte) (ok, known bool) {
	t.Helper()
	file, err := webhooks.Parse("w.yml", text)
	if err != nil {
		return false, !guarded.MatchString(err.Error())
	}
	for _, f := range file.Lint(webhooks.LintOptions{Server: fixtures.V383}) {
		if f.Rule == "lint-duplicate-key" && f.Fatal {
			return false, true
		}
	}
	return true, true
}

// asViper reads a file as viper 1.18.2 does in OpenIM 3.7 and later.
func asViper(text []byte) error {
	var settings map[string]any
	return yaml.Unmarshal(text, &settings)
}

// utf16Text is a text in UTF-16 with its mark.
func utf16Text(order binary.AppendByteOrder, text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

// loading are files of which some load and some don't.
var loading = map[string]bool{
	"url: x # \xd6\xd0\xce\xc4\n":        false, // GBK
	"url: x # 中文\n":                      true,
	"url: x\x00\n":                       false,
	"url: \"\\0\"\n":                     true,
	"url: x\x1b\n":                       false,
	"url: x\x7f\n":                       false,
	"url: x # \u009b\n":                  false,
	"url: x\u0085\n":                     true,
	"url: \xed\xa0\x80\n":                false,
	"\ufeffurl: x\n":                     true,
	"url:\tx\n":                          true,
	"a:\n\tenable: true\n":               false,
	"\turl: x\n":                         false,
	"url: x\n\t\n":                       false,
	"url: x\n\t# comment\n":              false,
	"a: {enable: true,\n\ttimeout: 5}\n": true,
	"a: 1\na: 2\n":                       false,
	"a: {b: {c: [{d: 1, d: 2}]}}\n":      false,
	"a: {b: 1, B: 2}\n":                  true,
	"a: 1\n\"a\": 2\n":                   false,
	"? [a]\n: 1\n? [b]\n: 2\n":           false,
	"? [a]\n: 1\n":                       false,
	"x: {? [a] : 1}\n":                   false,
	"1: a\n1.0: b\ntrue: c\n~: d\n":      true,
	"a: &x {b: 1}\nc: {<<: *x, b: 2}\n":  true,
	"a: {<<: {b: 1}, <<: {c: 1}}\n":      false,
	"a: {<<: 1}\n":                       false,
	"a: {<<: [{b: 1}, 2]}\n":             false,
	"a: &x {b: *x}\n":                    false,
	"a: *x\nb: &x 1\n":                   false,
	"a: !!int x\n":                       false,
	"a: !!bool yes\n":                    false,
	"a: !!binary x\n":                    false,
	"a: !other x\n":                      true,
	"a: 1\n---\nb: [\n":                  true,
	"{a: 1} and more\n":                  true,
	"a: 1\n...\n]\n":                     true,
	"...\n":                              false,
	"---\n---\nb: 1\n":                   true,
	"%YAML 1.1\n---\na: 1\n":             true,
	"%YAML 2.0\n---\na: 1\n":             false,
	"- a\n":                              false,
	"text\n":                             false,
	"":                                   true,
	"a: b: c\n":                          false,
	": a\n":                              false,
	"a: [b, {c: d}]#e\n":                 true,
	"a: @b\n":                            false,
	"{\"a\":1}":                          true,
	utf16Text(binary.LittleEndian, "url: http://x/中文\na: 1\n"): true,
	utf16Text(binary.BigEndian, "url: http://x/😀\n"):           true,
	utf16Text(binary.LittleEndian, "a: [\n"):                   false,
	utf16Text(binary.LittleEndian, "a: 1\n")[:9]:               false,
}

func TestAFileLoadsWhenOpenIMLoadsIt(t *testing.T) {
	for text, want := range loading {
		got, _ := loads(t, []byte(text))
		err := asViper([]byte(text))
		assert.Equal(t, want, err == nil, "OpenIM's reader: %q: %v", text, err)
		assert.Equal(t, want, got, "%q", text)
	}
}

func TestWhatOnlyOpenIMRefusesHasAPlace(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\nb: x\u009b\n":              "w.yml:2:5: control characters are not allowed\n",
		"url: x\n\t\n":                    "w.yml:2:1: found a tab character that violates indentation\n",
		"a: 1\nb: {c: !!int x}\n":         "w.yml:2:14: cannot decode !!str `x` as a !!int\n",
		"a: 1\nb:\n  <<: [1]\n":           "w.yml:3:3: map merge requires map or sequence of maps as the value\n",
		"a: 1\nb: &x [*x]\n":              "w.yml:2:8: the anchor &x stands for something with itself inside\n",
		"a: 1\n{<<: {b: 1}, <<: {}}: 1\n": "w.yml:2:1: ",
		"a: {<<: {b: 1},\n  <<: {}}\n":    "w.yml:2:3: the key \"<<\" stands in line 1 already\n",
	} {
		_, err := webhooks.Parse("w.yml", []byte(text))
		require.Error(t, err, text)
		assert.True(t, strings.HasPrefix(err.Error(), want), "%q", err.Error())
	}
}

func TestUTF16ShowsItsLines(t *testing.T) {
	file, err := webhooks.Parse("w.yml", []byte(utf16Text(binary.LittleEndian, "url: http://x/中文\nbeforeAddFreind: {}\n")))
	require.NoError(t, err)
	assert.Equal(t, "http://x/中文", file.URL())
	assert.Equal(t, "beforeAddFreind: {}", file.Line(2))
}

// Files that OpenIM's reader needs long for are refused before.
func TestHostileFilesAreRefusedSoon(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+",", 9) + "*" + string(c-1) + "]\n"
	}
	for name, text := range map[string]string{
		"aliases": bomb, "merged": strings.ReplaceAll(bomb, "[x,x,x,x,x,x,x,x,x,x]", "{y: 1}") + "z: {<<: *j}\n",
		"same key": strings.Repeat("a:\n", 40_000), "deep": strings.Repeat("a: {", 30_000), "documents": "a: 1\n" + strings.Repeat("---\n", 30_000),
		"quotes": strings.Repeat("\"", 130_000),
	} {
		_, err := webhooks.Parse("w.yml", []byte(text))
		assert.Equal(t, name == "documents", err == nil, "%s: %v", name, err)
	}
}

// FuzzLoads: what OpenIM's reader takes, and only that, is said to load.
func FuzzLoads(f *testing.F) {
	files, err := filepath.Glob(testFiles + "/*.yml")
	require.NoError(f, err)
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(text)
	}
	for text := range loading {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 4<<10 {
			return
		}
		if got, known := loads(t, text); known {
			err := asViper(text)
			assert.Equal(t, err == nil, got, "%v", err)
		}
	})
}
