package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	cb "github.com/openimsdk/open-im-server/v3/pkg/callbackstruct"
	"github.com/openimsdk/open-im-server/v3/pkg/common/servererrs"
	"github.com/openimsdk/open-im-server/v3/pkg/common/webhook"
	"github.com/openimsdk/tools/errs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// read is what OpenIM's client does with the body of a reply, see its post.
func read(body []byte, reply cb.CallbackResp) error {
	if err := json.Unmarshal(body, reply); err != nil {
		return servererrs.ErrData.WithDetail(err.Error() + " response format error")
	}
	return reply.Parse()
}

// TestRead shows that read is what the client does, on a sample.
func TestRead(t *testing.T) {
	var body []byte
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
	defer receiver.Close()
	client := webhook.NewWebhookClient(receiver.URL)
	callbacks := deciding()
	for i, reply := range sample(replies(t), 400) {
		body = reply
		c := callbacks[i%len(callbacks)]
		got, want := callOf(t, c).reply(), callOf(t, c).reply()
		wantErr := read(body, want)
		err := client.SyncPost(t.Context(), c.Command(server), &cb.CallbackBeforeAddFriendReq{}, got, before)
		require.Equal(t, wantErr, err, "%s: %s", c.Key, shown(body))
		require.Equal(t, want, got, "%s: %s", c.Key, shown(body))
	}
}

func sample(bodies [][]byte, n int) [][]byte {
	var some [][]byte
	for i := range n {
		some = append(some, bodies[i*len(bodies)/n])
	}
	return some
}

// TestVerdicts holds imcb's verdict on every reply to every callback against
// what OpenIM's types make of it.
func TestVerdicts(t *testing.T) {
	bodies := replies(t)
	for _, c := range deciding() {
		t.Run(c.Key, func(t *testing.T) {
			t.Parallel()
			o := newOracle(t, c)
			for _, body := range bodies {
				if err := o.disagreement(body); err != nil {
					t.Errorf("%s\n%v", shown(body), err)
				}
			}
		})
	}
}

// FuzzVerdictAgrees is TestVerdicts with replies that nobody thought of.
func FuzzVerdictAgrees(f *testing.F) {
	var oracles []*oracle
	unlike := []string{"beforeSendSingleMsg", "beforeMemberJoinGroup", "beforeMsgModify", "beforeSetGroupInfoEx", "beforeUserRegister"}
	for _, c := range deciding() {
		if slices.Contains(unlike, c.Key) {
			oracles = append(oracles, newOracle(f, c))
		}
	}
	for _, body := range known(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, o := range oracles {
			if err := o.disagreement(body); err != nil {
				t.Errorf("%s: %v", o.callback.Key, err)
			}
		}
	})
}

// oracle knows what OpenIM makes of the replies to one callback.
type oracle struct {
	callback *fixtures.Callback
	call     call
	judge    *validate.Judge
	// values judges replies to a callback of the same fields without any
	// special effect, so that the verdict shows what each of them holds. It
	// judges as 3.5 does, which goes on with what it got out of a reply that
	// it can't read.
	values *validate.Judge
}

func newOracle(t testing.TB, c *fixtures.Callback) *oracle {
	plain := &fixtures.Callback{
		Key: "plain", Phase: fixtures.Before, Names: []fixtures.Name{{Command: "plain"}},
		Reply: fixtures.Reply{GoType: c.Reply.GoType, Fields: c.ReplyFields(server)},
	}
	for i := range plain.Reply.Fields {
		f := &plain.Reply.Fields[i]
		f.Effect, f.Changes, f.Span = fixtures.Applied, nil, fixtures.Span{}
		if f.Name == memberList {
			f.Name = strings.ToUpper(f.Name) // a name that imcb does not treat specially
		}
	}
	return &oracle{
		c, callOf(t, c), validate.NewJudge(c, validate.Options{Server: validate.On(server)}),
		validate.NewJudge(plain, validate.Options{Server: validate.On(fixtures.V35)}),
	}
}

