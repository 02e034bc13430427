package trigger

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// Defaults of a server as it is shipped.
const (
	DefaultAPI    = "http://127.0.0.1:10002"
	DefaultSecret = "openIM123"
	DefaultAdmin  = "imAdmin"
	socketPort    = "10001"
)

// API is the API of a running OpenIM, with the tokens that it gave. One
// goroutine may use it at a time.
type API struct {
	// URL is that of the REST API, without a path behind it. Socket is the
	// gateway's, ws:// or wss://; empty: the API's host at the shipped port.
	URL, Socket string
	// Secret is that of share.yml, Admin one of its administrators.
	Secret, Admin string
	Sender        *simulator.Sender
	// ID begins the operation id of each call.
	ID string

	tokens map[string]string
	n      int
}

// NewAPI returns the API with a fresh ID.
func NewAPI(a API) *API {
	a.ID = "imcb-trigger-" + strconv.FormatUint(rand.Uint64(), 36)
	return &a
}

// answer is what the caller saw of one call.
type answer struct {
	validate.Client
	data    gjson.Result
	elapsed time.Duration
	// failure is why there is no answer; detail is what the HTTP client said.
	failure validate.Failure
	detail  string
	status  int
}

// ok reports whether the call did what it was to do.
func (a answer) ok() bool { return a.failure == "" && a.ErrCode == 0 }

// request is a call as it goes over the wire.
func (a *API) request(c call, token string) validate.Request {
	a.n++
	headers := []validate.Header{{"Content-Type", "application/json"}, {"operationID", fmt.Sprintf("%s-%d", a.ID, a.n)}}
	if token != "" {
		headers = append(headers, validate.Header{"token", token})
	}
	return validate.Request{Method: http.MethodPost, URL: a.URL + c.Path, Headers: headers, Body: []byte(c.Body)}
}

// post makes a call and waits for its answer, as long as OpenIM's own client
// waits for a receiver at most.
func (a *API) post(ctx context.Context, c call, token string) answer {
	x := a.Sender.Do(ctx, validate.Exchange{Request: a.request(c, token), Timeout: validate.MaxTimeout})
	return read(x.Reply)
}

// read takes the answer out of a reply. One without a body, as after a panic, has
// its status as the code.
func read(r validate.Reply) answer {
	got := answer{elapsed: r.Elapsed, failure: r.Failure, detail: r.Detail, status: r.Status}
	body := gjson.ParseBytes(r.Body)
	if code := body.Get("errCode"); code.Exists() {
		got.Client = validate.Client{ErrCode: int(code.Int()), ErrMsg: body.Get("errMsg").String(), ErrDlt: body.Get("errDlt").String()}
		got.data = body.Get("data")
	} else {
		got.ErrCode = r.Status
	}
	return got
}

// Error is why there is no way in.
type Error struct {
	words.Text
	// Unreachable: no OpenIM answers at the API's address.
	Unreachable bool
}

// Error is the text in English.
func (e *Error) Error() string { return e.String() }

// Login takes the administrator's token, from the first path that gives one. The
// error is an *Error.
func (a *API) Login(ctx context.Context) (path string, err error) {
	path, got := a.takeToken(ctx, "", operations().Login.Admin, map[string]string{"secret": a.Secret, "admin": a.Admin}, "")
	switch {
	case a.tokens[""] != "":
		return path, nil
	case got.failure != "":
		return path, &Error{say("no-api", "api", a.URL, "why", a.hide(got.detail)), true}
	case got.status != http.StatusOK || got.ErrCode == got.status:
		return path, &Error{say("no-openim", "api", a.URL, "status", got.status), true}
	default:
		return path, &Error{say("no-token", "path", path, "admin", a.Admin, "answer", a.sees(got.Client)), false}
	}
}

// takeToken keeps the first token that is given. The answer is that of the path
// that gave it, or the most telling of those that gave none.
func (a *API) takeToken(ctx context.Context, key string, ways []call, values map[string]string, token string) (path string, got answer) {
	for i, way := range ways {
		one := a.post(ctx, way.filled(values), token)
		if found := one.data.Get("token").String(); one.ok() && found != "" {
			if a.tokens == nil {
				a.tokens = make(map[string]string)
			}
			a.tokens[key] = found
			return way.Path, one
		}
		if i == 0 || got.status == http.StatusNotFound {
			path, got = way.Path, one
		}
	}
	return path, got
}

// token is that of a user for a platform; empty: the administrator's.
func (a *API) token(ctx context.Context, user, platform string, v fixtures.Release) (string, answer) {
	key := user
	if user != "" {
		key = user + "@" + platform
	}
	if a.tokens[key] != "" {
		return a.tokens[key], answer{}
	}
	values := map[string]string{"secret": a.Secret, "user": user, "platform": platform}
	_, got := a.takeToken(ctx, key, in(operations().Login.User, v), values, a.tokens[""])
	return a.tokens[key], got
}

// socketURL is the address of the gateway.
func (a *API) socketURL() string {
	u, err := url.Parse(a.URL)
	if a.Socket != "" || err != nil {
		return strings.TrimSuffix(cmp.Or(a.Socket, a.URL), "/")
	}
	scheme := "ws"
	if u.Scheme == "https" {
		scheme = "wss"
	}
	return scheme + "://" + u.Hostname() + ":" + socketPort
}

// told says what became of a call.
func (a *API) told(got answer) words.Text {
	if got.failure != "" {
		return say("no-answer", "why", words.Clip(a.hide(got.detail), maxDetail))
	}
	return a.sees(got.Client)
}

// sees says what a caller saw, without the secret and the tokens.
func (a *API) sees(c validate.Client) words.Text {
	text := a.hide(c.ErrMsg)
	if c.ErrDlt != "" && c.ErrDlt != c.ErrMsg {
		text += " (" + a.hide(shortDetail(c.ErrDlt)) + ")"
	}
	if text == "" {
		return say("sees.code", "code", c.ErrCode)
	}
	return say("sees", "code", c.ErrCode, "text", words.Clip(text, maxDetail))
}

const maxDetail = 300

// shortDetail is an errDlt without the call stack behind it.
func shortDetail(dlt string) string {
	dlt, _, _ = strings.Cut(dlt, " | -> ")
	return dlt
}

// hide replaces the secret and the tokens in a text that came from elsewhere.
func (a *API) hide(text string) string {
	for _, secret := range append(slices.Collect(maps.Values(a.tokens)), a.Secret) {
		if len(secret) >= shortestSecret {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}

// shortestSecret is how long what is hidden is at least: a letter would be found
// in every word.
const shortestSecret = 4
