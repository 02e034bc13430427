package inspector_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/imcb-dev/imcb/simulator/inspector"
)

// A callback is counted once, however it is asked for: not the GET that a
// redirect made of it, nor what a fault's redirect brought back; but whatever
// the reply was.
func TestCountsAreTheSameEverywhere(t *testing.T) {
	i := newInspector()
	asGET, again, large := arrival(t, "beforeAddFriend", "{}", ""), arrival(t, "beforeAddFriend", "{}", ""), arrival(t, "beforeAddFriend", "{}", "")
	asGET.Request.Method = "GET"
	again.Redirected = true
	large.Reply.Status = 413
	i.Record(asGET)
	i.Record(again)
	i.Record(large)
	i.Record(foreign("/x", ""))
	want := inspector.Counts{Total: 4, Unknown: 1, ByCallback: map[string]int{"beforeAddFriend": 1}}
	assert.Equal(t, want, i.Counts())
	for question, count := range map[string]float64{
		`{}`: 4, `{"callback":"beforeAddFriend"}`: 1, `{"phase":"before"}`: 1, `{"callback":"unknown"}`: 1,
		`{"callback":"beforeAddFriend","where":{"x":{"exists":false}}}`: 1, `{"phase":"before","where":{"x":{"exists":false}}}`: 1,
	} {
		got := verify(t, i, question)
		assert.Equal(t, []any{count, 0.0}, []any{got["count"], got["dropped"]}, question)
	}
	for query, chosen := range map[string][]int{
		"": {4, 3, 2, 1}, "callback=beforeAddFriend": {3}, "phase=before": {3}, "callback=unknown": {4}, "callback=beforeAddFriend&outcome=proceed": {3},
	} {
		got := get(t, i, path("/wait?timeout=0s&%s", query))
		assert.Equal(t, []any{float64(len(chosen)), chosen}, []any{got["count"], ids(got["requests"])}, query)
	}
	assert.Len(t, ids(get(t, i, path("/requests?callback=beforeAddFriend"))["requests"]), 3, "lists show them all")

	for _, id := range []string{"1", "3"} {
		assert.Equal(t, 204, ask(i, "DELETE", path("/requests/%s", id), "").Code)
	}
	assert.Equal(t, inspector.Counts{Total: 2, Unknown: 1, ByCallback: map[string]int{}}, i.Counts())
	ask(i, "DELETE", path("/requests"), "")
	assert.Equal(t, inspector.Counts{ByCallback: map[string]int{}}, i.Counts())
	assert.Equal(t, want, i.Arrived(), "since the start")
}
