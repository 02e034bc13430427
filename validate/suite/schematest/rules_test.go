package schematest

import (
	"path/filepath"
	"testing"

	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/stretchr/testify/assert"
)

// ruleFiles are those by which package rules tests its parser.
func ruleFiles(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	return filesIn(t, filepath.Join("..", "..", "..", "simulator", "rules", "testdata", folder))
}

func TestRulesSchemaAcceptsWhatParseAccepts(t *testing.T) {
	s := compile(t, "urn:imcb:rules", rules.Schema())
	good := ruleFiles(t, "good")
	good["the example"] = rules.Example()
	for name, text := range good {
		_, err := rules.New(name, text, rules.Options{})
		assert.NoError(t, err)
		assert.NoError(t, s.Validate(instance(t, text)), name)
	}
}

func TestRulesSchemaRejectsWhatIsBuiltWrongly(t *testing.T) {
	s := compile(t, "urn:imcb:rules", rules.Schema())
	for name, text := range ruleFiles(t, "bad/structure") {
		_, err := rules.New(name, text, rules.Options{})
		assert.Error(t, err, name)
		assert.Error(t, s.Validate(instance(t, text)), name)
	}
}

// TestRulesSchemaRejectsEachMistake puts one mistake into an otherwise good
// file.
func TestRulesSchemaRejectsEachMistake(t *testing.T) {
	s := compile(t, "urn:imcb:rules", rules.Schema())
	const good = "rules: [{match: {callback: beforeAddFriend}, refuse: {errCode: 5001, errMsg: no}, times: 3, probability: 0.5, delay: 5ms..1s}]"
	assert.NoError(t, s.Validate(instance(t, []byte(good))))
	for _, text := range []string{
		"{}", "[]", "rules: {}", "rules: [{}]", "rules: [{answer: yes}]", "timeout: soon\nrules: [{allow: true}]", "seed: -1\nrules: [{allow: true}]",
		"rules: [{allow: true, refuse: {errCode: 5001}}]", "rules: [{refuse: {errCode: many}}]", "rules: [{refuse: {kode: 5001}}]",
		"rules: [{allow: true, times: 0}]", "rules: [{allow: true, probability: 2}]", "rules: [{allow: true, delay: 5}]",
		"rules: [{match: {callback: nobody}, allow: true}]", "rules: [{match: {phase: during}, allow: true}]", "rules: [{match: {group: cats}, allow: true}]",
		"rules: [{match: {where: [a]}, allow: true}]", "rules: [{match: {where: {a: {like: b}}}, allow: true}]",
		"rules: [{fault: sleepy}]", "rules: [{raw: {status: 99}}]", "rules: [{sequence: []}]", "rules: [{repeat: true, allow: true}]",
	} {
		_, err := rules.New("rules.yaml", []byte(text), rules.Options{})
		assert.Error(t, err, text)
		assert.Error(t, s.Validate(instance(t, []byte(text))), text)
	}
}
