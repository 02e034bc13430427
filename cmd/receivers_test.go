package cmd_test

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// backend is a small receiver, as an application has one: what it answers, by the
// command. It allows what it does not know.
type backend map[string]answer

// answer makes a reply. An error becomes the page that a framework makes of it.
type answer func(body []byte) (reply string, err error)

func (b backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	reply := fixtures.PlainAllow
	if own := b[path.Base(r.URL.Path)]; own != nil && err == nil {
		reply, err = own(body)
	}
	if err != nil {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusInternalServerError)
		reply = "<html><body><h1>Internal Server Error</h1></body></html>"
	} else {
		w.Header().Set("Content-Type", "application/json")
	}
	_, _ = io.WriteString(w, reply)
}

// The commands for which the backend has something to do.
const (
	beforeSingleMsg  = "callbackBeforeSendSingleMsgCommand"
	beforeGroupMsg   = "callbackBeforeSendGroupMsgCommand"
	afterSingleMsg   = "callbackAfterSendSingleMsgCommand"
	afterSingleRead  = "callbackAfterSingleMsgReadCommand"
	afterGroupRead   = "callbackAfterGroupMsgReadCommand"
	beforeUserInfo   = "callbackBeforeUpdateUserInfoCommand"
	beforeUserInfoEx = "callbackBeforeUpdateUserInfoExCommand"
	beforeGroup      = "callbackBeforeSetGroupInfoCommand"
	beforeGroupEx    = "callbackBeforeSetGroupInfoExCommand"
	beforeJoin       = "callbackBeforeMembersJoinGroupCommand"
	beforeRegister   = "callbackBeforeUserRegisterCommand"
)

// rightBackend looks at messages, names and members, counts what was read, and
// has no mistake.
func rightBackend() backend {
	b := backend{
		beforeSingleMsg: noCasino, beforeGroupMsg: noCasino,
		afterSingleMsg: storeMessages(),
		beforeUserInfo: noAdmin, beforeUserInfoEx: noAdmin,
		beforeGroup: repeatGroup, beforeGroupEx: repeatGroup,
		beforeJoin:     markMembers,
		beforeRegister: trimNames,
	}
	b[afterSingleRead] = func(body []byte) (string, error) {
		var read struct{ Seqs []int64 }
		return fixtures.PlainAllow, json.Unmarshal(body, &read)
	}
	b[afterGroupRead] = func(body []byte) (string, error) {
		var read struct{ UnreadMsgNum int64 }
		return fixtures.PlainAllow, json.Unmarshal(body, &read)
	}
	return b
}

func refuseWith(code int32, text string) (string, error) {
	return string(fixtures.RefuseReply(code, text, "")), nil
}

// noCasino keeps a word out of texts. Other kinds of messages have other contents.
func noCasino(body []byte) (string, error) {
	message := gjson.ParseBytes(body)
	if message.Get("contentType").Int() != 101 {
		return fixtures.PlainAllow, nil
	}
	if strings.Contains(gjson.Get(message.Get("content").Str, "content").Str, "casino") {
		return refuseWith(5001, "not here")
	}
	return fixtures.PlainAllow, nil
}

// storeMessages keeps each message once: OpenIM's come again when a client sends
// again.
func storeMessages() answer {
	var stored sync.Map
	return func(body []byte) (string, error) {
		stored.Store(gjson.GetBytes(body, "clientMsgID").Str, body)
		return fixtures.PlainAllow, nil
	}
}

// noAdmin keeps a word out of names. One that does not change is "" or null.
func noAdmin(body []byte) (string, error) {
	if strings.Contains(strings.ToLower(gjson.GetBytes(body, "nickName").Str), "admin") {
		return refuseWith(5002, "choose another name")
	}
	return fixtures.PlainAllow, nil
}

// repeatGroup repeats what the request changes, which OpenIM copies from the reply.
func repeatGroup(body []byte) (string, error) {
	request, reply := gjson.ParseBytes(body), fixtures.PlainAllow
	plain := request.Get("callbackCommand").Str == beforeGroup
	for _, name := range []string{
		"groupID", "groupName", "introduction", "faceURL", "ex", "needVerification", "lookMemberInfo", "applyMemberFriend",
	} {
		value := request.Get(name)
		if unset := value.Raw == `""` || value.Raw == "0"; value.Type != gjson.Null && !(plain && unset) {
			reply, _ = sjson.SetRaw(reply, name, value.Raw)
		}
	}
	return reply, nil
}

