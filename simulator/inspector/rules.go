package inspector

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/imcb-dev/imcb/simulator"
)

// Rules are a receiver's rules, as far as the inspector shows and changes
// them. They are used by several goroutines.
type Rules interface {
	// Text is the rules as YAML, and where they come from: the file's name,
	// "flags" or "edited".
	Text() (text, source string)
	// Check reads rules and returns how many there are. The error may be, or
	// wrap, a RuleErrors.
	Check(text []byte) (int, error)
	// Replace is Check, and takes the rules if there is no error.
	Replace(text []byte) (int, error)
	// Reset restores the rules of the command line, and starts their times,
	// sequences and random numbers anew.
	Reset() error
	// Len is how many there are.
	Len() int
	// Explain says for each rule why it matches the request or not, in a form
	// that becomes a JSON list. It must not change the bodies.
	Explain(*simulator.Arrival) any
	// Schema is the JSON Schema of rule files, Example a file for beginners.
	Schema() []byte
	Example() []byte
	// Problem is why the file's last edit was not taken. Empty: it was.
	Problem() string
}

// RuleError is one mistake in rules.
type RuleError struct {
	// Line and Column count from 1; 0 means the whole.
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
	// Excerpt shows the place; it may be empty.
	Excerpt string `json:"excerpt"`
}

// RuleErrors are all the mistakes in rules.
type RuleErrors []RuleError

func (e RuleErrors) Error() string {
	if len(e) == 0 {
		return "the rules have mistakes"
	}
	return fmt.Sprintf("line %d: %s", e[0].Line, e[0].Message)
}

// maxRules is the longest text of rules, in bytes.
const maxRules = 1 << 20

// rulesJSON is the answer of getRules.
type rulesJSON struct {
	Text    string `json:"text"`
	Source  string `json:"source"`
	Rules   int    `json:"rules"`
	Example string `json:"example"`
	Error   string `json:"error"`
}

// ruled returns the rules, or answers 404.
func (i *Inspector) ruled(w http.ResponseWriter) (Rules, bool) {
	if i.opts.Rules == nil {
		fail(w, http.StatusNotFound, "this receiver has no rules")
		return nil, false
	}
	return i.opts.Rules, true
}

func (i *Inspector) getRules(w http.ResponseWriter, _ *http.Request) {
	if rules, ok := i.ruled(w); ok {
		text, source := rules.Text()
		answer(w, http.StatusOK, rulesJSON{text, source, rules.Len(), string(rules.Example()), rules.Problem()})
	}
}

func (i *Inspector) putRules(w http.ResponseWriter, r *http.Request) {
	rules, ok := i.ruled(w)
	if !ok {
		return
	}
	text, ok := readBody(w, r, maxRules)
	if !ok {
		return
	}
	if _, err := rules.Replace(text); err != nil {
		failRules(w, err)
		return
	}
	i.RulesChanged(nil)
	i.getRules(w, r)
}

func (i *Inspector) checkRules(w http.ResponseWriter, r *http.Request) {
	rules, ok := i.ruled(w)
	if !ok {
		return
	}
	text, ok := readBody(w, r, maxRules)
	if !ok {
		return
	}
	n, err := rules.Check(text)
	if err != nil {
		failRules(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]int{"rules": n})
}

func failRules(w http.ResponseWriter, err error) {
	var all RuleErrors
	if !errors.As(err, &all) || len(all) == 0 {
		all = RuleErrors{{Message: err.Error()}}
	}
	answer(w, http.StatusUnprocessableEntity, map[string]RuleErrors{"errors": all})
}

func (i *Inspector) ruleSchema(w http.ResponseWriter, _ *http.Request) {
	if rules, ok := i.ruled(w); ok {
		w.Header().Set("Content-Type", "application/schema+json")
		_, _ = w.Write(rules.Schema())
	}
}

func (i *Inspector) explain(w http.ResponseWriter, r *http.Request) {
	rules, ok := i.ruled(w)
	if !ok {
		return
	}
	if e := i.asked(w, r); e != nil {
		answer(w, http.StatusOK, map[string]any{"rules": rules.Explain(e.arrival), "note": "as the rules are now"})
	}
}

func (i *Inspector) reset(w http.ResponseWriter, r *http.Request) {
	what := r.URL.Query().Get("what")
	if what != "requests" && what != "rules" && what != "all" {
		fail(w, http.StatusBadRequest, "what is requests, rules or all, not %q", clip(what))
		return
	}
	if what == "rules" && i.opts.Rules == nil {
		i.ruled(w)
		return
	}
	if what != "requests" && i.opts.Rules != nil {
		if err := i.opts.Rules.Reset(); err != nil {
			failRules(w, err)
			return
		}
		i.RulesChanged(nil)
	}
	if what != "rules" {
		i.forgetAll()
	}
	w.WriteHeader(http.StatusNoContent)
}

// readBody reads at most limit bytes, or answers 413.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, bool) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err == nil {
		return text, true
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		fail(w, http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", limit)
	} else {
		fail(w, http.StatusBadRequest, "the body could not be read: %v", err)
	}
	return nil, false
}
