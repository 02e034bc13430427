package play

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// space is what is sent for a callback beside its ordinary request.
type space struct {
	callback *fixtures.Callback
	server   fixtures.Release
	all      []fixtures.Case
	// base is what the ordinary request of the run differs in from the catalog's: its
	// kind of message.
	base []fixtures.Difference
	// allMessages and pairs are as CoverOptions have them.
	allMessages, pairs bool
	// make builds the request of a case.
	make func(fixtures.Case, fixtures.PayloadOptions) (*fixtures.Payload, error)
	// options are those of the first request, made counts the others.
	options fixtures.PayloadOptions
	made    uint64
	// sends reports whether the server is configured to send the request. Nil: it
	// sends all.
	sends func(*fixtures.Payload) bool
	// edited: requests are not quite those of their cases.
	edited bool
}

func (p *Player) spaceOf(o CoverOptions, ordinary *fixtures.Payload) *space {
	return &space{
		callback: ordinary.Callback, server: ordinary.Server, all: ordinary.Callback.Cases(ordinary.Server), base: kindOf(ordinary), allMessages: o.AllMessages, pairs: o.Cover == validate.CoverPairs,
		edited: o.Edit != nil, sends: p.Judging.filter(ordinary.Callback), options: p.options(),
		make: func(k fixtures.Case, opts fixtures.PayloadOptions) (*fixtures.Payload, error) {
			payload, err := k.Payload(opts)
			if err == nil && o.Edit != nil {
				err = o.Edit(payload)
			}
			return payload, err
		},
	}
}

// kindOf is the kind of message of a request, unless it is text.
func kindOf(p *fixtures.Payload) []fixtures.Difference {
	if !p.Callback.IsMessage() || p.Message.Name == "text" {
		return nil
	}
	return []fixtures.Difference{{Path: contentType, Value: json.RawMessage(strconv.Itoa(p.Message.Code))}}
}

const contentType = "contentType"

// cases are those to send beside the ordinary request.
func (s *space) cases() (cases []fixtures.Case) {
	for _, k := range s.all[1:] {
		k, ok := s.ofKind(k)
		if !ok || k.OnRequest && !s.allMessages {
			continue
		}
		if s.edited || s.sends != nil {
			if _, ok := s.payload(k); !ok {
				continue
			}
		}
		cases = append(cases, k)
	}
	return cases
}

// ofKind is the case for the run's kind of message, if it can be of that.
func (s *space) ofKind(k fixtures.Case) (fixtures.Case, bool) {
	if len(s.base) == 0 {
		return k, true
	}
	var differs []fixtures.Difference
	for _, d := range k.Differs {
		switch {
		case d.Path == contentType && !bytes.Equal(d.Value, s.base[0].Value), d.Path == "content":
			return k, false
		case d.Path != contentType:
			differs = append(differs, d)
		case len(k.Differs) == 1:
			return k, false // it is the ordinary request
		}
	}
	of := k.With(differs)
	of.Name = k.Name
	return of, true
}

// payload builds the request of a case. There is none where it can't be built or
// edited, where the server does not send it, and where edits leave nothing of
// the case.
func (s *space) payload(k fixtures.Case) (*fixtures.Payload, bool) {
	full := s.full(k)
	if s.edited && s.sameAsOrdinary(full) {
		return nil, false
	}
	s.made++
	opts := s.options
	if opts.Seed != nil { // ids of its own
		opts.Seed = new(*opts.Seed + s.made)
	}
	p, err := s.make(full, opts)
	return p, err == nil && (s.sends == nil || s.sends(p))
}

// full is the case with the kind of message of the run.
func (s *space) full(k fixtures.Case) fixtures.Case {
	if len(s.base) == 0 {
		return k
	}
	return k.With(slices.Concat(s.base, k.Differs))
}

func (s *space) sameAsOrdinary(k fixtures.Case) bool {
	alike := fixtures.PayloadOptions{Server: s.server, OperationID: "1", Seed: new(uint64)}
	ordinary, err := s.make(s.all[0].With(s.base), alike)
	p, failed := s.make(k, alike)
	return err == nil && failed == nil && bytes.Equal(p.Body, ordinary.Body)
}

// named is a case of the catalog with the same differences, or else the given one.
func (s *space) named(k fixtures.Case) fixtures.Case {
	for _, known := range s.all {
		if slices.EqualFunc(known.Differs, k.Differs, sameDifference) {
			return known
		}
	}
	return k
}

func sameDifference(a, b fixtures.Difference) bool {
	return a.Path == b.Path && bytes.Equal(a.Value, b.Value)
}

// pairsOf are requests that have each two of the cases at once that can come
// together, as few as a greedy choice finds.
func (s *space) pairsOf(cases []fixtures.Case) (pairs []fixtures.Case) {
	cases = singly(cases)
	fitting := make(map[[2]int]bool)
	for i := range cases {
		for j := range i {
			if cases[i].Fits(cases[j]) {
				fitting[[2]int{j, i}] = true
			}
		}
	}
	open := maps.Clone(fitting)
	for i := range cases {
		for j := range i {
			if open[[2]int{j, i}] {
				pairs = append(pairs, merged(choosePairs(cases, fitting, open, j, i)))
			}
		}
	}
	return pairs
}

// singly parts the cases in which many fields have something of a kind. Ids stay
// together: they are the same persons' everywhere.
func singly(cases []fixtures.Case) (single []fixtures.Case) {
	for _, k := range cases {
		if !strings.HasPrefix(k.Name, "all=") || k.Name == "all=letters" {
			single = append(single, k)
			continue
		}
		for _, d := range k.Differs {
			single = append(single, k.With([]fixtures.Difference{d}))
		}
	}
	return single
}

// choosePairs begins with two cases and adds those that bring in the most open
// pairs, until none brings any.
func choosePairs(cases []fixtures.Case, fitting, open map[[2]int]bool, first, second int) (chosen []fixtures.Case) {
	taken := []int{first, second}
	delete(open, [2]int{first, second})
	for {
		best, most := -1, 0
		for i := range cases {
			if len(among(fitting, taken, i)) < len(taken) {
				continue
			}
			if n := len(among(open, taken, i)); n > most {
				best, most = i, n
			}
		}
		if best < 0 {
			break
		}
		for _, pair := range among(open, taken, best) {
			delete(open, pair)
		}
		taken = append(taken, best)
	}
	slices.Sort(taken)
	for _, i := range taken {
		chosen = append(chosen, cases[i])
	}
	return chosen
}

// among are those of the pairs that i makes with what is taken.
func among(all map[[2]int]bool, taken []int, i int) (pairs [][2]int) {
	for _, t := range taken {
		if pair := [2]int{min(t, i), max(t, i)}; all[pair] {
			pairs = append(pairs, pair)
		}
	}
	return pairs
}

// merged has the differences of all the cases.
func merged(cases []fixtures.Case) fixtures.Case {
	var differs []fixtures.Difference
	var names []string
	for _, k := range cases {
		differs, names = append(differs, k.Differs...), append(names, k.Name)
	}
	// The kind of message first: what else is set depends on it.
	slices.SortStableFunc(differs, func(a, b fixtures.Difference) int {
		return strings.Compare(strconv.FormatBool(b.Path == contentType), strconv.FormatBool(a.Path == contentType))
	})
	all := cases[0].With(differs)
	all.Name = strings.Join(names, " ")
	return all
}
