package inspector

import (
	"context"
	"errors"
)

// ErrStopped is the error of Wait when Stop ended it.
var ErrStopped = errors.New("the receiver is stopping")

// maxRemoved is how many single removals a subscriber may have to catch up
// with; beyond them it must list again.
const maxRemoved = 256

// subscriber is woken when something happens. It holds no requests: it looks
// into the store for what is new, at its own pace. All but woken is guarded by
// the inspector's mutex.
type subscriber struct {
	woken chan struct{}

	removed    []uint64
	cleared    bool // everything was forgotten
	lost       bool // more was removed than removed holds
	rules      bool // the rules changed
	rulesError string
}

func (i *Inspector) subscribe() *subscriber {
	s := &subscriber{woken: make(chan struct{}, 1)}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.subscribers[s] = struct{}{}
	return s
}

func (i *Inspector) unsubscribe(s *subscriber) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.subscribers, s)
}

// signal wakes the subscriber, now or when it next waits. It never blocks.
func (s *subscriber) signal() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

func (s *subscriber) removedOne(id uint64) {
	if len(s.removed) == maxRemoved {
		s.removed, s.lost = nil, true
	}
	s.removed = append(s.removed, id)
	s.signal()
}

func (s *subscriber) removedAll() {
	s.removed, s.lost, s.cleared = nil, false, true
	s.signal()
}

// wait returns nil when the subscriber is woken, else why it should end.
func (s *subscriber) wait(ctx context.Context, stopping <-chan struct{}) error {
	select {
	case <-s.woken:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-stopping:
		return ErrStopped
	}
}
