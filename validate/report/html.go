package report

import (
	"cmp"
	"crypto/sha256"
	_ "embed" // for the page's parts
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// htmlReport writes one page that needs nothing else: no script is necessary,
// nothing is loaded. The page begins with what is known at the end, so rows
// are held; their number and size are bounded.
type htmlReport struct {
	form
	// broken are the rows of results that fail or warn, rows all others.
	broken, rows htmlBuffer
	shares
	times latencies
	// passed counts results without findings, bare rows that had to do without
	// request and reply, left results without a row.
	passed, bare, left int
}

// Limits that keep a page of ten thousand results readable by a browser.
const (
	htmlPassed  = 300      // results without findings that show request and reply
	htmlDetails = 16 << 20 // bytes of rows up to which requests and replies are shown
	htmlRows    = 32 << 20 // bytes of rows
	htmlChanges = 50       // changes that a row lists
)

var (
	//go:embed page/page.css
	pageCSS string
	//go:embed page/page.js
	pageJS string
)

func newHTML(f form) Reporter { return &htmlReport{form: f} }

func (h *htmlReport) Report(r validate.Result) error {
	h.times.add(r.Exchange.Reply)
	for _, f := range r.Findings {
		h.share(h.run.nameOf(r), r, f)
	}
	if h.size() > htmlRows {
		h.left++
		return nil
	}
	wrong := len(r.Findings) > 0 || r.Was != nil // there is something to read, however mild
	full := r.Skipped != "" || h.full(wrong)
	if !full {
		h.bare++
	}
	h.row(r, wrong, full)
	return nil
}

func (h *htmlReport) size() int { return h.broken.Len() + h.rows.Len() }

func (h *htmlReport) full(wrong bool) bool {
	if !wrong {
		h.passed++
	}
	return h.size() < htmlDetails && (wrong || h.passed <= htmlPassed)
}

// row writes a result: one line, which unfolds if there is more.
func (h *htmlReport) row(r validate.Result, wrong, full bool) {
	b := &h.rows
	if state := h.run.state(r); state == failed || state == warned {
		b = &h.broken
	}
	b.put(`<li`)
	if wrong {
		b.put(` data-wrong`)
	}
	if !wrong && !full {
		b.put(`><div class="row">`)
		h.cells(b, r)
		b.put("</div></li>\n")
		return
	}
	b.put(`><details><summary class="row">`)
	h.cells(b, r)
	b.put("</summary>\n" + `<div class="detail">` + "\n")
	b.verdict(r)
	if full {
		b.exchange(r)
	} else {
		b.put(`<p class="dim">Request and reply are left out: the page has too many.</p>` + "\n")
	}
	b.put("</div></details></li>\n")
}

func (h *htmlReport) cells(b *htmlBuffer, r validate.Result) {
	state, class := h.run.state(r), severityClass(r.Worst())
	if state == skipped {
		class = "dim"
	}
	b.put(`<span class="mark {}">{}</span><span class="name">{}`, class, [...]string{"✓", "!", "✗", "–"}[state], h.run.nameOf(r))
	b.with(` <span class="place dim">{}</span>`, placeText(r))
	b.with(` <span class="place dim">{}</span>`, callbacksText(r))
	b.put(`</span><span class="outcome">{}</span>`, clean(outcomeWords(r), labelBound))
	b.put(`<span class="worst {}">{}</span><span class="time dim">{}</span>`, class, findingCounts(r), elapsed(r.Exchange.Reply))
}

// verdict is what was found, and what OpenIM does.
func (b *htmlBuffer) verdict(r validate.Result) {
	for _, f := range r.Findings {
		b.finding(f, "")
	}
	for i, line := range stepLines(r) {
		if i == 0 {
			b.put("<h3>Steps</h3>\n")
		}
		b.put("<p>{}</p>\n", line)
	}
	for _, f := range coverFields(r) {
		b.put("<p>{}: {}</p>\n", f.name, f.text)
	}
	b.with("<p>Skipped: {}</p>\n", clean(r.Skipped, textBound))
	b.with("<h3>What OpenIM does</h3>\n<p>{}</p>\n", effectText(r))
	b.with("<p>The verdict changed: it {}.</p>\n", clean(wasText(r), textBound))
}

// finding is a finding as a whole, and for whom it is, where several have it.
func (b *htmlBuffer) finding(f validate.Finding, of string) {
	class := severityClass(f.Severity)
	b.put(`<div class="finding {}"><p><strong class="{}">{}</strong> `, class, class, clean(string(f.Severity), labelBound))
	b.put(`{} <code class="dim">{}</code></p>`, placePrefix(f)+findingText(f), clean(f.Basis(), labelBound))
	b.with("<p>→ {}</p>", hintText(f))
	b.with(`<div class="fix"><pre>{}</pre><button type="button" hidden>Copy</button></div>`, clean(f.Fix, bodyBound))
	b.with("<p>{}</p>", of)
	b.with(`<p class="dim">{}</p>`, clean(f.Source, textBound))
	b.put("</div>\n")
}

// noEffect is the page's word for the outcome of an after callback's reply, which
// reads as a skipped test otherwise.
const noEffect = "no effect"

func outcomeWords(r validate.Result) string {
	if r.Skipped == "" && r.Outcome == validate.Nothing {
		return strings.Replace(Outcome(r.Verdict), string(validate.Nothing), noEffect, 1)
	}
	return outcomeText(r)
}

// exchange is what the reply changes, the request and the reply.
func (b *htmlBuffer) exchange(r validate.Result) {
	for i, c := range r.Changes {
		if i == 0 {
			b.put("<h3>Changes</h3>\n")
		}
		if i == htmlChanges {
			b.put("<p><code>… and {} more</code></p>\n", len(r.Changes)-i)
			break
		}
		b.put("<p><code>{}</code></p>\n", clean(changeText(c), textBound))
	}
	x := r.Exchange
	if x.Request.URL != "" {
		head := fmt.Sprintf("%s %s", clean(x.Request.Method, labelBound), clean(x.Request.URL, textBound))
		b.put("<h3>Request</h3>\n<pre>{}</pre>\n", message(head, x.Request.Headers, x.Request.Body))
	}
	if x.Answered() {
		b.with("<h3>Reply</h3>\n<pre>{}</pre>\n", replyBlock(x.Reply))
	}
	b.with("<h3>Send it again</h3>\n<pre>{}</pre>\n", againText(r))
}

func replyBlock(r validate.Reply) string {
	head := statusText(r.Status)
	for _, hop := range r.Redirects {
		head = fmt.Sprintf("%d, redirected to %s as %s\n", hop.Status, clean(hop.Location, textBound), clean(hop.Method, labelBound)) + head
	}
	if r.Failure != "" {
		head = strings.TrimSpace(head + "\n" + clean(cmp.Or(r.Detail, string(r.Failure)), textBound))
	}
	return message(head, r.Headers, r.Body)
}

// message is an HTTP message for people: its first line, headers and body.
func message(head string, headers []validate.Header, body []byte) string {
	var b strings.Builder
	b.WriteString(head + "\n")
	for i, h := range headers {
		if b.Len() > bodyBound {
			fmt.Fprintf(&b, "… (%d more headers)\n", len(headers)-i)
			break
		}
		fmt.Fprintf(&b, "%s: %s\n", clean(h[0], labelBound), clean(h[1], textBound))
	}
	if len(body) > 0 {
		b.WriteString("\n" + cleanBlock(strings.TrimRight(string(body), "\n"), bodyBound))
	}
	return strings.TrimRight(b.String(), "\n")
}

func severityClass(s validate.Severity) string {
	switch s {
	case validate.Error:
		return "bad"
	case validate.Warning:
		return "warn"
	case validate.Note:
		return "note"
	default:
		return "good"
	}
}

func (h *htmlReport) note() string {
	var parts []string
	if h.bare > 0 {
		parts = append(parts, fmt.Sprintf("To keep the page small, requests and replies of %s are left out.", words.Count(h.bare, "result")))
	}
	if h.left > 0 {
		parts = append(parts, fmt.Sprintf("Not listed: the last %s.", words.Count(h.left, "result")))
	}
	return strings.Join(parts, " ")
}

// policy allows the page its own style and script and nothing else, whatever
// a reply might bring in.
func policy() string {
	return fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", hashOf(pageCSS), hashOf(pageJS))
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
