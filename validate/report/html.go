package report

import (
	"crypto/sha256"
	_ "embed" // for the page's parts
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/validate"
)

// htmlReport writes one page that needs nothing else: no script is necessary,
// nothing is loaded. The page begins with what is known at the end, so rows
// are held; their number and size are bounded.
type htmlReport struct {
	form
	rows  htmlBuffer
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
	if h.rows.Len() > htmlRows {
		h.left++
		return nil
	}
	row := newHTMLRow(r, h.run)
	switch {
	case r.Skipped != "":
		// There was no exchange.
	case h.full(row):
		row.Detail.exchange(r)
	case row.Wrong:
		h.bare++
		row.Detail.Left = "Request and reply are left out: the page has too many."
	default:
		h.bare++
		row.Detail = nil
	}
	row.write(&h.rows)
	return nil
}

// full reports whether there is room for the row's request and reply.
func (h *htmlReport) full(row htmlRow) bool {
	if !row.Wrong {
		h.passed++
	}
	return h.rows.Len() < htmlDetails && (row.Wrong || h.passed <= htmlPassed)
}

// htmlPage is all of the page but its rows.
type htmlPage struct {
	Policy                        string
	Conclusion, Class             string
	Server, Target, Version, Note string
	Cards                         []htmlCard
	Chart                         *htmlChart
	Rows                          bool
}

type htmlCard struct {
	Name, Class string
	Value       int
}

func (h *htmlReport) End(s Summary) error {
	p := htmlPage{
		Policy: policy(), Conclusion: h.run.conclusion(s), Class: severityClass(worstOf(s)),
		Server: h.run.servers(), Target: h.run.target(), Version: clean(h.run.Version, labelBound), Note: h.note(),
		Cards: cards(s), Chart: h.times.chart(), Rows: h.rows.Len() > 0,
	}
	var head, foot htmlBuffer
	p.head(&head)
	p.foot(&foot)
	for _, part := range []*htmlBuffer{&head, &h.rows, &foot} {
		if _, err := part.WriteTo(h.w); err != nil {
			return err
		}
	}
	return nil
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

// worstOf is the worst severity that a run counts. A run without results is
// no success.
func worstOf(s Summary) validate.Severity {
	switch {
	case s.Errors > 0 || s.Results == 0:
		return validate.Error
	case s.Warnings > 0:
		return validate.Warning
	default:
		return validate.Off
	}
}

func cards(s Summary) []htmlCard {
	all := []htmlCard{{"results", "", s.Results}}
	for _, c := range []htmlCard{
		{"errors", "bad", s.Errors}, {"warnings", "warn", s.Warnings}, {"notes", "note", s.Notes}, {"skipped", "", s.Skipped},
		{"proceed", "", s.Proceed}, {"refuse", "", s.Refuse}, {"fail", "", s.Fail}, {"crash", "", s.Crash}, {"ignored", "", s.Ignored},
	} {
		if c.Value > 0 {
			all = append(all, c)
		}
	}
	return all
}

// note says what the page leaves out.
func (h *htmlReport) note() string {
	var parts []string
	if h.bare > 0 {
		parts = append(parts, fmt.Sprintf("To keep the page small, requests and replies of %s are left out.", count(h.bare, "result")))
	}
	if h.left > 0 {
		parts = append(parts, fmt.Sprintf("Not listed: the last %s.", count(h.left, "result")))
	}
	return strings.Join(parts, " ")
}