// disagreement says how imcb and OpenIM differ on a reply.
func (o *oracle) disagreement(body []byte) error {
	x := validate.Exchange{Reply: validate.Reply{Status: http.StatusOK, Body: body}}
	verdict := o.judge.Judge(&x)
	reply := o.call.reply()
	err := read(body, reply)
	values := o.values.Judge(&x)
	if values.Outcome == validate.Proceed {
		if err := valuesDiffer(values, reply); err != nil {
			return err
		}
	}
	if err != nil {
		return o.refusalDiffers(verdict, err)
	}
	if verdict.Outcome == validate.Refuse || verdict.Client.ErrCode == servererrs.DataError {
		return fmt.Errorf("imcb: %s, %v; OpenIM reads it and goes on", verdict.Outcome, verdict.Client)
	}
	return membersDiffer(verdict, reply)
}

// refusalDiffers compares a verdict with the error of OpenIM's client.
func (o *oracle) refusalDiffers(v validate.Verdict, err error) error {
	outcome := validate.Refuse
	if errors.Is(err, servererrs.ErrData) && strings.HasSuffix(err.Error(), " response format error") {
		outcome = validate.Fail
	}
	want := seen(err)
	if o.callback.Unseen {
		want = validate.Client{}
	}
	if v.Outcome != outcome || !seenAlike(v.Client, want) {
		return fmt.Errorf("imcb:   %s %+v\nOpenIM: %s %+v", v.Outcome, v.Client, outcome, want)
	}
	return nil
}

// seenAlike compares what clients see. The API of other releases than that of
// seen has other texts, and changes codes below OpenIM's own. imcb words the
// decoder's errors as the Go 1.22 of 3.8.3's image does; the one that runs here
// also names the embedded struct.
func seenAlike(a, b validate.Client) bool {
	const ownCodes = 1000
	if server == fixtures.V383 {
		b.ErrDlt = strings.Replace(b.ErrDlt, ".CommonCallbackResp.", ".", 1)
		return a == b
	}
	return a.ErrCode == b.ErrCode || b.ErrCode < ownCodes
}

// seen is how the API of v3.8.3 shows an error to the IM client, as recorded
// in validate/testdata/verdicts.jsonl.
func seen(err error) validate.Client {
	var coded errs.CodeError
	if !errors.As(err, &coded) {
		return validate.Client{ErrMsg: err.Error()}
	}
	c := validate.Client{ErrCode: coded.Code(), ErrMsg: coded.Msg(), ErrDlt: coded.Detail()}
	if c.ErrCode <= 0 {
		c.ErrCode = errs.ServerInternalError
	}
	if c.ErrMsg == "" {
		c.ErrMsg = coded.Error()
	}
	if c.ErrDlt == "" {
		c.ErrDlt = c.ErrMsg
	}
	return c
}

// valuesDiffer compares what imcb read into the callback's own fields.
func valuesDiffer(v validate.Verdict, reply cb.CallbackResp) error {
	read := map[string]string{}
	for _, change := range v.Changes {
		read[strings.ToLower(change.Path)] = change.After
	}
	held := reflect.ValueOf(reply).Elem()
	for i := range held.NumField() {
		f := held.Type().Field(i)
		if f.Anonymous {
			continue
		}
		if err := valueDiffers(read["/"+strings.ToLower(jsonName(f))], held.Field(i)); err != nil {
			return fmt.Errorf("%s: %w", jsonName(f), err)
		}
	}
	return nil
}

// valueDiffers compares a JSON text, empty for none, with what OpenIM's field
// holds.
func valueDiffers(text string, held reflect.Value) error {
	value := reflect.New(held.Type())
	if text != "" {
		if err := json.Unmarshal([]byte(text), value.Interface()); err != nil {
			return fmt.Errorf("imcb read %s: %w", text, err)
		}
	}
	want, _ := json.Marshal(held.Interface())
	if text == "" && string(want) == "null" {
		return nil // also a pointer to a list that is nil
	}
	if !reflect.DeepEqual(value.Elem().Interface(), held.Interface()) {
		return fmt.Errorf("imcb read %q, OpenIM holds %s", text, want)
	}
	return nil
}

