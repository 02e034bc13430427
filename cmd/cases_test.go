package cmd_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The names that show lists are those that send takes and completes.
func TestCasesAreListedSentAndCompleted(t *testing.T) {
	code, listed, _ := runMain(t, "", "show", "afterKickGroupMember", "--requests", "--json", "--server", "main")
	require.Zero(t, code)
	var requests []struct {
		Name    string
		Differs []string
		Body    json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(listed), &requests))
	require.Greater(t, len(requests), 5)
	for _, r := range requests {
		args := []string{"send", "afterKickGroupMember", "--server", "main", "--dry-run", "--print", "json", "--seed", "1"}
		code, line, stderr := runMain(t, "", append(args, "--case", r.Name)...)
		require.Zero(t, code, stderr)
		var sent struct{ Request struct{ Body string } }
		require.NoError(t, json.Unmarshal([]byte(line), &sent))
		assert.JSONEq(t, string(r.Body), sent.Request.Body, r.Name)
		assert.Equal(t, r.Name == fixtures.OrdinaryCase, len(r.Differs) == 0, r.Name)
	}
	_, offered, _ := runMain(t, "", "__complete", "send", "afterKickGroupMember", "--case", "")
	for _, r := range requests {
		assert.Contains(t, strings.Split(offered, "\n"), r.Name)
	}
	_, offered, _ = runMain(t, "", "__complete", "send", "--case", "")
	assert.NotContains(t, offered, fixtures.OrdinaryCase)
}

// What a run sends only when it is asked for is marked.
func TestCasesOnRequestAreMarked(t *testing.T) {
	_, listed, _ := runMain(t, "", "show", "beforeSendGroupMsg", "--requests", "--server", "3.7")
	const mark = "(validate: with --message all)"
	for line := range strings.Lines(listed) {
		notification := strings.HasPrefix(line, "message=") && regexp.MustCompile(`contentType \d{4}`).MatchString(line)
		assert.Equal(t, notification, strings.Contains(line, mark), line)
	}
}
