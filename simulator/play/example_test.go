package play_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/record"
	"github.com/imcb-dev/imcb/validate/suite"
)

// Send a callback to a receiver, here imcb's own, and judge its reply.
func ExamplePlayer_Send() {
	receiver := httptest.NewServer(simulator.NewReceiver(simulator.ReceiverOptions{}))
	defer receiver.Close()

	player, err := play.NewPlayer(receiver.URL, validate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	payload, err := player.Payload("beforeAddFriend")
	if err != nil {
		log.Fatal(err)
	}
	result := player.Send(context.Background(), payload)
	fmt.Println(result.Exchange.Reply.Status, result.Outcome, len(result.Findings))
	// Output: 200 proceed 0
}

// Send whatever OpenIM may send for a callback, and tell what makes a difference.
func ExamplePlayer_Cover() {
	receiver := httptest.NewServer(simulator.NewReceiver(simulator.ReceiverOptions{}))
	defer receiver.Close()

	player, err := play.NewPlayer(receiver.URL, validate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	payload, err := player.Payload("beforeUpdateUserInfo")
	if err != nil {
		log.Fatal(err)
	}
	summary, _ := play.Runner{}.Run(context.Background(), player.Cover(play.CoverOptions{}, payload), func(r validate.Result) error {
		for _, f := range r.Findings {
			fmt.Println(validate.When(r.Cover.Differs), f)
		}
		return nil
	})
	fmt.Println(summary.Requests > 1, summary.Failed)
	// Output: true 0
}

// Play the cases of a suite, eight at a time.
func ExamplePlayer_Suite() {
	receiver := httptest.NewServer(simulator.NewReceiver(simulator.ReceiverOptions{}))
	defer receiver.Close()
	file := []byte(`
cases:
  - name: friends may be added
    send: beforeAddFriend
    expect: {outcome: proceed}
  - name: nobody may write to u2
    send: beforeSendSingleMsg
    set: {recvID: u2}
    expect: {outcome: refuse}
`)

	player, err := play.NewPlayer(receiver.URL, validate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	cases, err := suite.Parse("suite.yaml", file, os.Getenv, nil)
	if err != nil {
		log.Fatal(err)
	}
	summary, _ := play.Runner{Jobs: 8}.Run(context.Background(), player.Suite(cases, suite.Filter{}), nil)
	fmt.Println(summary.Results, "cases,", summary.Failed, "failed")
	// Output: 2 cases, 1 failed
}

// Judge what a journal holds, without any network.
func ExampleJudging_Judge() {
	journal := strings.NewReader(`{"callback":"beforeAddFriend","request":{"method":"POST","url":"http://127.0.0.1/cb"},"reply":{"status":404,"body":"no"}}`)

	var judging play.Judging
	for line, err := range record.Journal(journal) {
		if err != nil {
			log.Fatal(err)
		}
		callback, err := record.CallbackOf(line.Exchange)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(line.Number, judging.Judge(callback, line.Exchange).Outcome)
	}
	// Output: 1 fail
}
