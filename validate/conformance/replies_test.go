package conformance

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/require"
)

// mutations is how many replies are made up.
const mutations = 10_000

// replies are all that verdicts are tried on: the known ones and mutations of
// them, the same in every run.
func replies(t testing.TB) [][]byte {
	bodies := known(t)
	m := mutator{rand.New(rand.NewPCG(3, 8)), fieldNames()}
	for n := len(bodies); len(bodies) < n+mutations; {
		bodies = append(bodies, m.mutate(bodies[m.IntN(n)]))
	}
	return bodies
}

// known are the recorded replies, the examples of imcb's rules, those of its
// catalog, and some that are hard to read.
func known(t testing.TB) [][]byte {
	bodies := recorded(t)
	for _, rule := range validate.Rules() {
		bodies = append(bodies, rule.Bad.Reply.Body, rule.Good.Reply.Body)
	}
	for _, c := range deciding() {
		bodies = append(bodies, c.AllowReply(server, payloadOf(t, c, "").Body), c.ModifyReply(server))
	}
	for _, body := range hard {
		bodies = append(bodies, []byte(body))
	}
	return bodies
}

// recorded are the replies of validate/testdata/verdicts.jsonl.
func recorded(t testing.TB) (bodies [][]byte) {
	f, err := os.Open("../testdata/verdicts.jsonl")
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var row struct {
			Body   string
			Latin1 string `json:"body_latin1"`
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
		body := []byte(row.Body)
		for _, c := range row.Latin1 {
			body = append(body, byte(c))
		}
		bodies = append(bodies, body)
	}
	require.NoError(t, lines.Err())
	return bodies
}

// hard are replies at the edges of what Go's decoder does.
var hard = []string{
	`null`, `{}`, `[]`, `""`, `0`, `true`, ` { } `, `{"nextCode":1`, `{"":0}`, `{"nextCode":-0}`, `{"errCode":00}`,
	`{"memberCallbackList":[{"userID":"a","nickname":"b"}],"MEMBERCALLBACKLIST":[{}]}`,
	`{"memberCallbackList":[{"userID":"a"},{"userID":"b"}],"memberCallbackList":[{}],"memberCallbackList":[{},{}]}`,
	`{"memberCallbackList":[{"userID":"a"}],"memberCallbackList":null,"memberCallbackList":[{}]}`,
	`{"memberCallbackList":[{"userID":"a","userID":null}]}`,
	`{"memberCallbackList":[{"userID":"a","roleLevel":"20"}],"memberCallbackList":[1]}`,
	`{"users":[{"userID":"a"},null],"users":[{"nickname":"b","userid":null}]}`,
	`{"users":[{"userID":"a","createTime":9223372036854775807},{"createTime":9223372036854775808}]}`,
	`{"friendUserIDs":["a","b"],"friendUserIDs":[null]}`,
	`{"friendUserIDs":["a","b"],"friendUserIDs":[],"friendUserIDs":[null,null]}`,
	`{"msgDataList":"AQID"}`, `{"msgDataList":[1,2,3],"msgDataList":[null,256]}`, `{"msgDataList":[1,2,3],"msgDataList":[null,4]}`,
	`{"msgDataList":"AQ\nID="}`, `{"msgDataList":"A\u0051=="}`, `{"msgDataList":"!"}`, `{"msgDataList":[-0,-1,1.0,"x",{},[],true]}`,
	`{"options":{"a":true},"options":{"b":null,"a":false}}`, `{"options":{"a":1}}`, `{"options":[]}`, `{"options":{"\u0061":true,"a/b~c":"x"}}`,
	`{"offlinePushInfo":{"title":"a"},"offlinePushInfo":{"desc":"b","TITLE":null}}`, `{"offlinePushInfo":{"iOSBadgeCount":1,"title":2}}`,
	`{"offlinePushInfo":[{}]}`, `{"offlinePushInfo":"x","nextCode":"y"}`,
	`{"groupName":{"value":"x"},"nextCode":"1"}`, `{"nextCode":"1","groupName":{"value":"x"},"needVerification":"1"}`,
	`{"needVerification":"1","groupName":1}`, `{"needVerification":{"value": 1 }}`, `{"needVerification":2147483648}`, `{"needVerification":1.0}`,
	`{"needVerification":1,"needVerification":null}`, `{"needVerification":[ 1 , 2 ]}`, `{"needVerification":true}`,
	"{\"groupName\":\"\xff\",\"errMsg\":\"\xff\",\"nextCode\":1}", `{"errMsg":"\ud800","errDlt":"\udc00\ud800\u0041","nextCode":1}`,
	`{"ne\u0078tCode":1,"errC\u006fde":5001,"errMsg":"\"\\\/\b\f\n\r\t\u0000"}`, `{"errMſg":"long s","nextCode":1,"ACTIONCODE":0}`,
	`{"nicKname":"kelvin"}`, `{"nextCode":1,"NEXTCODE":null,"nextcode":2,"nextCode":null}`,
}

// fieldNames are the names of all fields that some reply has.
func fieldNames() []string {
	names := []string{"actionCode", "errCode", "errMsg", "errDlt", "nextCode", "data", "value", "unknown"}
	var add func(fields []fixtures.Field)
	add = func(fields []fixtures.Field) {
		for _, f := range fields {
			names = append(names, f.Name)
			add(f.Fields)
		}
	}
	for _, c := range deciding() {
		add(c.ReplyFields(server))
	}
	return names
}
