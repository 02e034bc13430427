package inspector_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/simulator/inspector"
)

func verify(t *testing.T, i *inspector.Inspector, question string) map[string]any {
	t.Helper()
	w := ask(i, "POST", path("/verify"), question, "Content-Type", "application/json")
	require.Equal(t, 200, w.Code, w.Body)
	return parse(t, w.Body)
}

func TestVerifyCounts(t *testing.T) {
	i := newInspector()
	i.Record(arrival(t, "beforeAddFriend", `{"fromUserID":"1","n":1.0,"l":[1,{"a":2}],"z":null}`, ""))
	i.Record(arrival(t, "beforeAddFriend", `{"fromUserID":"2","n":2}`, ""))
	i.Record(arrival(t, "afterAddFriend", "", ""))
	i.Record(foreign("/x", `{"content":"{\"a\":{\"b\":\"c\"}}"}`))
	for _, c := range []struct {
		question, want string
		ok             bool
		count          float64
		message        string
	}{
		{`{}`, "at least 1", true, 4, "a request came 4 times, at least 1"},
		{`{"callback":"beforeAddFriend","exactly":2}`, "exactly 2", true, 2, "beforeAddFriend came 2 times, as wanted"},
		{`{"callback":"callbackBeforeAddFriendCommand","exactly":1}`, "exactly 1", false, 2, "beforeAddFriend came 2 times; wanted: exactly 1"},
		{`{"callback":"beforeAddFriend","atLeast":3}`, "at least 3", false, 2, "beforeAddFriend came 2 times; wanted: at least 3"},
		{`{"callback":"beforeAddBlack","exactly":0}`, "exactly 0", true, 0, "beforeAddBlack came not at all, as wanted"},
		{`{"callback":"unknown","atLeast":1}`, "at least 1", true, 1, "a request of no known callback came once, at least 1"},
		{`{"phase":"after","exactly":1}`, "exactly 1", true, 1, "a request of phase after came once, as wanted"},
		{`{"callback":"beforeAddFriend","where":{"fromUserID":"1"},"exactly":1}`, "exactly 1", true, 1, `beforeAddFriend with fromUserID "1" came once, as wanted`},
		{`{"where":{"n":1}}`, "at least 1", true, 1, "a request with n 1 came once, at least 1"},
		{`{"where":{"n":"1"}}`, "at least 1", true, 1, `a request with n "1" came once, at least 1`},
		{`{"where":{"n":"one"},"exactly":0}`, "exactly 0", true, 0, `a request with n "one" came not at all, as wanted`},
		{`{"where":{"l":{"equals":[1,{"a":2}]}}}`, "at least 1", true, 1, `a request with l [1,{"a":2}] came once, at least 1`},
		{`{"where":{"fromUserID":1}}`, "at least 1", true, 1, "a request with fromUserID 1 came once, at least 1"},
		{`{"where":{"fromUserID":{"regex":"^[12]$"},"n":{"greater":1}}}`, "at least 1", true, 1, "a request with fromUserID a match of /^[12]$/, n more than 1 came once, at least 1"},
		{`{"where":{"n":{"exists":true,"not":2}}}`, "at least 1", true, 1, "a request with n there and other than 2 came once, at least 1"},
		{`{"where":{"fromUserID":{"in":["2","\ud83d\ude00\/"]}}}`, "at least 1", true, 1, `a request with fromUserID one of "2", "😀/" came once, at least 1`},
		{`{"callback":"beforeAddFriend","where":{"z":null},"exactly":2}`, "exactly 2", true, 2, "beforeAddFriend with z null came 2 times, as wanted"},
		{`{"where":{"content.a.b":"c"}}`, "at least 1", true, 1, `a request with content.a.b "c" came once, at least 1`},
	} {
		got := verify(t, i, c.question)
		assert.Equal(t, []any{c.ok, c.count, c.want, c.message, 0.0}, []any{got["ok"], got["count"], got["want"], got["message"], got["dropped"]}, c.question)
	}
}

