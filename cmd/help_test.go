package cmd_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHelpShowsSwitchesByTheirNames(t *testing.T) {
	lines := []string{"--help", "completion bash --help"}
	_, commands, _ := runMain(t, "", "__complete", "")
	for line := range strings.Lines(commands) {
		if name, _, ok := strings.Cut(line, "\t"); ok {
			lines = append(lines, name+" --help", "help "+name)
		}
	}
	require.Contains(t, lines, "help list")
	for _, line := range lines {
		code, stdout, stderr := runMain(t, "", strings.Fields(line)...)
		assert.Zero(t, code, line)
		assert.Empty(t, stderr, line)
		assert.Regexp(t, `(?m)^  -h, --help +help for `, stdout, line)
		assert.NotContains(t, stdout, "true|false", line)
		assert.NotRegexp(t, `default (\[\]|0s|false)`, stdout, line)
		assert.NotRegexp(t, `.{101}`, stdout, line+": a line is too long")
	}
}

func TestEveryTopicIsOffered(t *testing.T) {
	_, help, _ := runMain(t, "", "--help")
	_, topics, _ := strings.Cut(help, "Help topics:\n")
	topics, _, _ = strings.Cut(topics, "\n\n")
	_, offered, _ := runMain(t, "", "__complete", "help", "")
	for line := range strings.Lines(topics) {
		name := strings.Fields(line)[0]
		assert.Contains(t, offered, "\n"+name+"\t", "completion")
		code, stdout, stderr := runMain(t, "", "help", name)
		assert.Zero(t, code, stderr)
		assert.NotRegexp(t, `.{101}`, stdout, name+": a line is too long")
		_, alone, _ := runMain(t, "", name)
		assert.Equal(t, stdout, alone)
	}
	_, offered, _ = runMain(t, "", "__complete", "help", "exit")
	assert.Contains(t, offered, "exit-codes\t")
	assert.NotContains(t, offered, "settings")
}
