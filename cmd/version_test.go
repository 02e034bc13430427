package cmd_test

import (
	"go/build"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// --version needs neither settings nor the right arguments.
func TestVersionFlag(t *testing.T) {
	alone, aloneOut, _ := streamsFor(nil, nil)
	require.True(t, cmd.AnswerVersion([]string{"--version"}, alone))
	assert.Regexp(t, `^imcb \S.*\n$`, aloneOut.String())
	for _, line := range []string{"--version", "-v", "--version --color never", "--color never --version", "--version x", "--version --color x"} {
		streams, out, errOut := streamsFor(nil, map[string]string{"imcb.yaml": "ulr: x"})
		assert.Equal(t, 0, cmd.Main(t.Context(), strings.Fields(line), streams), line)
		assert.Equal(t, aloneOut.String(), out.String(), line)
		assert.Empty(t, errOut.String(), line)
	}
}

func TestVersionFlagGivesWay(t *testing.T) {
	for _, line := range []string{"--version --help", "--version=false"} {
		code, stdout, _ := runMain(t, "", strings.Fields(line)...)
		assert.Equal(t, 0, code, line)
		assert.Regexp(t, `(?m)^  -v, --version\S* +version for imcb$`, stdout, line)
	}
}

// Templates call methods by name, so that the linker must keep every method of
// the program: 2.3 MB.
func TestNoPackageNeedsTemplates(t *testing.T) {
	for _, name := range chain {
		pkg, err := build.ImportDir(filepath.Join("..", name), 0)
		require.NoError(t, err)
		assert.NotContains(t, pkg.Imports, "text/template", name)
		assert.NotContains(t, pkg.Imports, "html/template", name)
	}
}
