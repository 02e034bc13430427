package inspector

import (
	"errors"
)

// ErrStopped is the error of Wait when Stop ended it.
var ErrStopped = errors.New("the receiver is stopping")

// maxRemoved is how many single removals a subscriber may have to catch up
// with; beyond them it must list again.
const maxRemoved = 256

// subscriber is woken when something happens. It holds no requests: it looks
// into the store for what is new, at its own pace.
type subscriber struct {
	woken chan struct{}
	changes
}

// changes are what the store does not show. The inspector's mutex guards them.
type changes struct {
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

func (c *changes) removedOne(id uint64) {
	if len(c.removed) == maxRemoved {
		c.removed, c.lost = nil, true
	}
	c.removed = append(c.removed, id)
}

func (c *changes) removedAll() { c.removed, c.lost, c.cleared = nil, false, true }