func TestVerifyShowsNearMisses(t *testing.T) {
	i := newInspector()
	i.Record(foreign("/x", ""))                                                                  // 1
	i.Record(arrival(t, "afterAddFriend", `{"fromUserID":"1","toUserID":"2"}`, ""))              // 2
	i.Record(arrival(t, "beforeAddFriend", `{"fromUserID":"9","toUserID":"9"}`, ""))             // 3
	i.Record(arrival(t, "beforeAddFriend", `{"fromUserID":"1","toUserID":3}`, ""))               // 4
	i.Record(arrival(t, "beforeAddFriend", `{"fromUserID":"1"}`, ""))                            // 5
	i.Record(arrival(t, "beforeAddBlack", `{"fromUserID":"1","toUserID":"\u001b<script>"}`, "")) // 6
	got := verify(t, i, `{"callback":"beforeAddFriend","where":{"fromUserID":"1","toUserID":"2"}}`)
	assert.Equal(t, []any{
		map[string]any{"id": 5.0, "callback": "beforeAddFriend", "missed": []any{`toUserID is missing, not "2"`}},
		map[string]any{"id": 4.0, "callback": "beforeAddFriend", "missed": []any{`toUserID is 3, not "2"`}},
		map[string]any{"id": 3.0, "callback": "beforeAddFriend", "missed": []any{`fromUserID is "9", not "1"`, `toUserID is "9", not "2"`}},
	}, got["near"], "of the same callback")
	assert.Empty(t, verify(t, i, `{"callback":"beforeAddFriend","exactly":1}`)["near"], "too many came: nothing is near")
}

func TestVerifyAfterRequestsWereDropped(t *testing.T) {
	i := inspector.New(inspector.Options{Keep: 2})
	for range 5 {
		i.Record(arrival(t, "beforeAddFriend", `{"fromUserID":"1"}`, ""))
	}
	got := verify(t, i, `{"callback":"beforeAddFriend","exactly":5}`)
	assert.Equal(t, []any{true, 5.0, 0.0}, []any{got["ok"], got["count"], got["dropped"]}, "the counts do not forget")
	got = verify(t, i, `{"callback":"beforeAddFriend","where":{"fromUserID":"1"},"exactly":5}`)
	assert.Equal(t, []any{false, 2.0, 3.0}, []any{got["ok"], got["count"], got["dropped"]})
	assert.Equal(t, `beforeAddFriend with fromUserID "1" came 2 times; wanted: exactly 5; 3 requests were dropped from memory before they could be looked at: keep more, or reset between tests`, got["message"])
}

func TestVerifyRefuses(t *testing.T) {
	i := newInspector()
	for question, want := range map[string]string{
		"": "the body is not what verify takes", "[]": "the body is not what", `{"callbak":"x"}`: `unknown field`, `{} {}`: "goes on after", `{"exactly":1,"atLeast":1}`: "not both",
		`{"exactly":-1}`: "from 0 on", `{"exactly":1.5}`: "the body is not", `{"callback":"beforeAdFriend"}`: "did you mean", `{"phase":"x"}`: `unknown phase "x": use one of`, `{"where":{"":1}}`: `where "": name a field of the request`, `{"where":[1]}`: "the body is not what",
		`{"where":{"a":1,"fromUserID":{"regex":"("}}}`: `where "fromUserID": this is no pattern: error parsing regexp: missing closing )`, `{"where":{"a":{"like":"x"}}}`: `where "a": unknown key "like" in a condition`,
		`{"where":{"a":[1]}}`: `where "a": for one of several values, write {in: […]}; for the list itself, {equals: […]}`, `{"where":{"a":{}}}`: `where "a": this condition is empty`,
		`{"where":{"` + strings.Repeat("x", 501) + `":1}}`: "a path has at most 500 bytes",

		`{"where":{` + strings.TrimSuffix(strings.Repeat(`"a":1,`, 3)+manyKeys(17), ",") + `}}`: "more than 16",
	} {
		w := ask(i, "POST", path("/verify"), question, "Content-Type", "application/json")
		assert.Equal(t, 400, w.Code, question)
		assert.Contains(t, parse(t, w.Body)["error"], want, question)
	}
	assert.Equal(t, 413, ask(i, "POST", path("/verify"), strings.Repeat(" ", 64<<10+1), "Content-Type", "application/json").Code)
}

func manyKeys(n int) string {
	var b strings.Builder
	for k := range n {
		b.WriteString(`"k` + string(rune('a'+k)) + `":1,`)
	}
	return b.String()
}

// TestOddPaths: gjson's syntax is rich, and a client's path may be anything.
func TestOddPaths(t *testing.T) {
	i := newInspector()
	i.Record(foreign("/x", `{"a":[{"b":"{\"c\":1}"}],"s":"[[[["}`))
	for _, p := range []string{"@this", "@pretty:{", "!1", "{a,b", "[", "a.#", "a.#(b", `a.#(b=="x")#|@reverse`, "*", strings.Repeat("*?", 120), "..", "a.0.b.c", "\\", "@", "@@", "a|b", "s.0.0.0", strings.Repeat(".", 200), "#.#.#", "@join:@flatten", "@fromstr", "@tostr"} {
		body := `{"where":{` + quote(p) + `:1}}`
		assert.Equal(t, 200, ask(i, "POST", path("/verify"), body, "Content-Type", "application/json").Code, p)
	}
	assert.Equal(t, true, verify(t, i, `{"where":{"a.0.b.c":1}}`)["ok"])
}
