package suite_test

import (
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	allowed = `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`
	refused = `{"actionCode":0,"errCode":5001,"errMsg":"no, blocked","errDlt":"d","nextCode":1}`
	outside = `{"actionCode":0,"errCode":4001,"errMsg":"no","errDlt":"","nextCode":1}`
	renamed = `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"groupName":"x","n":5.0,"list":[{"a":1,"b":"é"}],"nothing":null}`
)

// checked judges a reply to the callback as 3.8.3-patch.16 and checks it.
func checked(t *testing.T, callback, expect string, reply validate.Reply) []validate.Finding {
	t.Helper()
	s := parse(t, "vars: {name: x}\ncases:\n- send: "+callback+"\n  expect:\n    "+expect)
	var findings []validate.Finding
	for run := range s.Plan(suite.Filter{}) {
		step, captured := run.Steps[0], run.Captures()
		p, _, err := step.Payload(fixtures.PayloadOptions{Server: fixtures.DefaultRelease}, captured)
		require.NoError(t, err)
		x := validate.Exchange{Request: validate.Request{Method: "POST", Body: p.Body}, Reply: reply}
		result := run.Result(step, validate.On(fixtures.DefaultRelease))
		result.Exchange = x
		judge := validate.NewJudge(step.Callback, validate.Options{Server: validate.On(fixtures.DefaultRelease)})
		result.Verdict = judge.Judge(&x)
		captured.Record(x, result.Verdict)
		findings = step.Check(result, captured, nil)
	}
	return findings
}

func body(text string) validate.Reply {
	return validate.Reply{
		Status: 200, Body: []byte(text), Elapsed: 300 * time.Millisecond,
		Headers: []validate.Header{{"Content-Type", "application/json"}},
	}
}

