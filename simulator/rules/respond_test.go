package rules_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// arrival is a request for a callback; with an empty body it is the example.
func arrival(t testing.TB, name, body string, headers ...validate.Header) *simulator.Arrival {
	t.Helper()
	a := &simulator.Arrival{Exchange: validate.Exchange{Time: fixtures.StoryTime}}
	a.Request = validate.Request{Method: "POST", URL: "http://127.0.0.1:10006/x", Headers: headers, Body: []byte(body)}
	if name == "" {
		return a
	}
	c, err := fixtures.Lookup(name)
	require.NoError(t, err)
	a.Callback, a.Exchange.Callback, a.Command = c, c.Key, c.Command(fixtures.DefaultRelease)
	if body == "" {
		seed := uint64(1)
		p, err := c.Payload(fixtures.PayloadOptions{Server: fixtures.DefaultRelease, Seed: &seed})
		require.NoError(t, err)
		a.Request.Body = p.Body
	}
	return a
}

// respond returns the answer's body; "" when no rule answers.
func respond(t testing.TB, s *rules.Book, a *simulator.Arrival) string {
	t.Helper()
	answer, ok := s.Respond(a)
	if !ok {
		assert.Empty(t, answer.Body)
		return ""
	}
	return string(answer.Body)
}

func refusal(code int32, message string) string {
	return string(fixtures.RefuseReply(code, message, ""))
}

func TestTheFirstRuleThatMatchesAnswers(t *testing.T) {
	s := parse(t, `
rules:
  - {match: {callback: beforeAddFriend, where: {fromUserID: "1"}}, refuse: {errCode: 5001, errMsg: one}}
  - {match: {callback: beforeAddFriend, where: {fromUserID: {regex: "^[12]$"}}}, refuse: {errCode: 5002, errMsg: two}}
  - {match: {group: relation, phase: before}, refuse: {errCode: 5003}}
`)
	assert.Equal(t, refusal(5001, "one"), respond(t, s, arrival(t, "beforeAddFriend", `{"fromUserID":"1"}`)))
	assert.Equal(t, refusal(5002, "two"), respond(t, s, arrival(t, "beforeAddFriend", `{"fromUserID":"2"}`)))
	assert.Equal(t, refusal(5003, "refused by imcb"), respond(t, s, arrival(t, "beforeAddFriend", `{"fromUserID":"3"}`)))
	assert.Equal(t, refusal(5003, "refused by imcb"), respond(t, s, arrival(t, "beforeAddBlack", "")))
	assert.Empty(t, respond(t, s, arrival(t, "beforeSendSingleMsg", "")))
	assert.Empty(t, respond(t, s, arrival(t, "afterAddFriend", "")))
	assert.Empty(t, respond(t, s, arrival(t, "", "{}")))
}

// What hands try first, and the keys of old, which stand beside errCode for one
// version.
func TestShortForms(t *testing.T) {
	s := parse(t, `
rules:
  - {match: beforeAddFriend, refuse: {code: 5001, message: m, detail: d}}
  - {match: [beforeAddBlack, callbackBeforeSendSingleMsgCommand], refuse: {errCode: 5002}}
`)
	assert.Equal(t, `{"actionCode":0,"errCode":5001,"errMsg":"m","errDlt":"d","nextCode":1}`, respond(t, s, arrival(t, "beforeAddFriend", "")))
	assert.Equal(t, refusal(5002, "refused by imcb"), respond(t, s, arrival(t, "beforeAddBlack", "")))
	assert.Equal(t, refusal(5002, "refused by imcb"), respond(t, s, arrival(t, "beforeSendSingleMsg", "")))
	assert.Empty(t, respond(t, s, arrival(t, "beforeSendGroupMsg", "")))
}