const memberList = "memberCallbackList"

// membersDiffer compares a verdict on the replies that hold lists of objects
// with the lists: on which of them OpenIM's handler panics, and what it takes
// from the others.
func membersDiffer(v validate.Verdict, reply cb.CallbackResp) error {
	held := reflect.ValueOf(reply).Elem()
	crashes := false
	want := map[string]string{}
	if users := held.FieldByName("Users"); users.IsValid() {
		crashes = holdsNil(users)
	} else if members := held.FieldByName("MemberCallbackList"); members.IsValid() {
		for i := range members.Len() {
			m := members.Index(i)
			if m.IsNil() || m.Elem().FieldByName("UserID").IsNil() {
				crashes = true
				break
			}
			addMember(want, fmt.Sprintf("/%s/%d/", memberList, i), m.Elem())
		}
	} else {
		return nil
	}
	if crashes != (v.Outcome == validate.Crash) {
		return fmt.Errorf("imcb: %s; OpenIM crashes: %t", v.Outcome, crashes)
	}
	got := map[string]string{}
	for _, change := range v.Changes {
		got[change.Path] = canonical(change.After)
	}
	if delete(got, "/users"); !crashes && !reflect.DeepEqual(got, want) {
		return fmt.Errorf("imcb: changes %v, OpenIM: %v", got, want)
	}
	return nil
}

func holdsNil(list reflect.Value) bool {
	for i := range list.Len() {
		if list.Index(i).IsNil() {
			return true
		}
	}
	return false
}

// addMember adds what a list's entry sets: all but the userID, which says whom
// it is about.
func addMember(to map[string]string, path string, member reflect.Value) {
	for i := range member.NumField() {
		if name := jsonName(member.Type().Field(i)); name != "userID" && !member.Field(i).IsNil() {
			text, _ := json.Marshal(member.Field(i).Interface())
			to[path+name] = string(text)
		}
	}
}

// canonical is a JSON scalar as Go writes it.
func canonical(text string) string {
	var n int64
	var s string
	var value any = &s
	if !strings.HasPrefix(text, `"`) {
		value = &n
	}
	_ = json.Unmarshal([]byte(text), value) // a wrong value shows in the comparison
	out, _ := json.Marshal(value)
	return string(out)
}

// shown is a body for a message.
func shown(body []byte) string {
	const limit = 600
	if len(body) > limit {
		return fmt.Sprintf("%q… (%d bytes)", body[:limit], len(body))
	}
	return fmt.Sprintf("%q", body)
}

// TestOracleNotices shows that a disagreement would be seen.
func TestOracleNotices(t *testing.T) {
	c, err := fixtures.Lookup("beforeSetFriendRemark")
	require.NoError(t, err)
	o := newOracle(t, c)
	for _, body := range []string{`{"nextCode":""}`, `{"nextCode":1,"errCode":1}`, `{"remark":"x"}`, `[`} {
		assert.NoError(t, o.disagreement([]byte(body)))
	}
	other := &fixtures.Callback{Key: "other", Phase: fixtures.Before, Names: c.Names, Reply: fixtures.Reply{GoType: "Other"}}
	unheard := *c
	unheard.Phase = fixtures.After
	o.judge = validate.NewJudge(&unheard, validate.Options{Server: validate.On(server)})
	assert.Error(t, o.disagreement([]byte(`{"nextCode":1,"errCode":5001}`)))
	o.values = validate.NewJudge(other, validate.Options{Server: validate.On(fixtures.V35)})
	assert.Error(t, o.disagreement([]byte(`{"remark":"x"}`)))
}
