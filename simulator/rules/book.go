package rules

import (
	"cmp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// Options say what a book is for.
type Options struct {
	// Server is the OpenIM that the answers are for, and that judges them. The
	// zero value is fixtures.DefaultRelease.
	Server validate.Server
	// Timeout is OpenIM's timeout for the faults that depend on it. 0: the
	// text's, else 5 s. OpenIM waits 15 s at most.
	Timeout time.Duration
	// Seed makes probability and delays the same in every run. Nil: the text's,
	// else any.
	Seed *uint64
	// Flags are rules of the command line; they come before the text's.
	Flags Flags
}

// Where the rules of a book come from, when it is no file.
const (
	fromFlags = "flags"
	fromEdit  = "edited"
)

// Book is the rules of a mock receiver: those of the command line, then those
// of a text, which may change while it is used. It is safe for concurrent use.
type Book struct {
	source  string
	options Options
	current atomic.Pointer[set]

	mu      sync.Mutex
	loaded  *set // that Reset goes back to
	problem string
}

// New returns a book with the rules of a text, YAML or JSON; file is what
// messages call it. Both may be empty: then there are only the rules of
// Options.Flags. The error is an Errors: all the mistakes at once, each with
// its place and an excerpt.
func New(file string, text []byte, o Options) (*Book, error) {
	o.Server = o.Server.OrDefault()
	b := &Book{source: cmp.Or(file, fromFlags), options: o}
	if err := b.Load(text); err != nil {
		return nil, err
	}
	return b, nil
}

// Load takes the file's text anew. Text with mistakes, which are an Errors,
// leaves the rules as they are.
func (b *Book) Load(text []byte) error {
	s, err := parse(b.source, text, b.options)
	if err != nil {
		b.Fail(err)
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.loaded = s
	b.take(s)
	return nil
}

// Fail notes, for Problem, why the file could not be read. The rules stay as
// they are.
func (b *Book) Fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problem = err.Error()
}

// Replace takes other text, until the next Load or Reset. Mistakes are as in
// Load, but are no Problem of the file.
func (b *Book) Replace(text []byte) error {
	s, err := parse(fromEdit, text, b.options)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.take(s)
	return nil
}

// Check reads text without taking it, and returns how many rules there would
// be.
func (b *Book) Check(text []byte) (int, error) {
	s, err := parse(fromEdit, text, b.options)
	if err != nil {
		return 0, err
	}
	return len(s.rules), nil
}

// Reset goes back to the text that was loaded last, and starts the rules'
// times, sequences, counts and random numbers anew.
func (b *Book) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.loaded.reset()
	b.take(b.loaded)
}

func (b *Book) take(s *set) {
	b.current.Store(s)
	b.problem = ""
}

// Text is the text that the rules were read from, and where it comes from: the
// file's name, "flags" when there is none, or "edited".
func (b *Book) Text() (text, source string) {
	s := b.current.Load()
	return s.text, s.source
}

// Problem is why the file's last text was not taken. Empty: it was.
func (b *Book) Problem() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.problem
}

// Timeout returns OpenIM's timeout as the option has it, else the text; 0 when
// neither does.
func (b *Book) Timeout() time.Duration { return b.current.Load().options.Timeout }

// Len returns the number of rules.
func (b *Book) Len() int { return len(b.current.Load().rules) }

// Summary describes a rule for lists.
type Summary struct {
	Name string `json:"name"`
	// Line is where the rule stands in the text; 0: it is an option's.
	Line int `json:"line"`
	// Callbacks are the keys of those that it can match; none: any request.
	Callbacks []string `json:"callbacks"`
	// Does says what it does, and whether options keep it from that.
	Does words.Text `json:"does"`
	// Answered is how many requests it answered, or delayed.
	Answered uint64 `json:"answered"`
}

// Rules describes the rules in their order.
func (b *Book) Rules() []Summary {
	rules := b.current.Load().rules
	all := make([]Summary, len(rules))
	for i, r := range rules {
		all[i] = Summary{Name: r.name, Line: r.Line, Callbacks: r.match.keys(), Does: r.does(), Answered: r.count()}
	}
	return all
}