func TestAnswers(t *testing.T) {
	s := parse(t, `
rules:
  - {name: allows, match: {callback: beforeSetGroupInfo}, allow: true}
  - {match: {callback: beforeAddFriend}, raw: {headers: {x-from: "${request.fromUserID}"}, body: '{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}'}}
  - {match: {callback: beforeSendSingleMsg}, fault: html-502, delay: 20ms}
  - {match: {callback: beforeSendGroupMsg}, refuse: {errCode: 5009, errMsg: m, errDlt: "${callback}"}}
  - {match: {callback: beforeMsgModify}, modify: {content: "${request.content}", sessionType: "${request.sessionType}", ex: "seen ${count}"}}
`)
	group := arrival(t, "beforeSetGroupInfo", "")
	answer, ok := s.Respond(group)
	assert.True(t, ok)
	assert.Equal(t, simulator.Answer{Rule: "allows", Body: group.Callback.AllowReply(fixtures.DefaultRelease, group.Request.Body)}, answer)

	answer, _ = s.Respond(arrival(t, "beforeAddFriend", `{"fromUserID":"a\r\nX-Evil: 1"}`))
	assert.Equal(t, simulator.Answer{
		Rule: "rule 2", Status: 200, Headers: []validate.Header{{"X-From", "a  X-Evil: 1"}}, Body: []byte(fixtures.PlainAllow),
	}, answer)

	single := arrival(t, "beforeSendSingleMsg", "")
	bad, err := simulator.LookupFault("html-502")
	require.NoError(t, err)
	want := bad.Answer(single, fixtures.DefaultRelease, 0)
	want.Rule, want.Delay = "rule 3", 20*time.Millisecond
	answer, _ = s.Respond(single)
	assert.Equal(t, want, answer)

	assert.Equal(t, string(fixtures.RefuseReply(5009, "m", "beforeSendGroupMsg")), respond(t, s, arrival(t, "beforeSendGroupMsg", "")))
	assert.Equal(t, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"content":"{\"content\":\"hi\"}","sessionType":3,"ex":"seen 1"}`,
		respond(t, s, arrival(t, "beforeMsgModify", `{"content":"{\"content\":\"hi\"}","sessionType":3}`)))
}

func TestModifyTakesTheFieldsPlace(t *testing.T) {
	s := parse(t, `rules: [{match: {callback: beforeSetGroupInfo}, modify: {groupName: "new ${request.groupName}"}}]`)
	assert.Equal(t, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"groupID":"7","groupName":"new old"}`,
		respond(t, s, arrival(t, "beforeSetGroupInfo", `{"groupID":"7","groupName":"old"}`)))
}

func TestDelaysAddUpUntilARuleAnswers(t *testing.T) {
	s := parse(t, `
rules:
  - {match: {group: relation}, delay: 20ms}
  - {match: {phase: before}, delay: 30ms}
  - {match: {callback: beforeAddFriend}, delay: 50ms, sequence: [{allow: true, delay: 100ms}]}
`)
	answer, ok := s.Respond(arrival(t, "beforeAddFriend", ""))
	assert.True(t, ok)
	assert.Equal(t, 200*time.Millisecond, answer.Delay)
	answer, ok = s.Respond(arrival(t, "beforeAddBlack", ""))
	assert.False(t, ok)
	assert.Equal(t, simulator.Answer{Delay: 50 * time.Millisecond}, answer)
}

// codes sends n requests and notes which answers they get.
func codes(t *testing.T, s *rules.Book, n int) string {
	t.Helper()
	var all strings.Builder
	for range n {
		body := respond(t, s, arrival(t, "beforeAddFriend", "{}"))
		switch {
		case body == "":
			all.WriteByte('-')
		case strings.Contains(body, `"errCode":500`):
			all.WriteByte(body[strings.Index(body, "500")+3])
		default:
			all.WriteByte('0')
		}
	}
	return all.String()
}

