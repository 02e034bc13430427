package cmd_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var kept = []byte(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`)

// counting answers every request alike, and counts how often each body came.
func counting(t *testing.T, reply []byte) (url string, came map[string]int) {
	t.Helper()
	var mu sync.Mutex
	came = make(map[string]int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		came[r.URL.String()+" "+string(body)]++
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(reply)
	}))
	t.Cleanup(server.Close)
	return server.URL, came
}

// What several versions send alike is sent once, and each judges the reply as
// itself: 3.6 reads an actionCode of 1 as a refusal, later ones do not.
func TestSeveralVersions(t *testing.T) {
	reply := []byte(`{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`)
	url, came := counting(t, reply)
	args := []string{"validate", "beforeAddFriend", "afterMsgSaveDB", "--url", url, "--server", "3.7,3.8.3,main", "--cover", "one"}
	code, out, _ := runMain(t, "", args...)
	assert.Equal(t, shell.ExitBroken, code)
	assert.Contains(t, out, "callback         3.7 … 3.8.3  main\nbeforeAddFriend  ✗ proceed")
	assert.Regexp(t, `\nafterMsgSaveDB +- +. ignored\n`, out)
	assert.Contains(t, out, "beforeAddFriend (OpenIM 3.8.3)")
	require.Len(t, came, 2, "one body of each callback")
	for what, times := range came {
		assert.Equal(t, 1, times, what)
	}
}

// The requests that cover a callback are shared, too, as far as they are alike.
func TestSeveralVersionsCover(t *testing.T) {
	url, one := counting(t, kept)
	runMain(t, "", "validate", "beforeAddFriend", "--url", url)
	url, three := counting(t, kept)
	code, out, errs := runMain(t, "", "validate", "beforeAddFriend", "--url", url, "--server", "3.8.1,3.8.3,3.8.3-patch.16", "--format", "json")
	assert.Equal(t, shell.ExitOK, code, errs)
	assert.Len(t, three, len(one))
	var report struct {
		Results []struct{ Server struct{ Release string } }
	}
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	require.Len(t, report.Results, 3)
	assert.Equal(t, "3.8.1", report.Results[0].Server.Release)
	assert.Equal(t, "3.8.3-patch.16", report.Results[2].Server.Release)
	for what, times := range three {
		assert.LessOrEqual(t, times, 3, what) // the ordinary one, and at its end each version asks once more
	}
}

// A suite is played by each version.
func TestSeveralVersionsPlayASuite(t *testing.T) {
	url, came := counting(t, kept)
	file := filepath.Join(t.TempDir(), "suite.yaml")
	require.NoError(t, os.WriteFile(file, []byte("cases: [{name: a friend, send: beforeAddFriend, expect: proceed}]"), 0o600))
	code, out, errs := runMain(t, "", "validate", file, "--url", url, "--server", "3.7,main")
	assert.Equal(t, shell.ExitOK, code, errs)
	assert.Contains(t, out, "a friend")
	total := 0
	for _, times := range came {
		total += times
	}
	assert.Equal(t, 2, total)
}

func TestVersionsThatAreNone(t *testing.T) {
	code, _, errs := runMain(t, "", "validate", "--mock", "--server", "3.7,3.8.33")
	assert.Equal(t, shell.ExitUsage, code)
	assert.Contains(t, errs, "3.8.33")
	code, _, errs = runMain(t, "", "validate", "afterMsgSaveDB", "--mock", "--server", "3.5,3.6")
	assert.Equal(t, shell.ExitUsage, code)
	assert.Contains(t, errs, "none of these versions sends afterMsgSaveDB")
	_, out, _ := runMain(t, "", "__complete", "validate", "--server", "3.7,3")
	assert.Contains(t, out, "3.7,3.8.3\n")
	assert.NotContains(t, out, "3.7,3.7\n")
}
