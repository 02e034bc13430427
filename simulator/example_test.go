package simulator_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// Send a callback to a receiver, here imcb's own, and judge its reply.
func ExampleSender_Send() {
	receiver := httptest.NewServer(simulator.NewReceiver(simulator.ReceiverOptions{Server: validate.On(fixtures.DefaultRelease)}))
	defer receiver.Close()

	callback, err := fixtures.Lookup("beforeAddFriend")
	if err != nil {
		fmt.Println(err)
		return
	}
	payload, err := callback.Payload(fixtures.PayloadOptions{Server: fixtures.DefaultRelease})
	if err != nil {
		fmt.Println(err)
		return
	}
	target, err := simulator.NewTarget(receiver.URL+"/callbackExample", simulator.Path)
	if err != nil {
		fmt.Println(err)
		return
	}
	sender, err := simulator.NewSender(simulator.SenderOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer sender.Close()

	exchange := sender.Send(context.Background(), target.URL(payload), payload, 0)
	verdict := validate.NewJudge(callback, validate.Options{Server: validate.On(fixtures.DefaultRelease)}).Judge(&exchange)
	fmt.Println(exchange.Reply.Status, verdict.Outcome, len(verdict.Findings))
	// Output: 200 proceed 0
}
