package cmd_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"testing"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exPicky is a receiver that can't read the ex of a text without a face, until it
// is mended.
func exPicky(t *testing.T, mended *atomic.Bool) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body := fields(r); body.ContentType == 101 && body.EX != "" && body.FaceURL == "" && !mended.Load() {
			http.Error(w, "oops", http.StatusInternalServerError)
			return
		}
		allow(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// What --explore finds is told with the two fields that it takes, and saved as a
// suite that fails until the receiver is mended.
func TestExploreSavesWhatItFinds(t *testing.T) {
	var mended atomic.Bool
	url, file := exPicky(t, &mended), filepath.Join(t.TempDir(), "found.yaml")
	explore := []string{"validate", "beforeSendGroupMsg", "--url", url, "--explore", "150x", "--seed", "1", "--save", file}
	code, out, errOut := runMain(t, "", explore...)
	assert.Equal(t, shell.ExitBroken, code, errOut)
	assert.Regexp(t, `(?m)^    when     (faceURL is empty and ex is|ex is .* and faceURL is empty)`, out)
	assert.Contains(t, errOut, "imcb: exploring for 150x, seed 1: --seed 1 repeats it\n")
	assert.Regexp(t, `imcb: \d+ requests made by chance, 1 new\nimcb: 1 case saved: `, errOut)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), "server: 3.8.3-patch.16\ncases:\n")

	code, out, _ = runMain(t, "", "validate", file, "--url", url)
	assert.Equal(t, shell.ExitBroken, code, out)
	code, _, errOut = runMain(t, "", explore...)
	assert.Equal(t, shell.ExitUsage, code)
	assert.Equal(t, "imcb: --save "+file+": there is such a file, which is kept; name another one, or move it away\n", errOut)

	mended.Store(true)
	code, out, _ = runMain(t, "", "validate", file, "--url", url)
	assert.Equal(t, 0, code, out)
	assert.NoError(t, os.Remove(file))
	code, out, errOut = runMain(t, "", explore...)
	assert.Equal(t, 0, code, out)
	assert.Contains(t, errOut, "made by chance, 0 new\n")
	assert.NoFileExists(t, file, "there is nothing to save")
}

// Without --seed the run names the one that it took.
func TestExploreNamesItsSeed(t *testing.T) {
	_, _, errOut := runMain(t, "", "validate", "beforeAddFriend", "--mock", "--explore", "1x")
	seed := regexp.MustCompile(`seed (\d+): --seed (\d+) repeats it`).FindStringSubmatch(errOut)
	require.Len(t, seed, 3, errOut)
	assert.Equal(t, seed[1], seed[2])
}

// --from has the requests to change; --url still says where they go.
func TestExploreChangesAJournal(t *testing.T) {
	var mended atomic.Bool
	url, journal := exPicky(t, &mended), filepath.Join(t.TempDir(), "journal.jsonl")
	line := `{"callback":"beforeSendGroupMsg","command":"callbackBeforeSendGroupMsgCommand","request":{"method":"POST","url":"http://x/cb","body":"{\"contentType\":101,\"ex\":\"mine\",\"groupID\":\"hikers\"}"}}` + "\n"
	require.NoError(t, os.WriteFile(journal, []byte(line), 0o600))
	explore := []string{"validate", "--url", url, "--explore", "200x", "--seed", "1", "--from", journal}
	code, out, errOut := runMain(t, "", append(explore, "beforeSendGroupMsg", "beforeAddFriend")...)
	assert.Equal(t, shell.ExitBroken, code, errOut)
	assert.Contains(t, out, "✗ beforeSendGroupMsg ")

	code, _, errOut = runMain(t, "", append(explore, "beforeAddFriend")...)
	assert.Equal(t, shell.ExitUsage, code)
	assert.Contains(t, errOut, journal+" holds no request of a callback that is checked")
	require.NoError(t, os.WriteFile(journal, []byte(line+"nonsense\n"), 0o600))
	code, _, errOut = runMain(t, "", explore...)
	assert.Equal(t, shell.ExitUsage, code)
	assert.Contains(t, errOut, "1 line could not be used")
}

func TestExploreMistakes(t *testing.T) {
	for want, args := range map[string][]string{
		`imcb: --explore: "soon" is neither a time like 30s nor a number of requests like 1000x`: {"--explore", "soon"},
		`imcb: --explore: "0x" is neither`:                          {"--explore", "0x"},
		`imcb: --explore: "-1s" is neither`:                         {"--explore", "-1s"},
		`imcb: --save belongs to --explore`:                         {"--save", "x.yaml"},
		`imcb: --save x.txt: a suite that is written ends in .yaml`: {"--save", "x.txt", "--explore", "1x"},
		`imcb: --explore and --watch exclude each other`:            {"--explore", "1x", "--watch"},
		`imcb: --data and --explore exclude each other`:             {"--explore", "1x", "--data", "{}"},
		`imcb: --explore and --requests exclude each other`:         {"--explore", "1x", "--requests", "off"},
		`imcb: --from and --mock exclude each other`:                {"--from", "x.jsonl"},
	} {
		code, _, errOut := runMain(t, "", append([]string{"validate", "beforeAddFriend", "--mock"}, args...)...)
		assert.Equal(t, shell.ExitUsage, code, want)
		assert.Contains(t, errOut, want)
	}
}
