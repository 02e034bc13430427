package conformance

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	cb "github.com/openimsdk/open-im-server/v3/pkg/callbackstruct"
	"github.com/openimsdk/open-im-server/v3/pkg/common/config"
	"github.com/openimsdk/open-im-server/v3/pkg/common/webhook"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSender compares what imcb and OpenIM's client put on the wire for the
// same callback, byte for byte.
func TestSender(t *testing.T) {
	base, requests := wire(t)
	client := webhook.NewWebhookClient(base)
	sender, err := simulator.NewSender(simulator.SenderOptions{})
	require.NoError(t, err)
	defer sender.Close()

	for _, c := range defined() {
		t.Run(c.Key, func(t *testing.T) {
			p := payloadOf(t, c, "")
			target, err := simulator.NewTarget(base, simulator.Path)
			require.NoError(t, err)
			post(t, client, c, p, target.URL(p))
			want := await(t, requests)

			x := sender.Send(t.Context(), target.URL(p), p, 0)
			require.Empty(t, x.Reply.Failure)
			assert.Equal(t, want, await(t, requests))
		})
	}
}

// post lets OpenIM's client send the payload. What releases with a key put
// there is imcb's: it is made outside of the client.
func post(t *testing.T, client *webhook.Client, c *fixtures.Callback, p *fixtures.Payload, to string) {
	t.Helper()
	if !c.SendsKey(server) {
		require.NoError(t, client.SyncPost(contextOf(p), p.Command, requestOf(t, c, p), callOf(t, c).reply(), before))
		return
	}
	keyed, ok := any(client).(interface {
		AsyncPostWithQuery(context.Context, string, cb.CallbackReq, cb.CallbackResp, *config.AfterConfig, map[string]string)
	})
	require.True(t, ok)
	u, err := url.Parse(to)
	require.NoError(t, err)
	keyed.AsyncPostWithQuery(contextOf(p), p.Command, requestOf(t, c, p), callOf(t, c).reply(), after,
		map[string]string{"key": u.Query().Get("key")})
}

// wire listens on a plain TCP port. It allows everything and passes on the
// bytes of each request.
func wire(t *testing.T) (base string, requests <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	raw := make(chan string, 1)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go serveWire(conn, raw)
		}
	}()
	return "http://" + listener.Addr().String() + "/callbackExample", raw
}

func serveWire(conn net.Conn, requests chan<- string) {
	defer conn.Close()
	var seen bytes.Buffer
	in := bufio.NewReader(io.TeeReader(conn, &seen))
	for {
		request, err := http.ReadRequest(in)
		if err != nil {
			return // closed
		}
		_, _ = io.Copy(io.Discard, request.Body) // what is missing shows in the bytes
		requests <- seen.String()
		seen.Reset()
		reply := http.Response{
			ProtoMajor: 1, ProtoMinor: 1, StatusCode: http.StatusOK,
			ContentLength: int64(len(fixtures.PlainAllow)), Body: io.NopCloser(bytes.NewBufferString(fixtures.PlainAllow)),
		}
		if reply.Write(conn) != nil {
			return
		}
	}
}