// markMembers notes who came through the application.
func markMembers(body []byte) (string, error) {
	var members []map[string]any
	for _, id := range gjson.GetBytes(body, "memberList.#.userID").Array() {
		members = append(members, map[string]any{"userID": id.Str, "ex": "app"})
	}
	return sjson.Set(fixtures.PlainAllow, "memberCallbackList", members)
}

// trimNames changes the names of new users, and nothing else of them.
func trimNames(body []byte) (string, error) {
	var users []map[string]any
	err := json.Unmarshal([]byte(gjson.GetBytes(body, "users").Raw), &users)
	for _, u := range users {
		u["nickname"] = strings.TrimSpace(u["nickname"].(string))
	}
	reply, _ := sjson.Set(fixtures.PlainAllow, "users", users)
	return reply, err
}

var errBroken = errors.New("broken")

// mistakes are those that people make first: each is a backend that is right but
// for one thing.
var mistakes = []struct {
	name string
	// args choose callbacks, and how validate waits.
	args string
	with func(right backend) http.Handler
	// wants are what the output says of it.
	wants []string
}{
	{"content is taken for that of a text", "beforeSendSingleMsg", func(right backend) http.Handler {
		right[beforeSingleMsg] = func(body []byte) (string, error) {
			if !gjson.Get(gjson.GetBytes(body, "content").Str, "content").Exists() {
				return "", errBroken
			}
			return noCasino(body)
		}
		return right
	}, []string{"contentType is 102 (picture)"}},
	{"a list that is null", "afterSingleMsgRead", func(right backend) http.Handler {
		right[afterSingleRead] = func(body []byte) (string, error) {
			if !gjson.GetBytes(body, "Seqs").IsArray() { // TypeError: Seqs is not iterable
				return "", errBroken
			}
			return fixtures.PlainAllow, nil
		}
		return right
	}, []string{"Seqs is null"}},
	{"an empty name is refused", "beforeUpdateUserInfo beforeUpdateUserInfoEx", func(right backend) http.Handler {
		named := func(body []byte) (string, error) {
			if gjson.GetBytes(body, "nickName").String() == "" {
				return refuseWith(5002, "a name is needed")
			}
			return noAdmin(body)
		}
		right[beforeUserInfo], right[beforeUserInfoEx] = named, named
		return right
	}, []string{"refuses 5002 when nickName is empty", "1 more: all=null"}},
	{"a number is read as int32", "afterGroupMsgRead", func(right backend) http.Handler {
		right[afterGroupRead] = func(body []byte) (string, error) {
			var read struct{ UnreadMsgNum int32 }
			return fixtures.PlainAllow, json.Unmarshal(body, &read)
		}
		return right
	}, []string{"unreadMsgNum is 9007199254740993 (above 2^53)"}},
	{"a kind of message is unknown", "beforeSendGroupMsg", func(right backend) http.Handler {
		right[beforeGroupMsg] = func(body []byte) (string, error) {
			if gjson.GetBytes(body, "contentType").Int() > 110 {
				return "", errBroken
			}
			return noCasino(body)
		}
		return right
	}, []string{"contentType is 114 (quote)"}},
	{"a body has a limit", "afterSendSingleMsg", func(right backend) http.Handler {
		return http.MaxBytesHandler(right, 100<<10)
	}, []string{"content is 879 KB of text"}},
	{"a body is decoded part by part", "beforeSendSingleMsg", func(right backend) http.Handler {
		right[beforeSingleMsg] = func(body []byte) (string, error) {
			for part := range slices.Chunk(body, 64<<10) { // JavaScript: text += chunk
				if len(body) > 64<<10 && !utf8.Valid(part) {
					return "", errBroken
				}
			}
			return noCasino(body)
		}
		return right
	}, []string{"content is 879 KB of text"}},
	{"a column that takes no emoji", "beforeUpdateUserInfo", func(right backend) http.Handler {
		right[beforeUserInfo] = func(body []byte) (string, error) {
			if slices.ContainsFunc([]rune(gjson.GetBytes(body, "nickName").Str), func(r rune) bool { return utf8.RuneLen(r) > 3 }) {
				return "", errBroken // Incorrect string value: '\xF0\x9F…' for column 'nickname'
			}
			return noAdmin(body)
		}
		return right
	}, []string{`nickName is "Анна`}},
	{"state between calls", "afterSendSingleMsg", func(right backend) http.Handler {
		var seen sync.Map
		right[afterSingleMsg] = func(body []byte) (string, error) {
			if _, known := seen.LoadOrStore(gjson.GetBytes(body, "clientMsgID").Str, true); known {
				return "", errBroken // UNIQUE constraint failed: messages.client_msg_id
			}
			return fixtures.PlainAllow, nil
		}
		return right
	}, []string{"answers the same request differently", "not-json"}},
	{"one connection at a time", "beforeAddFriend afterAddFriend beforeAddBlack --timeout 400ms", func(right backend) http.Handler {
		return oneConnection{right}
	}, []string{"one connection at a time"}},
	{"everyone's role is set", "beforeMemberJoinGroup", func(right backend) http.Handler {
		right[beforeJoin] = func(body []byte) (string, error) {
			reply, err := markMembers(body)
			return strings.ReplaceAll(reply, `"ex":"app"`, `"roleLevel":20`), err
		}
		return right
	}, []string{"[owner-lost]"}},
	{"users without their ids", "beforeUserRegister", func(right backend) http.Handler {
		right[beforeRegister] = func(body []byte) (string, error) {
			reply, err := trimNames(body)
			return strings.ReplaceAll(reply, `"userID"`, `"id"`), err
		}
		return right
	}, []string{"a user without userID", "[user-nameless]"}},
	{"it answers by the Accept header", "beforeAddFriend", func(right backend) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.Header.Get("Accept"), "json") {
				w.Header().Set("Content-Type", "text/html")
				_, _ = io.WriteString(w, "<html><body>Hello!</body></html>")
				return
			}
			right.ServeHTTP(w, r)
		})
	}, []string{"OpenIM sends no Accept header"}},
}

