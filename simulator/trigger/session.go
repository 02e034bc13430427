package trigger

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// Prefix begins the ids of the users and groups that imcb makes.
const Prefix = "imcb_trigger_"

// Session plays the IM client towards one OpenIM. Its jobs run one after another.
type Session struct {
	API     *API
	Judging *play.Judging
	// Arrivals are those of the receiver that OpenIM posts to. Nil: nobody looks,
	// and only what the caller sees is reported.
	Arrivals *Arrivals
	// Listening is where that receiver listens, host:port.
	Listening string
	// Wait is how long a callback may take after the call's answer.
	Wait time.Duration
	// Settings are the server's; nil: they could not be read.
	Settings *Settings

	values  func() map[string]string // for tests; nil: newValues
	steps   []validate.Step          // to be told with the next result
	users   bool                     // they are there
	sockets map[string]*websocket.Conn
}

// Begin takes the administrator's token, and reads the server's settings where
// it lets an administrator. Nothing is changed. The error is an *Error.
func (s *Session) Begin(ctx context.Context) error {
	path, err := s.API.Login(ctx)
	if err != nil {
		return err
	}
	s.step("token", true, say("token", "admin", s.API.Admin, "path", path))
	s.readSettings(ctx)
	return nil
}

// step notes what was done.
func (s *Session) step(name string, ok bool, text words.Text) {
	s.steps = append(s.steps, step(name, ok, text))
}

func step(name string, ok bool, text words.Text) validate.Step {
	if ok {
		return validate.Step{Name: name, Text: text}
	}
	return validate.Step{Name: name, Text: text, State: validate.StepFailed}
}

// letters name the users that are always there.
var letters = []string{"a", "b", "c", "d"}

// newValues are what stands for the names in the table, new ones for each
// operation.
func newValues() map[string]string { return valuesOf(strconv.FormatUint(rand.Uint64(), 36)) }

func valuesOf(mark string) map[string]string {
	all := map[string]string{"mark": "imcb-" + mark, "new": Prefix + "x_" + mark, "g": "imcb" + mark}
	for _, letter := range letters {
		all[letter] = Prefix + letter
	}
	return all
}

// Source has a job for each operation.
func (s *Session) Source(choices []Choice) play.Source {
	return func(yield func(play.Job) bool) {
		for _, c := range choices {
			if !yield(func(ctx context.Context) []validate.Result { return s.run(ctx, c) }) {
				return
			}
		}
	}
}

// Close closes the websockets that are open.
func (s *Session) Close() {
	for _, conn := range s.sockets {
		_ = conn.CloseNow()
	}
}

// ensureUsers finds the session's users, or registers them.
func (s *Session) ensureUsers(ctx context.Context, needed bool) (call, answer) {
	if s.users || !needed {
		return call{}, answer{}
	}
	t := operations()
	find := t.Find.filled(nil)
	ids := make([]string, len(letters))
	for i, letter := range letters {
		quoted, _ := json.Marshal(Prefix + letter)
		ids[i] = string(quoted)
	}
	find.Body = strings.ReplaceAll(find.Body, "{users}", strings.Join(ids, ","))
	found := s.API.post(ctx, find, s.API.tokens[""])
	known := make(map[string]bool)
	found.data.Get("usersInfo").ForEach(func(_, user gjson.Result) bool {
		known[user.Get("userID").String()] = true
		return true
	})
	made := 0
	for _, letter := range letters {
		if known[Prefix+letter] {
			continue
		}
		register := t.Register.filled(map[string]string{"user": Prefix + letter})
		if got := s.API.post(ctx, register, s.API.tokens[""]); !got.ok() {
			return register, got
		}
		made++
	}
	s.users = true
	s.step("users", true, say("users", "prefix", Prefix, "found", len(letters)-made, "made", made))
	return call{}, answer{}
}

// platformOf is the platform that a user's token is for: iOS, or Android for a
// websocket.
func platformOf(c call) string {
	if c.Socket != "" {
		return socketPlatform
	}
	return "1"
}

// do makes a call as its user.
func (s *Session) do(ctx context.Context, c call) answer {
	token, got := s.API.token(ctx, c.As, platformOf(c), s.Judging.Server().Release)
	if token == "" {
		return got
	}
	switch c.Socket {
	case "open":
		return s.open(ctx, c.As, token)
	case "close":
		start := time.Now()
		_ = s.sockets[c.As].Close(websocket.StatusNormalClosure, "")
		delete(s.sockets, c.As)
		return answer{elapsed: time.Since(start)}
	default:
		return s.until(ctx, c, token)
	}
}

func (s *Session) open(ctx context.Context, user, token string) answer {
	conn, got := s.API.connect(context.WithoutCancel(ctx), user, token)
	if conn != nil {
		if s.sockets == nil {
			s.sockets = make(map[string]*websocket.Conn)
		}
		s.sockets[user] = conn
	}
	return got
}

// askEvery is between two calls that wait for a value.
const askEvery = 100 * time.Millisecond

// until makes the call again until its answer has what it waits for, or the time
// is over.
func (s *Session) until(ctx context.Context, c call, token string) answer {
	end := time.Now().Add(s.Wait)
	for {
		got := s.API.post(ctx, c, token)
		if c.UntilData == "" || !got.ok() || got.data.Get(c.UntilData).Exists() || time.Now().After(end) {
			return got
		}
		select {
		case <-ctx.Done():
			return got
		case <-time.After(askEvery):
		}
	}
}
