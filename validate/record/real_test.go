package record

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// operation is a line of testdata/real/*.ops.jsonl: a call of OpenIM's API or
// websocket, and its answer.
type operation struct {
	Op, Label string
	Resp      struct {
		ErrCode int
		ErrMsg  string
		ErrDlt  *string
		HTTP    int `json:"_http"`
	}
}

// callersOwn are operations that OpenIM refused for a reason of its own, which
// no receiver can know.
var callersOwn = []string{"no-such-user"}

// TestRealServers: the callers of running servers saw what the verdicts on the
// journal of their receiver say. The callbacks' timeout was 2 s.
func TestRealServers(t *testing.T) {
	files, err := filepath.Glob("testdata/real/*.journal.jsonl")
	require.NoError(t, err)
	require.Len(t, files, 3)
	for _, file := range files {
		name := strings.TrimSuffix(file, ".journal.jsonl")
		told := predictions(t, file, serverOf(t, filepath.Base(name)))
		checked := 0
		ops, err := os.ReadFile(name + ".ops.jsonl")
		require.NoError(t, err)
		for line := range bytes.Lines(ops) {
			var o operation
			require.NoError(t, json.Unmarshal(line, &o))
			if want, ok := told[o.Op]; ok && !slices.Contains(callersOwn, o.Label) {
				checked++
				o.check(t, filepath.Base(name), want)
			}
		}
		assert.Greater(t, checked, 14, name)
	}
}

// serverOf is the server that a file's name begins with.
func serverOf(t *testing.T, name string) validate.Server {
	t.Helper()
	version, _, _ := strings.Cut(name, ".level")
	release, err := fixtures.ParseRelease(version)
	require.NoError(t, err)
	if release == fixtures.Main {
		return validate.Server{Release: release, Deployment: validate.OneProcess}
	}
	return validate.On(release)
}

// predictions are what the callers of a journal's operations are told: what the
// first callback says that stops one, or success.
func predictions(t *testing.T, file string, server validate.Server) map[string]validate.Client {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	told := map[string]validate.Client{}
	for line, err := range Journal(bytes.NewReader(text)) {
		require.NoError(t, err)
		c, err := CallbackOf(line.Exchange)
		require.NoError(t, err)
		v := validate.NewJudge(c, validate.Options{Server: server, Timeout: 2 * time.Second}).Judge(&line.Exchange)
		id := operationOf(line.Exchange)
		if told[id] == (validate.Client{}) {
			told[id] = v.Client
		}
	}
	return told
}

func (o *operation) check(t *testing.T, file string, want validate.Client) {
	t.Helper()
	if o.Resp.HTTP == 500 { // an empty body
		assert.Equal(t, validate.Client{ErrCode: 500}, want, "%s %s", file, o.Label)
		return
	}
	assert.Equal(t, validate.Client{ErrCode: o.Resp.ErrCode, ErrMsg: o.Resp.ErrMsg}, validate.Client{ErrCode: want.ErrCode, ErrMsg: want.ErrMsg}, "%s %s", file, o.Label)
	if o.Resp.ErrDlt != nil && o.Label != "reset" && o.Label != "reset-remark" { // the journal does not tell a reset from a connection that was closed
		said, cut := strings.CutSuffix(want.ErrDlt, " …")
		seen := *o.Resp.ErrDlt
		if strings.HasPrefix(file, "v3.8.3.") { // built with a Go of 1.24 or newer, as the official image was not
			seen = strings.Replace(seen, ".CommonCallbackResp.", ".", 1)
		}
		if !cut {
			assert.Equal(t, seen, said, "%s %s", file, o.Label)
		}
		assert.True(t, strings.HasPrefix(seen, said), "%s %s: %s\nnot %s", file, o.Label, seen, said)
	}
}
