package cmd_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestValidateWatch: each change of the suite starts another run, also after one
// that could not be read, and the last run's exit code counts.
func TestValidateWatch(t *testing.T) {
	file := filepath.Join(t.TempDir(), "suite.yaml")
	save := func(outcome string) {
		text := "cases:\n  - {name: a, send: beforeAddFriend, expect: {outcome: " + outcome + "}}\n"
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	save("proceed")
	ctx, stop := context.WithTimeout(t.Context(), 2*soon)
	defer stop()
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		streams := shell.Streams{In: strings.NewReader(""), Out: w, Err: w, Getenv: func(string) string { return "" }, ReadFile: os.ReadFile}
		code <- cmd.Main(ctx, []string{"validate", file, "--mock", "--watch"}, streams)
		w.Close()
	}()
	lines := bufio.NewScanner(r)
	told := func() (text string) {
		for lines.Scan() {
			if strings.Contains(lines.Text(), "waiting for a change of "+file) {
				return text
			}
			text += lines.Text() + "\n"
		}
		return text
	}
	assert.Contains(t, told(), "1 check keeps the contract")
	save("refuse")
	assert.Contains(t, told(), "1 check: 1 error")
	save("never")
	assert.Contains(t, told(), `imcb: `+file+`:2:`)
	save("proceed")
	assert.Contains(t, told(), "1 check keeps the contract")
	save("refuse")
	assert.Contains(t, told(), "1 check: 1 error")
	stop()
	assert.Empty(t, told())
	assert.Equal(t, shell.ExitBroken, <-code)
}
