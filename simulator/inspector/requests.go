package inspector

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// status is the answer of healthz and readyz.
type status struct {
	Status string `json:"status"`
}

func (i *Inspector) healthz(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, status{"ok"})
}

func (i *Inspector) readyz(w http.ResponseWriter, _ *http.Request) {
	if i.stopping.Err() != nil {
		answer(w, http.StatusServiceUnavailable, status{"stopping"})
		return
	}
	answer(w, http.StatusOK, status{"ok"})
}

// infoJSON is the answer of info.
type infoJSON struct {
	Version string `json:"version"`
	Server  string `json:"server"`
	Title   string `json:"title"` // Server, with the version that it stands for
	// LooksLike is the version from which the requests seem to come, where that
	// is not Server.
	LooksLike string    `json:"looksLike"`
	Servers   []string  `json:"servers"`
	Started   time.Time `json:"started"`
	URL       string    `json:"url"`
	Forward   string    `json:"forward"`
	ResendTo  string    `json:"resendTo"`
	Journal   string    `json:"journal"`
	Keep      int       `json:"keep"`
	KeepBytes int64     `json:"keepBytes"`
	Kept      int       `json:"kept"`
	KeptBytes int64     `json:"keptBytes"`
	Received  uint64    `json:"received"`
	Dropped   uint64    `json:"dropped"`
	Oldest    uint64    `json:"oldest"`
	Newest    uint64    `json:"newest"`
	Rules     int       `json:"rules"`
}

func (i *Inspector) info(w http.ResponseWriter, _ *http.Request) {
	about := i.opts.About
	info := infoJSON{
		Version: about.Version, Server: i.opts.Server.String(), Title: i.opts.Server.Title(), Servers: validate.ServerNames(), Started: i.started.UTC(),
		URL: validate.MaskText(about.URL), Forward: validate.MaskText(about.Forward), ResendTo: validate.MaskText(about.ResendTo), Journal: about.Journal,
		Keep: i.opts.Keep, KeepBytes: i.opts.KeepBytes, Rules: i.ruleCount(),
	}
	if other := i.opts.LooksLike(); other != 0 {
		info.LooksLike = other.String()
	}
	i.mu.Lock()
	s := &i.store
	info.Kept, info.KeptBytes, info.Received, info.Dropped, info.Oldest, info.Newest = len(s.entries), s.bytes, s.last, s.dropped, s.oldest(), s.newest()
	i.mu.Unlock()
	answer(w, http.StatusOK, info)
}

// document is OpenAPI's of the routes. A test makes it from their table and the
// types of the answers.
//
//go:embed openapi.json
var document []byte

func (i *Inspector) openapi(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, json.RawMessage(document))
}

// listed is the answer of list.
type listed struct {
	Requests []summary `json:"requests"`
	Total    int       `json:"total"`
	Oldest   uint64    `json:"oldest"`
	Newest   uint64    `json:"newest"`
}

func (i *Inspector) list(w http.ResponseWriter, r *http.Request) {
	f, err := parseFilter(r.URL.Query())
	if err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	all := i.kept()
	var l listed
	if len(all) > 0 {
		l.Oldest, l.Newest = all[0].id, all[len(all)-1].id
	}
	l.Requests, l.Total = choose(all, &f)
	answer(w, http.StatusOK, l)
}

// choose returns the entries that the filter chooses, newest first and cut to
// its limits, and how many there are without these.
func choose(all []*entry, f *filter) (chosen []summary, total int) {
	chosen = []summary{}
	for _, e := range slices.Backward(all) {
		if !f.chooses(e.arrival) {
			continue
		}
		total++
		if len(chosen) < f.limit && f.within(e.id) {
			chosen = append(chosen, newSummary(e))
		}
	}
	return chosen, total
}

// asked returns the entry that the path names, or answers 404.
func (i *Inspector) asked(w http.ResponseWriter, r *http.Request) *entry {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	if err == nil {
		if e := i.find(id); e != nil {
			return e
		}
	}
	fail(w, http.StatusNotFound, "no request %s is kept here: it never came, was dropped for newer ones, or was deleted", words.Clip(r.PathValue("id"), maxQuoted))
	return nil
}

func (i *Inspector) one(w http.ResponseWriter, r *http.Request) {
	if e := i.asked(w, r); e != nil {
		answer(w, http.StatusOK, i.newDetail(e))
	}
}

func (i *Inspector) requestBody(w http.ResponseWriter, r *http.Request) {
	if e := i.asked(w, r); e != nil {
		attach(w, fmt.Sprintf("request-%d.bin", e.id), typeBytes)
		_, _ = w.Write(e.arrival.Request.Body)
	}
}

func (i *Inspector) replyBody(w http.ResponseWriter, r *http.Request) {
	if e := i.asked(w, r); e != nil {
		attach(w, fmt.Sprintf("reply-%d.bin", e.id), typeBytes)
		_, _ = w.Write(e.arrival.Reply.Body)
	}
}

// attach makes a browser save the answer instead of showing it. The name must
// come from here, never from a request.
func attach(w http.ResponseWriter, name, contentType string) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Security-Policy", bodyPolicy)
}

func (i *Inspector) deleteOne(w http.ResponseWriter, r *http.Request) {
	if e := i.asked(w, r); e != nil {
		i.forget(e.id) // another client may have been quicker
		w.WriteHeader(http.StatusNoContent)
	}
}

func (i *Inspector) deleteAll(w http.ResponseWriter, _ *http.Request) {
	i.forgetAll()
	w.WriteHeader(http.StatusNoContent)
}

// journal writes the exchanges, masked as in reports.
func (i *Inspector) journal(w http.ResponseWriter, _ *http.Request) {
	attach(w, "imcb-journal.jsonl", typeLines)
	limits := deadlines{http.NewResponseController(w)}
	lines := json.NewEncoder(w)
	for n, e := range i.kept() {
		if n%64 == 0 {
			limits.extend(writeTimeout)
		}
		if err := lines.Encode(validate.MaskExchange(e.arrival.Exchange)); err != nil {
			return // the client is gone
		}
	}
}

// The limits of sending again.
const (
	maxSending  = 4
	sendTimeout = 25 * time.Second
)

// resent is the answer of resend.
type resent struct {
	To string `json:"to"`
	exchange
}

func (i *Inspector) resend(w http.ResponseWriter, r *http.Request) {
	if i.opts.Resend == nil {
		fail(w, http.StatusForbidden, "there is nowhere to send to: name the receiver on the command line of imcb serve")
		return
	}
	e := i.asked(w, r)
	if e == nil {
		return
	}
	select {
	case i.sending <- struct{}{}:
		defer func() { <-i.sending }()
	default:
		fail(w, http.StatusServiceUnavailable, "%d requests are being sent already: try again", maxSending)
		return
	}
	deadlines{http.NewResponseController(w)}.extend(sendTimeout + writeTimeout)
	ctx, cancel := context.WithTimeout(r.Context(), sendTimeout)
	defer cancel()
	defer context.AfterFunc(i.stopping, cancel)()
	x := i.opts.Resend(ctx, e.arrival.Exchange)
	result := validate.Result{Exchange: x}
	if e.arrival.Callback != nil {
		result.Verdict = i.judge(e.arrival.Callback, i.opts.Server).Judge(&x)
		result.Verdict.Findings = i.opts.Severities.Apply(result.Verdict.Findings)
	}
	result = validate.MaskResult(result)
	answer(w, http.StatusOK, resent{result.Exchange.Request.URL, newExchange(result.Exchange, &result.Verdict)})
}
