package rules_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// refusing is a text by which friends are refused, once.
func refusing(code string) string {
	return "timeout: 3s\nrules: [{match: {callback: beforeAddFriend}, refuse: {errCode: " + code + "}, times: 1}]"
}

// shows are all that a book tells of its text.
func shows(b *rules.Book) []any {
	text, source := b.Text()
	return []any{text, source, b.Len(), b.Timeout(), b.Problem()}
}

func TestTheTextOfABookChanges(t *testing.T) {
	b, err := rules.New("r.yaml", []byte(refusing("5001")), rules.Options{Flags: rules.Flags{Delay: []string{"beforeAddBlack=5ms"}}})
	require.NoError(t, err)
	loaded := []any{refusing("5001"), "r.yaml", 2, 3 * time.Second, ""}
	assert.Equal(t, loaded, shows(b))
	assert.Equal(t, "1-", codes(t, b, 2))

	require.NoError(t, b.Replace([]byte("rules: [{match: {phase: before}, refuse: {errCode: 5002}}]")))
	edited := []any{"rules: [{match: {phase: before}, refuse: {errCode: 5002}}]", "edited", 2, time.Duration(0), ""}
	assert.Equal(t, edited, shows(b))
	assert.Equal(t, "22", codes(t, b, 2))

	n, err := b.Check([]byte("rules: [{allow: true}, {allow: true, times: 1}]"))
	assert.ErrorContains(t, err, "edited:1:24: this rule never gets its turn")
	assert.Zero(t, n)
	n, err = b.Check([]byte("rules: [{allow: true, times: 1}, {allow: true}]"))
	require.NoError(t, err)
	assert.Equal(t, 3, n)
	assert.ErrorContains(t, b.Replace([]byte("rulez: []")), `edited:1:1: unknown key "rulez"`)
	assert.Equal(t, edited, shows(b), "nothing was taken, and the file has no problem")

	err = b.Load([]byte("rulez: []"))
	var all rules.Errors
	require.ErrorAs(t, err, &all)
	assert.Equal(t, "r.yaml", all[0].File)
	edited[4] = err.Error()
	assert.Equal(t, edited, shows(b), "the file has one, the rules stay")
	b.Fail(errors.New("no such file"))
	assert.Equal(t, "no such file", b.Problem())

	b.Reset()
	assert.Equal(t, loaded, shows(b))
	assert.Equal(t, "1-", codes(t, b, 2), "times start anew")
	require.NoError(t, b.Load([]byte(refusing("5003"))))
	assert.Equal(t, "3-", codes(t, b, 2))
	b.Reset()
	assert.Equal(t, "3-", codes(t, b, 2), "the text that was loaded last")
}

func TestABookOfFlags(t *testing.T) {
	b, err := rules.New("", nil, rules.Options{Flags: rules.Flags{Refuse: []string{"beforeAddFriend=5004"}}})
	require.NoError(t, err)
	assert.Equal(t, []any{"", "flags", 1, time.Duration(0), ""}, shows(b))
	require.NoError(t, b.Replace([]byte("rules: []")))
	b.Reset()
	assert.Equal(t, []any{"", "flags", 1, time.Duration(0), ""}, shows(b))
	assert.Equal(t, "44", codes(t, b, 2))

	none, err := rules.New("r.yaml", []byte("rules: ["), rules.Options{})
	require.Error(t, err)
	assert.Nil(t, none)
}

// TestABookIsUsedByManyAtOnce is for the race detector, and sees that each
// answer is that of one text.
func TestABookIsUsedByManyAtOnce(t *testing.T) {
	b := parse(t, "rules: [{match: {callback: beforeAddFriend}, refuse: {errCode: 5001, errMsg: m5001}}]")
	var all sync.WaitGroup
	for n := range 4 {
		text := []byte(fmt.Sprintf("rules: [{match: {callback: beforeAddFriend}, refuse: {errCode: 500%d, errMsg: m500%d}}]", n, n))
		all.Go(func() {
			for range 20 {
				assert.NoError(t, b.Replace(text))
				assert.NoError(t, b.Load(text))
				b.Reset()
				b.Fail(errors.New("away"))
				_, _, _, _ = b.Problem(), b.Rules(), b.Timeout(), b.Len()
			}
		})
		all.Go(func() {
			for range 200 {
				a := arrival(t, "beforeAddFriend", "{}")
				answer := respond(t, b, a)
				_, code, _ := strings.Cut(answer, `"errCode":`)
				assert.Contains(t, answer, `"errMsg":"m`+code[:4])
				assert.Len(t, b.Explain(a), 1)
			}
		})
	}
	all.Wait()
}

// A mock receiver that refuses some friends.
func ExampleBook() {
	const text = `
rules:
  - name: no friends for spammers
    match: {callback: beforeAddFriend, where: {reqMsg: {regex: "(?i)buy now"}}}
    refuse: {errCode: 5001, errMsg: "not today, ${request.fromUserID}"}
`
	book, err := rules.New("rules.yaml", []byte(text), rules.Options{Server: validate.On(fixtures.DefaultRelease)})
	if err != nil {
		fmt.Println(err)
		return
	}
	mock := simulator.NewReceiver(simulator.ReceiverOptions{Server: validate.On(fixtures.DefaultRelease), Respond: book.Respond, Timeout: book.Timeout})

	reply := httptest.NewRecorder()
	mock.ServeHTTP(reply, httptest.NewRequest(http.MethodPost, "/callbackBeforeAddFriendCommand",
		strings.NewReader(`{"fromUserID":"6842137901","reqMsg":"Buy now!"}`)))
	fmt.Println(reply.Code, reply.Body)
	for _, r := range book.Rules() {
		fmt.Println(r.Name, "answered", r.Answered)
	}
	// Output:
	// 200 {"actionCode":0,"errCode":5001,"errMsg":"not today, 6842137901","errDlt":"","nextCode":1}
	// no friends for spammers answered 1
}
