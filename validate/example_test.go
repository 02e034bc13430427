package validate_test

import (
	"fmt"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// A refusal that refuses nothing, as OpenIM 3.8.3 would take it.
func ExampleJudge_Judge() {
	callback, err := fixtures.Lookup("beforeSendSingleMsg")
	if err != nil {
		fmt.Println(err)
		return
	}
	judge := validate.NewJudge(callback, validate.Options{Server: validate.On(fixtures.V383)})
	verdict := judge.Judge(&validate.Exchange{Reply: validate.Reply{
		Status: 200,
		Body:   []byte(`{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`),
	}})
	fmt.Println(verdict.Outcome)
	for _, finding := range verdict.Findings {
		fmt.Println(finding)
	}
	// Output:
	// proceed
	// error: this refusal refuses nothing: actionCode 1 cancels it, and the message goes through [refusal-ineffective] documents, server
}

// A request of one's own, compared with what OpenIM sends.
func ExampleCheckRequest() {
	callback, err := fixtures.Lookup("callbackBeforeAddFriendCommand")
	if err != nil {
		fmt.Println(err)
		return
	}
	body := `{"callbackCommand":"callbackBeforeAddFriendCommand","fromUserID":"u1","toUserID":2,"reqMsg":"hi","ex":""}` + "\n"
	for _, finding := range validate.CheckRequest(callback, fixtures.V383, validate.Request{Body: []byte(body)}) {
		fmt.Println(finding)
	}
	// Output:
	// error: toUserID is 2, but OpenIM sends a string [request-field] server
}
