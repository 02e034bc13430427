package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/openimsdk/open-im-server/v3/pkg/common/config"
	"github.com/openimsdk/open-im-server/v3/pkg/common/webhook"
	"github.com/openimsdk/tools/errs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFaults lets OpenIM's client meet each fault of `imcb serve`, and compares
// its error with the effect that imcb documents for the fault, and with the
// verdict that the receiver itself came to.
func TestFaults(t *testing.T) {
	c, err := fixtures.Lookup("beforeAddFriend")
	require.NoError(t, err)
	for _, f := range simulator.Faults() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, "--server", server.String(), "--timeout", "1s", "--fault", c.Key+"="+f.Name)
			p := payloadOf(t, c, "")
			err := webhook.NewWebhookClient(s.URL).SyncPost(contextOf(p), p.Command, requestOf(t, c, p), callOf(t, c).reply(), &config.BeforeConfig{Enable: true, Timeout: 1})

			code, isCoded := 0, false
			var coded errs.CodeError
			if isCoded = errors.As(err, &coded); isCoded {
				code = coded.Code()
			}
			assert.Equal(t, err != nil, isCoded, "%v", err)
			switch {
			case err == nil:
				assert.Contains(t, f.Effect, "the operation proceeds")
			case f.Name == "errcode-0":
				assert.Contains(t, f.Effect, "the operation is refused, but the client gets an errCode that reads as success")
			default:
				assert.Contains(t, f.Effect, strconv.Itoa(code), "the documented effect")
			}
			seen := s.last(t)
			assert.Equal(t, err == nil, seen.Outcome == "proceed", seen.Outcome)
			if code != 0 {
				assert.Equal(t, code, seen.ErrCode)
			}
		})
	}
}

// served is an `imcb serve` in this process.
type served struct{ URL, Inspector string }

// serve starts `imcb serve` on a free port for the length of the test.
func serve(t *testing.T, args ...string) (s served) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ready.json")
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	streams := shell.Streams{
		In: strings.NewReader(""), Out: io.Discard, Err: io.Discard,
		Getenv: func(string) string { return "" }, ReadFile: os.ReadFile,
	}
	go func() {
		ended <- cmd.Main(ctx, append([]string{"serve", "--listen", "127.0.0.1:0", "--ready-file", file}, args...), streams)
	}()
	t.Cleanup(func() {
		stop()
		assert.Zero(t, <-ended)
	})
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(file)
		return err == nil && json.Unmarshal(text, &s) == nil
	}, 10*time.Second, time.Millisecond)
	return s
}

// arrival is what the inspector tells of a request.
type arrival struct {
	Outcome string
	ErrCode int
}

// last waits for the newest request that has an outcome. A redirect has none.
func (s served) last(t *testing.T) (newest arrival) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		resp, err := http.Get(s.Inspector + "api/v1/requests?limit=1")
		require.NoError(c, err)
		defer resp.Body.Close()
		var list struct{ Requests []arrival }
		require.NoError(c, json.NewDecoder(resp.Body).Decode(&list))
		require.NotEmpty(c, list.Requests)
		newest = list.Requests[0]
		require.NotEmpty(c, newest.Outcome)
	}, 10*time.Second, 5*time.Millisecond)
	return newest
}