func TestEachExpectation(t *testing.T) {
	tests := map[string]struct {
		callback, expect, reply string
		want                    string // the message of the miss; "" when met
	}{
		"outcome met":            {"beforeAddFriend", "outcome: refuse", refused, ""},
		"outcome missed":         {"beforeAddFriend", "outcome: refuse", allowed, "expect.outcome got=proceed want=refuse"},
		"outcome of an after":    {"afterAddFriend", "outcome: ignored", allowed, ""},
		"one cause, one miss":    {"beforeAddFriend", "{outcome: refuse, errCode: 5001, errMsg: a, applied: none}", allowed, "expect.outcome got=proceed want=refuse"},
		"errCode met":            {"beforeAddFriend", "errCode: 5001", refused, ""},
		"errCode in a range":     {"beforeAddFriend", "errCode: 5000-5100", refused, ""},
		"errCode in a list":      {"beforeAddFriend", "errCode: [4001, 5000-5100]", refused, ""},
		"errCode missed":         {"beforeAddFriend", "errCode: [5002, 6000-6100]", refused, "expect.errcode got=5001 want=(expect.codes codes=[5002 6000-6100])"},
		"errCode of success":     {"beforeAddFriend", "errCode: 0", allowed, ""},
		"errMsg met":             {"beforeAddFriend", "errMsg: no, blocked", refused, ""},
		"errMsg missed":          {"beforeAddFriend", "errMsg: other", refused, "expect.errmsg got=no, blocked want=(expect.text text=other)"},
		"errMsg matches":         {"beforeAddFriend", "errMsg: /block/", refused, ""},
		"errMsg matches not":     {"beforeAddFriend", "errMsg: /^block/", refused, "expect.errmsg got=no, blocked want=(expect.match pattern=/^block/)"},
		"applied met":            {"beforeCreateGroup", "applied: [groupName]", renamed, ""},
		"applied by pointer":     {"beforeCreateGroup", "applied: /groupName", renamed, ""},
		"applied missed":         {"beforeCreateGroup", "applied: [groupName, groupID]", renamed, "expect.applied field=/groupID fields=/groupName"},
		"nothing applied":        {"beforeCreateGroup", "applied: none", allowed, ""},
		"nothing, but it is":     {"beforeCreateGroup", "applied: []", renamed, "expect.none-applied fields=/groupName"},
		"reply value met":        {"beforeCreateGroup", "reply: {groupName: x, n: 5, nothing: null, absent: null}", renamed, ""},
		"reply object met":       {"beforeCreateGroup", `reply: {list.0: {b: é, a: 1}, "list.#": 1}`, renamed, ""},
		"reply value missed":     {"beforeCreateGroup", "reply: {groupName: y}", renamed, `expect.value got="x" want=("y") path=groupName`},
		"reply type missed":      {"beforeCreateGroup", `reply: {n: "5"}`, renamed, `expect.value got=5.0 want=("5") path=n`},
		"reply list missed":      {"beforeCreateGroup", "reply: {list: [{a: 1}]}", renamed, `expect.value got=[{"a":1,"b":"é"}] want=([{"a":1}]) path=list`},
		"reply value absent":     {"beforeCreateGroup", "reply: {ex: a}", renamed, `expect.absent want=("a") path=ex`},
		"reply not null":         {"beforeCreateGroup", "reply: {groupName: null}", renamed, `expect.value got="x" want=(expect.null) path=groupName`},
		"reply matches":          {"beforeCreateGroup", "reply: {groupName: '/^[xyz]$/'}", renamed, ""},
		"reply matches not":      {"beforeCreateGroup", "reply: {groupName: /y/}", renamed, `expect.value got="x" want=(expect.match pattern=/y/) path=groupName`},
		"reply of the request":   {"beforeCreateGroup", "reply: {groupName: '${request.groupName}'}", renamed, `expect.value got="x" want=("Weekend Hikers") path=groupName`},
		"reply of a variable":    {"beforeCreateGroup", "reply: {groupName: '${name}'}", renamed, ""},
		"reply of a bad path":    {"beforeCreateGroup", "reply: {groupName: '${request.nothing}'}", renamed, "expect.unchecked problem=(no-value error=(no-value.absent path=nothing side=request step=1) reference=${request.nothing})"},
		"status met":             {"beforeAddFriend", "status: 200", allowed, ""},
		"status missed":          {"beforeAddFriend", "status: [201, 300-399]", allowed, "expect.status got=200 want=(expect.codes codes=[201 300-399])"},
		"within met":             {"beforeAddFriend", "within: 300ms", allowed, ""},
		"within missed":          {"beforeAddFriend", "within: 200ms", allowed, "expect.within got=300ms want=200ms"},
		"findings met":           {"beforeAddFriend", "findings: [errcode-range]", outside, ""},
		"findings missed":        {"beforeAddFriend", "findings: errcode-range", refused, "expect.rule rule=errcode-range"},
		"findings allowed":       {"beforeAddFriend", "allow: [errcode-range, slow]", outside, ""},
		"allowed, does not fire": {"beforeAddFriend", "allow: errcode-range", refused, ""},
		"no findings":            {"beforeAddFriend", "findings: none", refused, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			findings := checked(t, test.callback, test.expect, body(test.reply))
			missed := ""
			for _, f := range findings {
				if f.Rule == "expect" {
					assert.Empty(t, missed, "one miss only")
					missed = said(f.Message)
					assert.Equal(t, validate.Error, f.Severity)
					assert.Regexp(t, `^suite suite.yaml:\d$`, f.Source)
				}
			}
			assert.Equal(t, test.want, missed)
			if test.want == "" && test.callback == "beforeAddFriend" {
				assert.Empty(t, findings)
			}
		})
	}
}

