package inspector

import (
	"slices"
	"sort"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// entryCost is what an entry takes beside its arrival, in bytes, generously.
const entryCost = 768

// entry is a request that is kept. It does not change. A million of OpenIM's messages take 1.4 GB, and
// each round of the garbage collector a second or two beside the requests.
type entry struct {
	id      uint64
	size    int64
	arrival *simulator.Arrival
}

func newEntry(a *simulator.Arrival) *entry {
	if a.Verdict == nil {
		judged := *a
		judged.Verdict = new(validate.Verdict)
		a = &judged
	}
	return &entry{size: int64(entryCost + a.Size()), arrival: a}
}

// store keeps the newest entries. Their ids count from 1 and are never used
// again. It is not safe for concurrent use.
type store struct {
	keep      int
	keepBytes int64

	entries []*entry // oldest first
	last    uint64   // the newest id ever given
	bytes   int64
	dropped uint64 // pushed out by newer ones
	evicted uint64 // the newest id that was pushed out
}

// add gives the entry its id and pushes out old ones to keep the bounds.
func (s *store) add(e *entry) {
	s.last++
	e.id = s.last
	s.entries = append(s.entries, e)
	s.bytes += e.size
	for len(s.entries) > s.keep || s.bytes > s.keepBytes && len(s.entries) > 1 {
		s.evict()
	}
}

func (s *store) evict() {
	e := s.entries[0]
	s.entries[0] = nil // the array lives on for a while
	s.entries = s.entries[1:]
	s.bytes -= e.size
	s.dropped++
	s.evicted = e.id
}

// place is where the entries newer than an id begin.
func (s *store) place(after uint64) int {
	return sort.Search(len(s.entries), func(n int) bool { return s.entries[n].id > after })
}

func (s *store) get(id uint64) *entry {
	if n := s.place(id - 1); n < len(s.entries) && s.entries[n].id == id {
		return s.entries[n]
	}
	return nil
}

func (s *store) remove(id uint64) *entry {
	e := s.get(id)
	if e != nil {
		n := s.place(id - 1)
		s.entries = slices.Delete(s.entries, n, n+1)
		s.bytes -= e.size
	}
	return e
}

func (s *store) empty() { s.entries, s.bytes = nil, 0 }

// newer returns the entries with an id above after, oldest first and not more
// than limit.
func (s *store) newer(after uint64, limit int) []*entry {
	newer := s.entries[s.place(after):]
	return slices.Clone(newer[:min(len(newer), limit)])
}

// oldest returns the id of the oldest kept entry, 0 without any.
func (s *store) oldest() uint64 {
	if len(s.entries) == 0 {
		return 0
	}
	return s.entries[0].id
}

// newest returns the id of the newest kept entry, 0 without any.
func (s *store) newest() uint64 {
	if len(s.entries) == 0 {
		return 0
	}
	return s.entries[len(s.entries)-1].id
}
