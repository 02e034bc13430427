package record

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
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

// recorded is what a file of testdata holds; nothing when it is not there.
func recorded(t testing.TB, name string) []byte {
	t.Helper()
	packed, err := os.ReadFile("testdata/logs/" + name + ".gz")
	if errors.Is(err, fs.ErrNotExist) {
		text, err := os.ReadFile("testdata/real/" + name)
		if !errors.Is(err, fs.ErrNotExist) {
			require.NoError(t, err)
		}
		return text
	}
	require.NoError(t, err)
	r, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return text
}

// judged is an exchange with its verdict.
type judged struct {
	validate.Exchange
	callback *fixtures.Callback
	verdict  validate.Verdict
}

// judge judges all that a source holds.
func judge(t *testing.T, s *Source, server validate.Server) (all []judged) {
	t.Helper()
	for line, err := range s.Lines {
		require.NoError(t, err)
		j := judged{Exchange: line.Exchange}
		j.callback, err = CallbackOf(j.Exchange)
		require.NoError(t, err)
		if j.Answered() {
			j.verdict = validate.NewJudge(j.callback, validate.Options{Server: server, Timeout: 2 * time.Second}).Judge(&j.Exchange)
		}
		all = append(all, j)
	}
	return all
}

func opened(t *testing.T, text []byte) *Source {
	t.Helper()
	s, err := Open(bytes.NewReader(text))
	require.NoError(t, err)
	return s
}

// otherSpans are logs whose journal is not of the same operations.
var otherSpans = []string{"v3.8.3.level6.stdout-merged", "main.level4.large", "v3.8.3.level4.large"}

// TestRealLogs: of each callback OpenIM's log gives the verdict that the receiver's
// journal gives, as far as it can tell, and the caller of the operation was
// answered what the verdicts say.
func TestRealLogs(t *testing.T) {
	files, err := filepath.Glob("testdata/logs/*.log.gz")
	require.NoError(t, err)
	require.Len(t, files, 38)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".log.gz")
		t.Run(name, func(t *testing.T) {
			source := opened(t, recorded(t, name+".log"))
			require.NotNil(t, source.Log)
			server := source.Log.Server
			assert.Equal(t, serverOf(t, name), server)
			told := judge(t, source, server)
			compareJournal(t, told, judge(t, opened(t, recorded(t, name+".journal.jsonl")), server), !slices.Contains(otherSpans, name))
			compareCallers(t, told, recorded(t, name+".ops.jsonl"))
			for i := range told {
				checkRequest(t, &told[i], server.Release)
			}
		})
	}
}

// compareJournal looks for each callback of the log in the journal: the one with
// the same body, or else the first of its operation. Those that did not reach the
// receiver are not there, nor are those of another span (stdout-merged).
func compareJournal(t *testing.T, told, journal []judged, sameSpan bool) {
	t.Helper()
	for _, x := range told {
		i := slices.IndexFunc(journal, func(y judged) bool {
			return y.callback == x.callback && operationOf(y.Exchange) == operationOf(x.Exchange) &&
				(x.Lacks(validate.RequestBody) || bytes.Equal(x.Request.Body, y.Request.Body))
		})
		if i < 0 {
			assert.True(t, !sameSpan || x.Reply.Failure != "" || !x.Answered(), "%s %s is not in the journal", operationOf(x.Exchange), x.callback.Key)
			continue
		}
		compareVerdicts(t, x, journal[i])
		journal = slices.Delete(journal, i, i+1)
	}
	if slices.ContainsFunc(told, func(x judged) bool { return x.Reply.Failure == "" && !x.Lacks(validate.ReplyBody) }) {
		assert.LessOrEqual(t, len(journal), len(told)/10, "the log lacks callbacks of the journal") // that it was cut off from
	}
}

func compareVerdicts(t *testing.T, x, y judged) {
	t.Helper()
	where := operationOf(x.Exchange) + " " + x.callback.Key
	switch {
	case !x.Answered() || x.Lacks(validate.WhichCallback):
		return // the log does not tell
	case x.Reply.Failure == validate.Unexplained:
		assert.NotEqual(t, validate.Proceed, y.verdict.Outcome, where)
		return
	}
	assert.Equal(t, y.verdict.Outcome, x.verdict.Outcome, where)
	assert.Equal(t, y.verdict.Client.ErrCode, x.verdict.Client.ErrCode, where)
	if x.Reply.Failure == "" && !x.Lacks(validate.ReplyBody) {
		assert.Equal(t, string(y.Reply.Body), string(x.Reply.Body), where)
		assert.Equal(t, y.verdict.Applied, x.verdict.Applied, where)
	}
	if x.Reply.Failure == "" && len(y.Reply.Redirects) == 0 {
		assert.Subset(t, rulesOf(y), rulesOf(x), where)
	}
}

func rulesOf(x judged) (ids []string) {
	for _, f := range x.verdict.Findings {
		if f.Rule != "slow" { // OpenIM's times are others than the receiver's
			ids = append(ids, f.Rule)
		}
	}
	return ids
}

// compareCallers compares what the callers were answered with the first verdict of
// their operation that stops it.
func compareCallers(t *testing.T, told []judged, ops []byte) {
	t.Helper()
	clients := map[string]validate.Client{}
	for _, x := range told {
		id := operationOf(x.Exchange)
		clients[id] = cmp.Or(clients[id], x.verdict.Client)
	}
	for line := range bytes.Lines(ops) {
		var o operation
		require.NoError(t, json.Unmarshal(line, &o))
		saw, known := clients[o.Op]
		own := []int{1001, 1004} // OpenIM's own, of a request and a user that are wrong
		switch {
		case o.Resp.HTTP == 500 && known:
			assert.Equal(t, 500, saw.ErrCode, o.Op)
		case !known || slices.Contains(own, o.Resp.ErrCode):
		default:
			assert.Equal(t, o.Resp.ErrCode, saw.ErrCode, o.Op)
			assert.Equal(t, said(o.Resp.ErrMsg, o.Resp.ErrDlt), said(saw.ErrMsg, &saw.ErrDlt), o.Op)
		}
	}
}

// said is how the log has a refusal's message and detail: joined, and the message
// alone where both are the same. Of other errors the message is compared.
func said(message string, detail *string) string {
	text, _, _ := strings.Cut(message, " | -> ")
	if detail == nil || *detail == message || text != message || strings.HasSuffix(message, "Error") {
		return text
	}
	return strings.TrimSpace(message + " " + *detail)
}

// checkRequest: what the log has of a request is what its OpenIM sends.
func checkRequest(t *testing.T, x *judged, release fixtures.Release) {
	t.Helper()
	assert.Empty(t, validate.CheckRequest(x.callback, release, x.KnownRequest()), "%s %s", operationOf(x.Exchange), x.callback.Key)
	line, err := json.Marshal(x.Exchange)
	require.NoError(t, err)
	assert.NotContains(t, string(line), "eyJ0eXAi", "a token")
	assert.NotContains(t, string(line), "eyJhbGci", "a token")
	var back validate.Exchange
	require.NoError(t, json.Unmarshal(line, &back))
	back.Timeout = x.Timeout
	assert.Equal(t, x.Exchange, back)
}