func TestAMissIsAWholeFinding(t *testing.T) {
	findings := checked(t, "beforeAddFriend", "outcome: refuse", body(allowed))
	require.Len(t, findings, 1)
	f := findings[0]
	assert.Equal(t, validate.Finding{
		Rule: "expect", Severity: validate.Error, Got: "proceed", Want: words.Plain("refuse"), Message: f.Message, Hint: f.Hint, Source: "suite suite.yaml:5",
		Place: validate.Place{File: "suite.yaml", Line: 5, Column: 14},
	}, f)
	assert.Equal(t, "expect.outcome got=proceed want=refuse", said(f.Message))
	assert.Equal(t, "expect.hint-refuse", said(f.Hint))
	findings = checked(t, "beforeCreateGroup", "reply:\n      list.0.a: 2", body(renamed))
	assert.Equal(t, validate.Finding{
		Rule: "expect", Severity: validate.Error, Place: validate.Place{File: "suite.yaml", Line: 6, Column: 17, Pointer: "/list/0/a"}, Got: "1", Want: words.Plain("2"),
		Message: findings[0].Message, Source: "suite suite.yaml:6",
	}, findings[0])
	assert.Equal(t, "expect.value got=1 want=(2) path=list.0.a", said(findings[0].Message))
}

func TestFindingsThatAreNotExpectedStay(t *testing.T) {
	findings := checked(t, "beforeAddFriend", "outcome: refuse", body(outside))
	require.Len(t, findings, 1)
	assert.Equal(t, "errcode-range", findings[0].Rule)
	assert.Equal(t, validate.Error, findings[0].Severity)
}

func TestNoFindingsMakesEachAnError(t *testing.T) {
	siteWide := `{"actionCode":0,"errCode":20001,"errMsg":"no","errDlt":"","nextCode":1}`
	findings := checked(t, "beforeAddFriend", "{outcome: refuse}", body(siteWide))
	require.Len(t, findings, 1)
	assert.Equal(t, validate.Warning, findings[0].Severity)
	findings = checked(t, "beforeAddFriend", "{outcome: refuse, findings: none}", body(siteWide))
	require.Len(t, findings, 1)
	assert.Equal(t, validate.Error, findings[0].Severity)
	assert.Empty(t, checked(t, "beforeAddFriend", "{findings: none, allow: "+findings[0].Rule+"}", body(siteWide)))
}

func TestNoReply(t *testing.T) {
	failed := validate.Reply{Failure: validate.Timeout, Elapsed: 5 * time.Second}
	findings := checked(t, "beforeAddFriend", "{outcome: proceed, reply: {a: 1}, status: 200, within: 1s}", failed)
	require.Len(t, findings, 2)
	assert.Equal(t, "expect.outcome got=fail want=proceed because=(expect.no-reply failure=timeout)", said(findings[0].Message))
	assert.Equal(t, "timeout", findings[1].Rule)
	assert.Empty(t, checked(t, "beforeAddFriend", "{outcome: fail, errCode: 90004, findings: timeout}", failed))
}

func TestAReplyThatIsNotJSON(t *testing.T) {
	findings := checked(t, "beforeAddFriend", "{reply: {a: 1, b: 2}}", body("<html>"))
	require.NotEmpty(t, findings)
	assert.Equal(t, "expect.not-json path=a", said(findings[0].Message))
}

func TestAnUnseenRefusalSaysWhereToLook(t *testing.T) {
	findings := checked(t, "beforeOnlinePush", "{outcome: refuse, errCode: 5001}", body(refused))
	require.NotEmpty(t, findings)
	assert.Equal(t, "expect.errcode got=0 want=(expect.codes codes=[5001])", said(findings[0].Message))
	assert.Equal(t, "expect.hint-unseen", said(findings[0].Hint))
}

func TestLongValuesAreShortened(t *testing.T) {
	long := make([]byte, 3000)
	for i := range long {
		long[i] = 'a'
	}
	findings := checked(t, "beforeAddFriend", "{reply: {x: y}, allow: unknown-field}", body(`{"x":"`+string(long)+`"}`))
	require.NotEmpty(t, findings)
	assert.Less(t, len(findings[0].Message.String()), 300)
	assert.Less(t, len(findings[0].Got), 300)
}
