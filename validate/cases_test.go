package validate_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// builtCase is a request of a covering set.
type builtCase struct {
	server   fixtures.Release
	callback *fixtures.Callback
	fixtures.Case
	body []byte
	err  error
}

// allCases are the covering sets of all releases. A content of any length is the
// same in all of them, and takes long.
var allCases = sync.OnceValue(func() (all []builtCase) {
	for _, server := range fixtures.Releases() {
		for _, c := range fixtures.SentBy(server) {
			for _, k := range c.Cases(server) {
				if k.Name == "content=largest" && server != fixtures.DefaultRelease {
					continue
				}
				one := builtCase{server: server, callback: c, Case: k}
				var p *fixtures.Payload
				if p, one.err = k.Payload(fixtures.PayloadOptions{Seed: new(uint64(1))}); one.err == nil {
					one.body = p.Body
				}
				all = append(all, one)
			}
		}
	}
	return all
})

// Each request of a covering set lies in the space. That none has a finding is a
// test of package simulator.
func TestCasesLieInTheSpace(t *testing.T) {
	for _, k := range allCases() {
		require.NoError(t, k.err)
		assert.Empty(t, k.callback.Outside(k.server, k.body), "%s %s %s", k.server, k.callback.Key, k.Name)
	}
}

// What running servers sent lies in the space.
func TestRealRequestsLieInTheSpace(t *testing.T) {
	for _, r := range realRequests(t) {
		if body := r.request.Body; len(body) > 0 { // else a redirect lost it
			assert.Empty(t, r.callback.Outside(r.server, body), "%s %s", r.server, body)
		}
	}
}

// unrecorded are values with no source of their own in values.json, in a field for
// which none was recorded: why servers send them all the same.
var unrecorded = []struct {
	source string
	values []string
}{
	{"open-im-server internal/rpc/user/user.go: a text of UpdateUserInfo is not looked at",
		[]string{`nickName=""`, `faceURL=""`}},
	{"open-im-server internal/rpc/group/callback.go: what the caller of SetGroupMemberInfo leaves out is null",
		[]string{"nickName=null", "roleLevel=20", `ex=""`}},
	{"open-im-server internal/rpc/group/db_map.go: the name is looked at, but only after the before callback",
		[]string{`groupName=""`, "groupName=null", `notification=""`, `introduction=""`}},
	{"protocol constant: needVerification is 0 to 2", []string{"needVerification=0", "needVerification=2"}},
	{"protocol constant: the others are 0 and 1",
		[]string{"lookMemberInfo=0", "lookMemberInfo=1", "applyMemberFriend=0", "applyMemberFriend=1"}},
	{"protocol: Check of the requests looks at ids only",
		[]string{`HandleMsg=""`, `remark=""`, `reqMessage=""`, `reason=""`}},
	{"protocol group: JoinGroupReq.Check wants an inviter for an invitation only", []string{`inviterUserID=""`}},
	{"protocol group: CreateGroupReq.Check lets a group begin with its owner only",
		[]string{`initMemberList=[{"userID":"4930183725","roleLevel":100}]`}},
	{"open-im-server internal/rpc/group/group.go: the group has its owner only", []string{`membersID=["4930183725"]`}},
	{"open-im-server internal/api/msg.go: the caller of the REST API chooses", []string{`title=""`, `desc=""`}},
}

// Whatever is in a covering set was recorded, or has a source.
func TestCasesAreWhatServersSend(t *testing.T) {
	recorded := recordedValues(t)
	needed := make(map[string]bool)
	for _, k := range allCases() {
		for _, d := range k.Differs {
			if d.Source == "" && !(d.Path == "contentType" && k.callback.IsMessage()) {
				name := d.Path + "=" + string(d.Value)
				needed[name] = needed[name] || !recorded[valueAt(k.callback, d.Path, gjson.GetBytes(k.body, d.Path))]
			}
		}
	}
	for _, u := range unrecorded {
		for _, name := range u.values {
			assert.True(t, needed[name], "%s is recorded or in no case", name)
			delete(needed, name)
		}
	}
	for name, unproven := range needed {
		assert.False(t, unproven, "nothing says that a server sends %.100s", name)
	}
}

// recordedValues are all values of all recorded requests.
func recordedValues(t *testing.T) map[string]bool {
	t.Helper()
	recorded := make(map[string]bool)
	add := func(c *fixtures.Callback, body []byte) {
		p := fixtures.Payload{Body: body}
		for _, path := range append(p.Paths(), fixtures.FieldNames(c.Request)...) {
			recorded[valueAt(c, path, gjson.GetBytes(body, path))] = true
		}
	}
	for _, r := range realRequests(t) {
		add(r.callback, r.request.Body)
	}
	for _, name := range []string{"captured-v3.8.3", "handlers-v3.7.0", "handlers-v3.8.3", "handlers-main"} {
		readLines(t, "../fixtures/testdata/"+name+".jsonl", func(line []byte) {
			var row struct {
				Command string
				Body    json.RawMessage
			}
			require.NoError(t, json.Unmarshal(line, &row))
			c, err := fixtures.Lookup(row.Command)
			require.NoError(t, err)
			if body := gjson.ParseBytes(row.Body); body.Type == gjson.String {
				row.Body = json.RawMessage(body.Str)
			}
			add(c, row.Body)
		})
	}
	return recorded
}

// valueAt is a value at its path; of lists it is the length.
func valueAt(c *fixtures.Callback, path string, v gjson.Result) string {
	text := v.Raw
	if v.IsArray() {
		text = strings.Repeat("[", len(v.Array())+1)
	}
	return strings.Join([]string{c.Key, path, text}, " ")
}