func TestDefaultRunFindsEachMistake(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			url := listenTo(t, m.with)
			args := append([]string{"validate", "--fail-on", "note", "--url", url}, strings.Fields(m.args)...)
			code, stdout, _ := runMain(t, "", args...)
			assert.Equal(t, 1, code)
			for _, want := range m.wants {
				assert.Contains(t, stdout, want)
			}
		})
	}
}

func TestDefaultRunFindsNothingInARightBackend(t *testing.T) {
	url := listenTo(t, func(right backend) http.Handler { return right })
	code, stdout, _ := runMain(t, "", "validate", "--url", url, "--fail-on", "note", "-q")
	assert.Zero(t, code, stdout)
}

// listenTo serves what is made of a right backend.
func listenTo(t *testing.T, with func(backend) http.Handler) (url string) {
	t.Helper()
	h := with(rightBackend())
	server := httptest.NewUnstartedServer(h)
	if _, one := h.(oneConnection); one {
		server.Listener = &queue{Listener: server.Listener, free: make(chan struct{}, 1), closed: t.Context().Done()}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// oneConnection is served as Python's HTTPServer serves: no connection before the
// one before it is closed.
type oneConnection struct{ http.Handler }

// queue is its listener.
type queue struct {
	net.Listener
	free   chan struct{}
	closed <-chan struct{}
}

func (q *queue) Accept() (net.Conn, error) {
	conn, err := q.Listener.Accept()
	if err != nil {
		return nil, err
	}
	select {
	case q.free <- struct{}{}:
		return &queued{Conn: conn, done: sync.OnceFunc(func() { <-q.free })}, nil
	case <-q.closed:
		_ = conn.Close()
		return nil, net.ErrClosed
	}
}

type queued struct {
	net.Conn
	done func()
}

func (c *queued) Close() error {
	c.done()
	return c.Conn.Close()
}
