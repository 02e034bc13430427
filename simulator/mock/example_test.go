package mock_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/imcb-dev/imcb/simulator/mock"
)

// Start the mock, let the code under test send, and wait for the callback.
func Example() {
	m := mock.New(mock.Options{})
	defer m.Close()
	server := httptest.NewServer(m)
	defer server.Close()
	go func() {
		_, _ = http.Post(server.URL+"/callbackBeforeAddFriendCommand", "application/json", strings.NewReader(`{}`))
	}()
	err := m.Wait(context.Background(), "beforeAddFriend", 1)
	fmt.Println(m.Arrived().ByCallback, err)
	// Output: map[beforeAddFriend:1] <nil>
}
