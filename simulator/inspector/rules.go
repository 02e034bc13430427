package inspector

import (
	"errors"
	"io"
	"net/http"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/rules"
)

// rulesJSON is the answer of getRules.
type rulesJSON struct {
	Text    string `json:"text"`
	Source  string `json:"source"`
	Rules   int    `json:"rules"`
	Example string `json:"example"`
	Error   string `json:"error"`
}

func (i *Inspector) ruleCount() int {
	if i.opts.Rules == nil {
		return 0
	}
	return i.opts.Rules.Len()
}

// ruled returns the rules, or answers 404.
func (i *Inspector) ruled(w http.ResponseWriter) (*rules.Book, bool) {
	if i.opts.Rules == nil {
		fail(w, http.StatusNotFound, "this receiver has no rules")
		return nil, false
	}
	return i.opts.Rules, true
}

// sentRules returns the rules and the text that a client sent for them, or
// answers that there are none.
func (i *Inspector) sentRules(w http.ResponseWriter, r *http.Request) (book *rules.Book, text []byte, ok bool) {
	if book, ok = i.ruled(w); ok {
		text, ok = readBody(w, r, rules.MaxSize)
	}
	return book, text, ok
}

func (i *Inspector) getRules(w http.ResponseWriter, _ *http.Request) {
	if book, ok := i.ruled(w); ok {
		text, source := book.Text()
		answer(w, http.StatusOK, rulesJSON{text, source, book.Len(), string(rules.Example()), book.Problem()})
	}
}

func (i *Inspector) putRules(w http.ResponseWriter, r *http.Request) {
	book, text, ok := i.sentRules(w, r)
	if !ok {
		return
	}
	if err := book.Replace(text); err != nil {
		failRules(w, err)
		return
	}
	i.RulesChanged(nil)
	i.getRules(w, r)
}

func (i *Inspector) checkRules(w http.ResponseWriter, r *http.Request) {
	book, text, ok := i.sentRules(w, r)
	if !ok {
		return
	}
	n, err := book.Check(text)
	if err != nil {
		failRules(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]int{"rules": n})
}

func failRules(w http.ResponseWriter, err error) {
	var all rules.Errors
	errors.As(err, &all)
	answer(w, http.StatusUnprocessableEntity, map[string]rules.Errors{"errors": all})
}

func (i *Inspector) ruleSchema(w http.ResponseWriter, _ *http.Request) {
	if _, ok := i.ruled(w); ok {
		w.Header().Set("Content-Type", "application/schema+json")
		_, _ = w.Write(rules.Schema())
	}
}

func (i *Inspector) explain(w http.ResponseWriter, r *http.Request) {
	book, ok := i.ruled(w)
	if !ok {
		return
	}
	if e := i.asked(w, r); e != nil {
		answer(w, http.StatusOK, map[string]any{"rules": book.Explain(e.arrival), "note": "as the rules are now"})
	}
}

func (i *Inspector) reset(w http.ResponseWriter, r *http.Request) {
	what := r.URL.Query().Get("what")
	if what != "requests" && what != "rules" && what != "all" {
		fail(w, http.StatusBadRequest, "what is requests, rules or all, not %q", words.Clip(what, maxQuoted))
		return
	}
	if what == "rules" && i.opts.Rules == nil {
		i.ruled(w)
		return
	}
	if what != "requests" && i.opts.Rules != nil {
		i.opts.Rules.Reset()
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
