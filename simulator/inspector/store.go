package inspector

import (
	"sync/atomic"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// entryCost is what an entry takes beside its arrival, in bytes: most of it is
// the summary, once that was asked for.
const entryCost = 768

// entry is a request that is kept. It does not change but for what is rendered
// when it is first asked for. A million of OpenIM's messages take 1.4 GB, and
// each round of the garbage collector a second or two beside the requests.
type entry struct {
	id      uint64
	size    int64
	arrival *simulator.Arrival
	summary atomic.Pointer[[]byte]
}

func newEntry(a *simulator.Arrival) *entry {
	if a.Verdict == nil {
		judged := *a
		judged.Verdict = new(validate.Verdict)
		a = &judged
	}
	return &entry{size: int64(entryCost + a.Size()), arrival: a}
}

// store keeps the newest entries in a ring in the order of their ids, which
// count from 1 without a gap and are never used again: an entry's place
// follows from its id. Removed entries leave a hole. It is not safe for
// concurrent use.
type store struct {
	keep      int
	keepBytes int64

	ring  []*entry
	start int    // the place of the oldest
	span  int    // places in use, holes too
	last  uint64 // the newest id ever given

	kept    int
	bytes   int64
	dropped uint64 // pushed out by newer ones
	evicted uint64 // the newest id that was pushed out
}

// first is the id of the oldest place.
func (s *store) first() uint64 { return s.last - uint64(s.span) + 1 }

// at returns the place of the n-th oldest.
func (s *store) at(n int) **entry { return &s.ring[(s.start+n)%len(s.ring)] }

// add gives the entry its id and pushes out old ones to keep the bounds.
func (s *store) add(e *entry) {
	if s.span == s.keep {
		s.evict()
	}
	if s.span == len(s.ring) {
		s.grow()
	}
	s.last++
	e.id = s.last
	s.span++
	*s.at(s.span - 1) = e
	s.kept++
	s.bytes += e.size
	for s.bytes > s.keepBytes && s.span > 1 {
		s.evict()
	}
}

// grow doubles the ring up to the bound.
func (s *store) grow() {
	bigger := make([]*entry, min(max(64, 2*len(s.ring)), s.keep))
	for n := range s.span {
		bigger[n] = *s.at(n)
	}
	s.ring, s.start = bigger, 0
}

// evict pushes out the oldest place.
func (s *store) evict() {
	if e := *s.at(0); e != nil {
		s.dropped++
		s.kept--
		s.bytes -= e.size
		s.evicted = e.id
	}
	s.shift()
}

func (s *store) shift() {
	*s.at(0) = nil
	s.start = (s.start + 1) % len(s.ring)
	s.span--
}

// get returns the entry with the id, or nil.
func (s *store) get(id uint64) *entry {
	if id < s.first() || id > s.last {
		return nil
	}
	return *s.at(int(id - s.first()))
}

// remove forgets one entry and returns it, or nil.
func (s *store) remove(id uint64) *entry {
	e := s.get(id)
	if e == nil {
		return nil
	}
	*s.at(int(id - s.first())) = nil
	s.kept--
	s.bytes -= e.size
	for s.span > 0 && *s.at(0) == nil {
		s.shift()
	}
	return e
}

// clear forgets all entries; their ids are not used again.
func (s *store) clear() {
	clear(s.ring)
	s.start, s.span, s.kept, s.bytes = 0, 0, 0, 0
}

// newer returns the entries with an id above after, oldest first and not more
// than limit.
func (s *store) newer(after uint64, limit int) []*entry {
	skip := 0
	if after >= s.first() {
		skip = int(min(after-s.first()+1, uint64(s.span)))
	}
	found := make([]*entry, 0, min(s.kept, s.span-skip, limit))
	for n := skip; n < s.span && len(found) < limit; n++ {
		if e := *s.at(n); e != nil {
			found = append(found, e)
		}
	}
	return found
}

// oldest returns the id of the oldest kept entry, 0 without any.
func (s *store) oldest() uint64 {
	for n := range s.span {
		if e := *s.at(n); e != nil {
			return e.id
		}
	}
	return 0
}

// newest returns the id of the newest kept entry, 0 without any.
func (s *store) newest() uint64 {
	for n := s.span - 1; n >= 0; n-- {
		if e := *s.at(n); e != nil {
			return e.id
		}
	}
	return 0
}
