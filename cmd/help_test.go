package cmd_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHelpShowsSwitchesByTheirNames(t *testing.T) {
	for _, line := range []string{
		"--help", "help list", "list --help", "show --help", "rules --help", "lint --help", "send --help", "validate --help",
		"serve --help", "export --help", "version --help", "completion --help", "completion bash --help", "help help",
	} {
		code, stdout, stderr := runMain(t, "", strings.Fields(line)...)
		assert.Zero(t, code, line)
		assert.Empty(t, stderr, line)
		assert.Regexp(t, `(?m)^  -h, --help +help for `, stdout, line)
		assert.NotContains(t, stdout, "true|false", line)
		assert.NotRegexp(t, `default (\[\]|0s|false)`, stdout, line)
	}
}
