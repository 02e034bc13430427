package inspector_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/inspector"
	"github.com/imcb-dev/imcb/validate"
)

// Watch a mock receiver from a test: let the code under test send, then ask
// what came.
func Example() {
	look := inspector.New(inspector.Options{Server: validate.On(fixtures.DefaultRelease)})
	mock := simulator.NewReceiver(simulator.ReceiverOptions{Server: validate.On(fixtures.DefaultRelease), Observe: look.Record})
	server := httptest.NewServer(look.Handler(mock))
	defer server.Close()

	sent, err := http.Post(server.URL+"/callbackBeforeAddFriendCommand", "application/json", strings.NewReader(`{"fromUserID":"8127540396"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	sent.Body.Close()

	answer, err := http.Post(server.URL+"/__imcb/api/v1/verify", "application/json",
		strings.NewReader(`{"callback":"beforeAddFriend","where":{"fromUserID":"8127540396"},"exactly":1}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	fmt.Println(string(text), err)
	// Output:
	// {"ok":true,"count":1,"want":"exactly 1","message":"beforeAddFriend with fromUserID \"8127540396\" came once, as wanted","dropped":0,"near":[]}
	//  <nil>
}
