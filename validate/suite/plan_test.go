package suite_test

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

func names(s *suite.Suite, f suite.Filter) []string {
	var names []string
	for run := range s.Plan(f) {
		names = append(names, run.Name)
	}
	return names
}

const planned = `
cases:
- {name: Send a message, send: beforeSendSingleMsg, tags: [message, fast]}
- {name: send to a group, send: beforeSendGroupMsg, tags: message, repeat: 3}
- {name: add/remove, send: beforeAddFriend, skip: waits for the new form, repeat: 5}
- {name: chain, steps: [{send: beforeAddFriend}, {send: afterAddFriend, name: told}]}
`

func TestPlan(t *testing.T) {
	s := parse(t, planned)
	assert.Equal(t, []string{
		"Send a message", "send to a group (1 of 3)", "send to a group (2 of 3)", "send to a group (3 of 3)", "add/remove", "chain",
	}, names(s, suite.Filter{}))
}

func TestFilter(t *testing.T) {
	s := parse(t, planned)
	tests := map[string]struct {
		filter suite.Filter
		want   []string
	}{
		"part of the name":   {suite.Filter{Only: []string{"SEND A"}}, []string{"Send a message"}},
		"several":            {suite.Filter{Only: []string{"message", "chain"}}, []string{"Send a message", "chain"}},
		"the whole name":     {suite.Filter{Only: []string{"*e"}}, []string{"Send a message", "add/remove"}},
		"stars in between":   {suite.Filter{Only: []string{"s*d*a*e"}}, []string{"Send a message"}},
		"question mark":      {suite.Filter{Only: []string{"cha?n"}}, []string{"chain"}},
		"leave out":          {suite.Filter{Skip: []string{"group", "chain"}}, []string{"Send a message", "add/remove"}},
		"only and leave out": {suite.Filter{Only: []string{"send"}, Skip: []string{"*group*"}}, []string{"Send a message"}},
		"tags":               {suite.Filter{Tags: []string{"fast", "none"}}, []string{"Send a message"}},
		"no pattern inside":  {suite.Filter{Only: []string{"se.d", "(", "s[e]nd*", `\w*`, "\xff"}}, nil},
		"nothing":            {suite.Filter{Only: []string{"nothing"}}, nil},
		"a tag is no name":   {suite.Filter{Only: []string{"fast"}}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, names(s, test.filter))
		})
	}
}

func TestRuns(t *testing.T) {
	s := parse(t, planned)
	for run := range s.Plan(suite.Filter{}) {
		assert.Equal(t, "suite.yaml", run.File)
		switch run.Name {
		case "add/remove":
			assert.Equal(t, "waits for the new form", run.Skipped)
			r := run.Result(run.Steps[0], validate.On(fixtures.Main))
			assert.Equal(t, "waits for the new form", r.Skipped)
			assert.Equal(t, 5, r.Line)
			assert.Equal(t, "beforeAddFriend", r.Verdict.Callback.Key)
			assert.Equal(t, validate.On(fixtures.Main), r.Server)
		case "chain":
			assert.Equal(t, "chain > 1 beforeAddFriend", run.Title(run.Steps[0]))
			assert.Equal(t, "chain > 2 told", run.Title(run.Steps[1]))
			assert.Equal(t, "step 1 (beforeAddFriend) of this case failed", run.AfterFailure(run.Steps[0]))
		default:
			assert.Empty(t, run.Skipped)
			assert.Equal(t, run.Name, run.Title(run.Steps[0]))
		}
	}
}

func TestAPlanCanBeLeft(t *testing.T) {
	s := parse(t, "cases: [{send: beforeAddFriend, repeat: 1000000}]")
	seen := 0
	for range s.Plan(suite.Filter{}) {
		if seen++; seen == 3 {
			break
		}
	}
	assert.Equal(t, 3, seen)
}

