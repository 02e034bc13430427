package serve

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/mock"
)

func (s *serving) open() error {
	var err error
	if s.receiver.Token, err = readToken(s.tokenFile, s.on.local); err != nil {
		return err
	}
	if err := s.openJournal(); err != nil {
		return err
	}
	s.log = requestLog{quiet: s.quiet, verbose: s.verbose, json: s.logFormat == "json", explain: s.receiver.Rules.Explain}
	s.receiver.Server, s.receiver.KeepBytes, s.receiver.About, s.receiver.Observe = s.server, int64(s.keepBytes), s.about(), s.log.add
	s.receiver.Guessed = func(text words.Text) { s.say("server", text.String()) }
	if s.journal != nil {
		s.receiver.Journal = s.journal.JournalWriter
	}
	s.mock = mock.New(s.receiver)
	return nil
}

func (s *serving) openJournal() (err error) {
	if s.record == "" {
		return nil
	}
	s.journal, err = openJournalFile(s.record, simulator.JournalOptions{
		Durable: s.durable, MaxBytes: int64(s.rotate), Failed: func(err error) { s.say("journal", err.Error()) },
	})
	return err
}

// gcPercent lets the heap grow to four times what is kept before it is swept:
// what is kept is bounded and would otherwise be looked through many times a
// second.
const gcPercent = 300

// serve serves until ctx is done, the time is over or the expectations are met.
func (s *serving) serve(ctx context.Context) error {
	if s.howLong > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.howLong)
		defer cancel()
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	s.log.start(s.app.Out)
	var beside sync.WaitGroup
	if s.ruleFile != nil {
		beside.Go(func() { s.ruleFile.watch(ctx, s.takeRules) })
	}
	if !s.quiet {
		beside.Go(func() { s.tellOfSilence(ctx, func() int { return s.mock.Arrived().Total }) })
	}
	if s.until {
		beside.Go(func() {
			defer stop()
			s.settle(ctx)
		})
	}
	err := s.mock.Serve(ctx, simulator.ServeOptions{Hosts: s.listen.hosts, Refused: s.refusals()}, s.on.listeners...)
	stop()
	beside.Wait()
	s.log.finish()
	return s.end(err)
}

// silence is how long nothing may come before that is worth a word.
const silence = time.Minute

// tellOfSilence says once that nothing has come since the start.
func (s *serving) tellOfSilence(ctx context.Context, arrived func() int) {
	timer := time.NewTimer(silence)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		if arrived() == 0 {
			s.say("silence", "nothing has come for a minute: `imcb trigger beforeSendSingleMsg --no-receiver` makes OpenIM send one and says what stands against it, `imcb help nothing-arrives` has the other ways")
		}
	}
}

// settle returns when every expectation was met for a while, or one is missed.
func (s *serving) settle(ctx context.Context) {
	err := s.mock.Await(ctx, s.expected...)
	if err == nil && s.settling > 0 {
		s.say("expect", fmt.Sprintf("every --expect is met; waiting %s for one too many (--settle)", s.settling))
	}
	if err == nil {
		err = s.mock.Settle(ctx, s.settling, s.expected...)
	}
	switch {
	case errors.Is(err, mock.ErrTooOften):
		s.say("expect", "stopping: "+err.Error())
	case err == nil:
		s.say("expect", "stopping: every --expect is met, and callbacks that come later find nobody")
	}
}

// end closes what is open and says what happened.
func (s *serving) end(err error) error {
	s.stopped()
	s.mock.Close()
	if s.journal != nil {
		if closed := s.journal.Close(); err == nil {
			err = closed
		}
		if n := s.journal.Lost(); n > 0 {
			s.say("journal", words.Count(n, "exchange")+" could not be written to the journal")
		}
	}
	missed := s.reportExpectations()
	if err != nil {
		return shell.Machine(err)
	}
	return missed
}

// refusals says once, for each reason, that a request did not reach the
// receiver: OpenIM itself would not say why.
func (s *serving) refusals() func(remote string, why words.Text) {
	var mu sync.Mutex
	said := make(map[string]bool)
	return func(remote string, why words.Text) {
		text := why.String()
		key := text
		if remote == "" { // a line of net/http, with the client's address
			key, _, _ = strings.Cut(text, " from ")
		}
		mu.Lock()
		defer mu.Unlock()
		if said[key] || len(said) >= maxReasons {
			return
		}
		said[key] = true
		if why.ID() == "refused-host" {
			text += " with --allow-host"
		}
		s.say("refused", "a request was refused: "+text)
	}
}

// maxReasons bounds what is said: a client may make reasons up.
const maxReasons = 100
