package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/inspector"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// ruleBook holds the rules of the receiver, which the file's editor and the
// inspector page may change while it runs.
type ruleBook struct {
	file    string // empty: there are only flags
	options rules.Options
	current atomic.Pointer[rules.Set]

	mu      sync.Mutex
	text    []byte // that the current rules were read from
	source  string
	problem string
	// seen is the file as it was last looked at, loaded as it was last taken.
	seen    []byte
	loaded  []byte
	away    bool // it could not be read the last time
	modTime time.Time
	size    int64
}

// maxRuleFile is the largest file that --rules takes, in bytes.
const maxRuleFile = 1 << 20

// newRuleBook reads the rules of the flags and of the file.
func newRuleBook(file string, o rules.Options) (*ruleBook, error) {
	b := &ruleBook{file: file, options: o, source: "flags"}
	if file != "" {
		b.source = file
		text, err := b.read()
		if err != nil {
			return nil, usageError(err)
		}
		b.text, b.seen, b.loaded = text, text, text
	}
	set, err := rules.Parse(b.name(), b.text, o)
	if err != nil {
		return nil, usageError(err)
	}
	b.current.Store(set)
	return b, nil
}

func (b *ruleBook) name() string {
	if b.file == "" {
		return "rules"
	}
	return b.file
}

// read reads the file and notes what it looked like.
func (b *ruleBook) read() ([]byte, error) {
	info, err := os.Stat(b.file)
	switch {
	case err != nil:
		return nil, fmt.Errorf("--rules: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("--rules %s is not a file", b.file)
	case info.Size() == 0: // an editor may be about to write it
		return nil, fmt.Errorf("--rules %s is empty; `imcb serve --init` writes an example", b.file)
	case info.Size() > maxRuleFile:
		return nil, fmt.Errorf("--rules %s is larger than %d bytes", b.file, maxRuleFile)
	}
	b.modTime, b.size = info.ModTime(), info.Size()
	return os.ReadFile(b.file)
}

// lookEvery is how often the file is looked at for changes.
const lookEvery = 500 * time.Millisecond

// watch takes over changes of the file until ctx is done, and says what
// became of each.
func (b *ruleBook) watch(ctx context.Context, changed func(n int, err error)) {
	if b.file == "" {
		return
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if n, err, ok := b.reload(); ok {
				changed(n, err)
			}
		}
	}
}

// reload takes over the file if it changed; ok says that it did. A file that
// can't be used leaves the rules as they are.
func (b *ruleBook) reload() (n int, err error, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	info, err := os.Stat(b.file)
	if err == nil && !b.away && info.ModTime().Equal(b.modTime) && info.Size() == b.size {
		return 0, nil, false
	}
	text, err := b.read()
	cameBack := b.away && err == nil
	b.away = err != nil
	if err == nil {
		if !cameBack && string(text) == string(b.seen) {
			return 0, nil, false
		}
		b.seen = text
		err = b.take(text, b.file)
	}
	if err == nil {
		b.loaded = text
		return b.Len(), nil, true
	}
	ok = b.problem != err.Error()
	b.problem = err.Error()
	return 0, err, ok
}

// take makes the text the rules, unless it has mistakes.
func (b *ruleBook) take(text []byte, source string) error {
	set, err := rules.Parse(b.name(), text, b.options)
	if err != nil {
		return err
	}
	b.current.Store(set)
	b.text, b.source, b.problem = text, source, ""
	return nil
}

// respond is the receiver's Responder.
func (b *ruleBook) respond(a *simulator.Arrival) (simulator.Answer, bool) {
	return b.current.Load().Respond(a)
}

// timeout is how long OpenIM waits by the flag, or by the file; 0: not said.
func (b *ruleBook) timeout() time.Duration { return b.current.Load().Timeout() }

func (b *ruleBook) explain(a *simulator.Arrival) []rules.Explanation {
	return b.current.Load().Explain(a)
}

// Text implements inspector.Rules, as the methods below do.
func (b *ruleBook) Text() (text, source string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text), b.source
}

// Check reads rules without taking them.
func (b *ruleBook) Check(text []byte) (int, error) {
	set, err := rules.Parse("rules", text, b.options)
	if err != nil {
		return 0, ruleErrors(err)
	}
	return set.Len(), nil
}

// Replace takes the text, until the file changes or the rules are reset.
func (b *ruleBook) Replace(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.take(text, "edited"); err != nil {
		return 0, ruleErrors(err)
	}
	return b.Len(), nil
}

// Reset goes back to the file as it was last loaded, and to the flags.
func (b *ruleBook) Reset() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	source := b.file
	if source == "" {
		source = "flags"
	}
	return ruleErrors(b.take(b.loaded, source))
}

// Len is how many rules there are.
func (b *ruleBook) Len() int { return b.current.Load().Len() }

// Explain says why each rule matches or not.
func (b *ruleBook) Explain(a *simulator.Arrival) any { return b.explain(a) }

// Schema is the JSON Schema of rule files.
func (b *ruleBook) Schema() []byte { return rules.Schema() }

// Example is a rule file for beginners.
func (b *ruleBook) Example() []byte { return rules.Example() }

// Problem is why the file's last edit was not taken.
func (b *ruleBook) Problem() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.problem
}

// ruleErrors gives the mistakes in rules the inspector's form.
func ruleErrors(err error) error {
	var all yamlfile.Errors
	if !errors.As(err, &all) {
		return err
	}
	list := make(inspector.RuleErrors, len(all))
	for i, one := range all {
		list[i] = inspector.RuleError{Line: one.Line, Column: one.Column, Message: one.Message, Excerpt: one.Excerpt}
	}
	return list
}