// heapAfter runs a plan, payloads included, and returns the live heap at its
// end.
func heapAfter(t *testing.T, s *suite.Suite) uint64 {
	t.Helper()
	for run := range s.Plan(suite.Filter{}) {
		_, _, err := run.Steps[0].Payload(fixtures.PayloadOptions{}, run.Captures())
		require.NoError(t, err)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	runtime.KeepAlive(s)
	return m.HeapAlloc
}

func TestRepetitionsTakeNoMemory(t *testing.T) {
	few := heapAfter(t, parse(t, "cases: [{send: beforeAddFriend, repeat: 10}]"))
	many := heapAfter(t, parse(t, "cases: [{send: beforeAddFriend, repeat: 10000}]"))
	assert.InDelta(t, few, many, 1<<20)
}

func TestManyCasesTakeLittleMemory(t *testing.T) {
	few := heapAfter(t, parse(t, string(manyCases(10))))
	many := heapAfter(t, parse(t, string(manyCases(10_000))))
	assert.Less(t, int64(many)-int64(few), int64(40<<20))
}

func BenchmarkPlanAndPayload(b *testing.B) {
	s, err := suite.Parse("suite.yaml", []byte(strings.Replace(string(manyCases(1)), "send:", "repeat: 1000000\n    send:", 1)), nil, nil)
	require.NoError(b, err)
	b.ReportAllocs()
	done := 0
	for run := range s.Plan(suite.Filter{}) {
		if done++; done > b.N {
			break
		}
		_, _, err := run.Steps[0].Payload(fixtures.PayloadOptions{}, run.Captures())
		require.NoError(b, err)
	}
}

func TestASuiteServesSeveralGoroutines(t *testing.T) {
	s := parse(t, "vars: {a: '${SECRET}'}\nheaders: {X-A: '${a}'}\ncases: [{send: beforeSendSingleMsg, repeat: 50, set: {sendID: '${a}'}, expect: {errMsg: '/${a}/'}}]")
	var all sync.WaitGroup
	for run := range s.Plan(suite.Filter{}) {
		all.Go(func() {
			captured := run.Captures()
			p, _, err := run.Steps[0].Payload(fixtures.PayloadOptions{}, captured)
			assert.NoError(t, err)
			result := run.Result(run.Steps[0], validate.On(fixtures.Main))
			result.Exchange.Request.Body = p.Body
			captured.Record(result.Exchange, result.Verdict)
			result.Findings = run.Steps[0].Check(result, captured, nil)
			assert.NotContains(t, s.RedactResult(result).Findings[0].Message.String(), "hunter2")
		})
	}
	all.Wait()
}

const unordered = `
cases:
- name: first
  steps:
  - send: beforeAddFriend
  - unordered:
    - steps: [send: afterAddFriend, send: beforeAddBlack]
    - {send: beforeSendSingleMsg, since: 3.8.0, when: somebody looks}
    - {send: beforeOnlinePush, until: 3.7}
  - {send: afterDeleteFriend, each: friend}
- {name: new, since: main, send: afterMsgSaveDB}
`

func orderOf(run suite.Run, server fixtures.Release, seed *uint64) string {
	return strings.Join(words.Names(run.Order(fixtures.PayloadOptions{Server: server, Seed: seed}), func(s *suite.Step) string { return s.Callback.Key }), " ")
}

func TestOrder(t *testing.T) {
	run := slices.Collect(parse(t, unordered).Plan(suite.Filter{}))[0]
	orders := make(map[string]bool)
	for seed := range uint64(50) {
		order := orderOf(run, fixtures.Main, &seed)
		assert.Equal(t, order, orderOf(run, fixtures.Main, &seed), "the same seed")
		orders[order] = true
	}
	assert.Equal(t, map[string]bool{
		"beforeAddFriend afterAddFriend beforeAddBlack beforeSendSingleMsg afterDeleteFriend": true,
		"beforeAddFriend afterAddFriend beforeSendSingleMsg beforeAddBlack afterDeleteFriend": true,
		"beforeAddFriend beforeSendSingleMsg afterAddFriend beforeAddBlack afterDeleteFriend": true,
	}, orders)
	assert.Contains(t, orderOf(run, fixtures.V37, nil), "beforeOnlinePush")
	assert.NotContains(t, orderOf(run, fixtures.V37, nil), "beforeSendSingleMsg")
}

func TestOrderOfACaseForOtherVersions(t *testing.T) {
	run := slices.Collect(parse(t, unordered).Plan(suite.Filter{}))[1]
	assert.Equal(t, "afterMsgSaveDB", orderOf(run, fixtures.Main, nil))
	assert.Empty(t, orderOf(run, fixtures.V383, nil))
	assert.Equal(t, "OpenIM 3.8.3 sends none of this", run.Unsent(fixtures.V383))
}

// What is about one message has its ids, with a seed and without.
func TestMessagesHaveTheirIDs(t *testing.T) {
	s := parse(t, `
cases:
- steps:
  - {message: revoke, steps: [send: beforeSendGroupMsg, send: beforeGroupOnlinePush]}
  - {message: text, steps: [send: beforeSendGroupMsg, send: beforeGroupOnlinePush]}
`)
	for _, seed := range []*uint64{nil, new(uint64(7))} {
		run := slices.Collect(s.Plan(suite.Filter{}))[0]
		captures := run.Captures()
		var ids []string
		for _, step := range run.Order(fixtures.PayloadOptions{Seed: seed}) {
			p, _, err := step.Payload(fixtures.PayloadOptions{Seed: seed}, captures)
			require.NoError(t, err)
			ids = append(ids, gjson.GetBytes(p.Body, "clientMsgID").Str)
		}
		assert.Equal(t, []string{ids[0], ids[0], ids[2], ids[2]}, ids)
		assert.NotEqual(t, ids[0], ids[2])
	}
}