func TestTimesAndSequences(t *testing.T) {
	sequence := "sequence: [{refuse: {errCode: 5001}}, {refuse: {errCode: 5002}}, {allow: true}]"
	for text, want := range map[string]string{
		"refuse: {errCode: 5001}, times: 2":       "11------",
		sequence:                                  "12000000",
		sequence + ", repeat: true":               "12012012",
		sequence + ", times: 3":                   "120-----",
		sequence + ", repeat: true, times: 4":     "1201----",
		"refuse: {errCode: 5001}, probability: 1": "11111111",
	} {
		s := parse(t, "rules: [{match: {callback: beforeAddFriend}, "+text+"}]")
		assert.Equal(t, want, codes(t, s, 8), text)
		s.Reset()
		assert.Equal(t, want, codes(t, s, 8), "%s after Reset", text)
	}
}

func TestChanceIsTheSameForTheSameSeed(t *testing.T) {
	const text = "rules: [{match: {callback: beforeAddFriend}, refuse: {errCode: 5001}, probability: 0.2, delay: 1ms..9ms}]"
	a, b := parse(t, text), parse(t, text)
	got := codes(t, a, 1000)
	assert.Equal(t, got, codes(t, b, 1000))
	assert.InDelta(t, 200, strings.Count(got, "1"), 50)
	a.Reset()
	assert.Equal(t, got, codes(t, a, 1000))

	seed := uint64(8)
	other, err := rules.New("r", []byte(text), rules.Options{Server: validate.On(fixtures.DefaultRelease), Seed: &seed})
	require.NoError(t, err)
	assert.NotEqual(t, got, codes(t, other, 1000))
	for range 100 {
		if answer, ok := a.Respond(arrival(t, "beforeAddFriend", "{}")); ok {
			assert.GreaterOrEqual(t, answer.Delay, time.Millisecond)
			assert.LessOrEqual(t, answer.Delay, 9*time.Millisecond)
		}
	}
}

func TestTheTimeoutIsTheFilesOrTheOptions(t *testing.T) {
	const text = "timeout: 3s\nrules: [{match: {callback: beforeAddFriend}, fault: timeout}]"
	for given, want := range map[time.Duration]time.Duration{0: 3 * time.Second, time.Second: time.Second, time.Minute: 15 * time.Second} {
		s, err := rules.New("r", []byte(text), rules.Options{Timeout: given})
		require.NoError(t, err)
		answer, _ := s.Respond(arrival(t, "beforeAddFriend", ""))
		assert.Greater(t, answer.Delay, want)
		assert.Less(t, answer.Delay, want+2*time.Second)
	}
	answer, _ := parse(t, text[len("timeout: 3s\n"):]).Respond(arrival(t, "beforeAddFriend", ""))
	assert.Greater(t, answer.Delay, validate.DefaultTimeout, "without either")
	assert.Less(t, answer.Delay, validate.DefaultTimeout+2*time.Second)
}

func TestTimesAreExactAmongManyGoroutines(t *testing.T) {
	s := parse(t, `
rules:
  - {match: {callback: beforeAddFriend}, refuse: {errCode: 5001}, times: 137}
  - {match: {callback: beforeAddFriend, where: {fromUserID: {exists: true}}}, delay: 1ms..2ms, probability: 0.5}
  - {match: {callback: beforeAddFriend}, sequence: [{allow: true}, {refuse: {errCode: 5002}}], repeat: true}
`)
	var first, second, third atomic.Int64
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for range 50 {
				a := arrival(t, "beforeAddFriend", `{"fromUserID":"1"}`)
				answer, _ := s.Respond(a)
				switch body := string(answer.Body); {
				case strings.Contains(body, "5001"):
					first.Add(1)
				case strings.Contains(body, "5002"):
					third.Add(1)
				default:
					second.Add(1)
				}
				s.Explain(a)
				s.Rules()
			}
		})
	}
	all.Wait()
	assert.Equal(t, int64(137), first.Load())
	assert.LessOrEqual(t, second.Load()-third.Load(), int64(1))
	assert.Equal(t, uint64(137), s.Rules()[0].Answered)
	assert.Equal(t, uint64(32*50-137), s.Rules()[2].Answered)
}

