package validate_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// realRow is a row of testdata/real: an exchange as the receiver recorded it,
// what OpenIM's caller got, and what OpenIM had stored afterwards.
type realRow struct {
	Case, Server, Mode, Operation, Callback string
	Exchange                                validate.Exchange
	// Seen is nil where the handler panicked: the caller got status 500 and no
	// body, or over the websocket nothing at all.
	Seen  *seenByCaller
	State json.RawMessage
}

// seenByCaller is the answer of OpenIM's API; over the websocket there is no
// detail.
type seenByCaller struct {
	ErrCode int
	ErrMsg  string
	ErrDlt  *string
}

// unlike are the rows whose verdict differs from what happened, with the
// reason.
var unlike = map[string]string{
	"main-faults/f-reset-af":      "the journal does not tell a reset from a connection that was closed",
	"main-faults/f-slow-drip-af":  "the journal does not say that the headers had come",
	"main-replies/x-gzip-lie":     "the journal has the body as it went out, and does not say that it is no gzip",
	"main-modify/m-grp-usedid":    "that the group exists already is known to the server only",
	"v383git-modify/m-grp-usedid": "that the group exists already is known to the server only",
}

func TestRealServers(t *testing.T) {
	rows := 0
	eachReal(t, func(t *testing.T, name string, row *realRow) {
		rows++
		v := row.verdict(t)
		assert.Empty(t, validate.CheckRequest(v.Callback, v.Server.Release, row.Exchange.Request))
		problems := slices.Concat(row.clientProblems(v), row.outcomeProblems(v), row.stateProblems(v), row.harmProblems(v))
		if unlike[name] != "" {
			assert.NotEmpty(t, problems, "it is right by now")
			return
		}
		assert.Empty(t, problems)
	})
	assert.Equal(t, 285, rows)
}

func eachReal(t *testing.T, check func(t *testing.T, name string, row *realRow)) {
	t.Helper()
	files, err := filepath.Glob("testdata/real/*.jsonl")
	require.NoError(t, err)
	for _, file := range files {
		readLines(t, file, func(line []byte) {
			var row realRow
			require.NoError(t, json.Unmarshal(line, &row))
			name := strings.TrimSuffix(filepath.Base(file), ".jsonl") + "/" + row.Case
			t.Run(name, func(t *testing.T) { check(t, name, &row) })
		})
	}
}

// verdict judges the row's exchange as the server that took part in it. The
// callbacks' timeout was 3 s.
func (r *realRow) verdict(t *testing.T) validate.Verdict {
	t.Helper()
	release, err := fixtures.ParseRelease(r.Server)
	require.NoError(t, err)
	server := validate.Server{Release: release, Deployment: validate.Services}
	if r.Mode == "standalone" {
		server.Deployment = validate.OneProcess
	}
	c, err := fixtures.Lookup(r.Callback)
	require.NoError(t, err)
	v := validate.NewJudge(c, validate.Options{Server: server, Timeout: 3 * time.Second}).Judge(&r.Exchange)
	if r.Seen != nil && r.Seen.ErrCode == 0 {
		v = harmless(v)
	}
	return v
}

// clientProblems says where the verdict tells the client something else than
// it saw.
func (r *realRow) clientProblems(v validate.Verdict) (problems []string) {
	if r.Seen == nil {
		if v.Outcome != validate.Crash || v.Client != (validate.Client{ErrCode: 500}) {
			problems = append(problems, "it crashed, but the verdict is "+string(v.Outcome)+" "+asJSON(v.Client))
		}
		return problems
	}
	if r.Seen.ErrCode != v.Client.ErrCode || r.Seen.ErrMsg != v.Client.ErrMsg {
		problems = append(problems, "the client saw "+asJSON(r.Seen)+", not "+asJSON(v.Client))
	}
	if r.Seen.ErrDlt != nil && !sameDetail(*r.Seen.ErrDlt, newerGo(v.Server.Release, v.Client.ErrDlt)) {
		problems = append(problems, "its detail was "+*r.Seen.ErrDlt+"\nnot "+v.Client.ErrDlt)
	}
	return problems
}

// sameDetail compares details. Of a call stack imcb has only the beginning, and
// the addresses of a connection are known to its ends only.
func sameDetail(seen, predicted string) bool {
	begin, cut := strings.CutSuffix(predicted, " …")
	if begin = anyPorts(begin); cut {
		return strings.HasPrefix(anyPorts(seen), begin)
	}
	return anyPorts(seen) == begin
}

func anyPorts(text string) string { return connection.ReplaceAllString(text, "A->B") }

var connection = regexp.MustCompile(`\S+->\S+:\S*\d`)

func asJSON(v any) string {
	text, _ := json.Marshal(v) // plain structs
	return string(text)
}
