package validate

import (
	"cmp"
	"slices"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// Guess finds out whether requests come from another version than is taken for
// their sender. It is safe for concurrent use.
type Guess struct {
	server fixtures.Release

	mu     sync.Mutex
	checks map[form]*RequestCheck
	// looked counts the requests, misfits those that the server sends otherwise.
	looked, misfits int
	// fits counts the requests that a version sends so. gains are those of them
	// that the server does not, less those that only the server does.
	fits, gains map[fixtures.Release]int
}

// form is how a version sends a callback.
type form struct {
	callback *fixtures.Callback
	version  fixtures.Release
}

// guessed is how many requests a guess looks at. What those do not tell, more
// do not tell either.
const guessed = 1000

// NewGuess returns a guess that has seen nothing. Unset is DefaultRelease.
func NewGuess(server fixtures.Release) *Guess {
	return &Guess{
		server: server.OrDefault(), checks: make(map[form]*RequestCheck),
		fits: make(map[fixtures.Release]int), gains: make(map[fixtures.Release]int),
	}
}

// Add looks at a request for the callback, and reports whether it did: nil and
// what comes after many others are passed over.
func (g *Guess) Add(c *fixtures.Callback, r Request) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c == nil || g.looked >= guessed {
		return false
	}
	g.looked++
	own := g.sends(form{c, g.server}, r)
	if !own {
		g.misfits++
	}
	for _, v := range fixtures.Releases() {
		fits := g.sends(form{c, v}, r)
		if fits {
			g.fits[v]++
		}
		switch {
		case fits && !own:
			g.gains[v]++
		case own && !fits:
			g.gains[v]--
		}
	}
	return true
}

// sends reports whether a request is as the version sends it, but for what is
// worth no more than a note.
func (g *Guess) sends(f form, r Request) bool {
	check := g.checks[f]
	if check == nil {
		check = NewRequestCheck(f.callback, f.version)
		g.checks[f] = check
	}
	return !Verdict{Findings: check.Check(r)}.Worst().AtLeast(Warning)
}

// Release is the version from which the requests seem to come: it sends most of
// those so that the server sends otherwise, and at least so many. 0: there is
// none.
func (g *Guess) Release(least int) fixtures.Release {
	g.mu.Lock()
	defer g.mu.Unlock()
	best := slices.MaxFunc(fixtures.Releases(), func(a, b fixtures.Release) int {
		return cmp.Or(cmp.Compare(g.gains[a], g.gains[b]), cmp.Compare(standard(a), standard(b)), cmp.Compare(a, b))
	})
	if gain := g.gains[best]; gain < max(1, least) || 2*gain <= g.misfits {
		return 0
	}
	return best
}

// Text says from which version the requests seem to come; the zero value when
// there is no such Release.
func (g *Guess) Text(least int) (text words.Text) {
	v := g.Release(least)
	if v == 0 {
		return text
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return say("guess", "version", v, "fits", g.fits[v], "all", g.looked, "own", g.fits[g.server], "server", g.server)
}

// standard puts the default before other versions that are as likely.
func standard(v fixtures.Release) int {
	if v == fixtures.DefaultRelease {
		return 1
	}
	return 0
}