func TestRulesAreDescribed(t *testing.T) {
	s := parse(t, `
rules:
  - {match: {callback: beforeAddFriend}, refuse: {errCode: 5001}, delay: 5ms, times: 3}
  - {name: second, match: {callback: beforeMsgModify}, modify: {ex: x, content: '{"content":"y"}'}}
  - {match: {callback: [beforeAddBlack]}, sequence: [{fault: hang}, {allow: true, delay: 1s}, {raw: {status: 500}, fault: true}, {allow: true}, {allow: true}]}
  - {delay: 50ms..1s}
  - {delay: 0ms}
  - {delay: 0, allow: true}
`)
	respond(t, s, arrival(t, "beforeAddFriend", "{}"))
	respond(t, s, arrival(t, "", "{}"))
	assert.Equal(t, []rules.Summary{
		{Name: "rule 1", Line: 3, Callbacks: []string{"beforeAddFriend"}, Does: words.Plain("does.then first=(does.wait delay=5ms) next=(does.refuse code=5001)"), Answered: 1},
		{Name: "second", Line: 4, Callbacks: []string{"beforeMsgModify"}, Does: words.Plain("does.modify fields=[ex content]")},
		{Name: "rule 3", Line: 5, Callbacks: []string{"beforeAddBlack"}, Does: words.Plain("does.then first=(does.then first=(does.then first=(does.fault fault=hang) next=(does.after does=(does.allow) delay=1s)) next=(does.raw status=500)) next=(does.more n=2)")},
		{Name: "rule 4", Line: 6, Callbacks: []string{}, Does: words.Plain("does.wait delay=50ms..1s"), Answered: 1},
		{Name: "rule 5", Line: 7, Callbacks: []string{}, Does: words.Plain("does.wait delay=0s"), Answered: 1},
		{Name: "rule 6", Line: 8, Callbacks: []string{}, Does: words.Plain("does.allow"), Answered: 1},
	}, described(s))
}

// described are the rules, what they do as said has it.
func described(b *rules.Book) []rules.Summary {
	all := b.Rules()
	for i, r := range all {
		all[i].Does = words.Plain(said(r.Does))
	}
	return all
}

func TestTheSetTellsItsTimeout(t *testing.T) {
	for text, want := range map[string][2]time.Duration{"rules: []": {0, 20 * time.Second}, "timeout: 3s\nrules: []": {3 * time.Second, 20 * time.Second}} {
		for i, given := range []time.Duration{0, 20 * time.Second} {
			s, err := rules.New("r", []byte(text), rules.Options{Timeout: given})
			require.NoError(t, err)
			assert.Equal(t, want[i], s.Timeout(), text)
		}
	}
}

func TestAStatusWithoutABodyHasNone(t *testing.T) {
	s := parse(t, "rules: [{match: {callback: beforeAddFriend}, raw: {status: 204, body: x}, fault: true}, {raw: {status: 304, body: x}, fault: true}]")
	for name, want := range map[string]simulator.Answer{
		"beforeAddFriend": {Rule: "rule 1", Status: 204}, "beforeAddBlack": {Rule: "rule 2", Status: 304},
	} {
		answer, ok := s.Respond(arrival(t, name, ""))
		assert.True(t, ok)
		assert.Equal(t, want, answer)
	}
}

func BenchmarkRespond(b *testing.B) {
	s := parse(b, string(rules.Example()))
	for name, a := range map[string]*simulator.Arrival{
		"no rule for the callback": arrival(b, "beforeAddBlack", ""),
		"no condition holds":       arrival(b, "beforeAddFriend", ""),
		"modify":                   arrival(b, "beforeMsgModify", ""),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Respond(a)
			}
		})
	}
}

func TestARequestWithoutRulesCostsNothing(t *testing.T) {
	s := parse(t, string(rules.Example()))
	a := arrival(t, "beforeAddBlack", "")
	assert.Zero(t, testing.AllocsPerRun(100, func() { s.Respond(a) }))
}
