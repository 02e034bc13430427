package trigger

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/coder/websocket"
	"github.com/imcb-dev/imcb/validate"
)

// socketPlatform is Android, as a phone that goes online.
const socketPlatform = "2"

// socketWait is how long the gateway may take to let a client in.
const socketWait = 10 * time.Second

// connect opens a user's websocket. Frames that come are thrown away, and pings
// answered, until it is closed.
func (a *API) connect(ctx context.Context, user, token string) (*websocket.Conn, answer) {
	start := time.Now()
	a.n++
	query := url.Values{
		"sendID": {user}, "token": {token}, "platformID": {socketPlatform}, "operationID": {a.ID + "-" + strconv.Itoa(a.n)},
		"isBackground": {"false"}, "isMsgResp": {"false"}, "sdkType": {"js"},
	}
	limited, cancel := context.WithTimeout(ctx, socketWait)
	defer cancel()
	conn, resp, err := websocket.Dial(limited, a.socketURL()+"/?"+query.Encode(), &websocket.DialOptions{HTTPClient: a.Sender.Client()})
	got := answer{elapsed: time.Since(start)}
	if err != nil {
		got.failure, got.detail = validate.Network, err.Error()
		if resp != nil { // the gateway says why with status 200 and a body
			got = socketRefusal(resp, got)
		}
		return nil, got
	}
	conn.CloseRead(ctx)
	return conn, got
}

// socketRefusal is the answer to a client that the gateway does not let in.
func socketRefusal(resp *http.Response, got answer) answer {
	body := make([]byte, 1024) // what the library keeps of it
	n, _ := resp.Body.Read(body)
	refused := read(validate.Reply{Status: resp.StatusCode, Body: body[:n], Elapsed: got.elapsed})
	if refused.ErrCode == http.StatusOK { // no gateway of OpenIM
		return got
	}
	return refused
}
