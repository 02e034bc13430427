package report

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// breaking would end a text, an attribute or an element if it were not escaped.
const breaking = "\"><script>alert(1)</script>'\" onload='x' &amp; ` {} <!-- --> \x00 + </style></title></pre>"

// tag is a tag whose attributes stand in double quotes, or have no value.
var tag = regexp.MustCompile(`<[a-z0-9]+( [a-zA-Z-]+(="[^"<>]*")?)*>|</[a-z0-9]+>|<!DOCTYPE html>`)

// Whatever its texts are, the page has the same elements and attributes, and
// shows the texts as they are.
func TestPageEscapesEveryText(t *testing.T) {
	plain, hostile := wholePage(t, "plain"), wholePage(t, breaking)
	assert.NotContains(t, plain, "{}", "a form has more places than values")
	assert.NotContains(t, tag.ReplaceAllString(plain, ""), "<")
	for _, c := range []string{"<", ">", `"`, "'", "\x00"} {
		assert.NotContains(t, tag.ReplaceAllString(hostile, ""), c)
	}
	want, got := tokens(t, plain), tokens(t, hostile)
	require.Len(t, got, len(want))
	for i, token := range want {
		if !strings.HasPrefix(token, "curl ") { // quotes it for the shell
			assert.Equal(t, strings.ReplaceAll(token, "plain", words.Printable(breaking)), got[i])
		}
	}
	assert.Greater(t, strings.Count(plain, "plain"), 40)
}

// wholePage is a page of which every text is the given one, without its style
// and script.
func wholePage(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	h := &htmlReport{form: form{w: &b}}
	require.NoError(t, h.Begin(Run{Servers: []validate.Server{{Asked: text}}, Version: text, Target: text}))
	reply := validate.Reply{
		Status: 200, Headers: []validate.Header{{text, text}}, Body: []byte(text), Elapsed: 1,
		Redirects: []validate.Redirect{{Status: 302, Location: text, Method: text}},
	}
	verdict := validate.Verdict{
		Outcome: validate.Outcome(text), Client: validate.Client{ErrCode: 1, ErrMsg: text, ErrDlt: text + text},
		Applied: []string{text}, Changes: []validate.Change{{Path: text, Before: text, After: text}},
		Findings: []validate.Finding{
			{Rule: text, Severity: validate.Severity(text), Message: words.Plain(text), Hint: words.Plain(text), Source: text},
			{About: validate.AboutFile, Place: validate.Place{File: text}, Message: words.Plain(text)},
		},
	}
	whole := validate.Result{
		Verdict: verdict, Was: &verdict, Case: text, File: text, Line: 7,
		Exchange: validate.Exchange{Request: validate.Request{Method: text, URL: text, Headers: []validate.Header{{text, text}}, Body: []byte(text)}, Reply: reply},
	}
	failed := whole
	failed.Exchange.Reply = validate.Reply{Failure: validate.Failure(text), Detail: text}
	for _, r := range []validate.Result{whole, failed, {Case: text, Skipped: text}} {
		require.NoError(t, h.Report(r))
	}
	h.passed = htmlPassed
	require.NoError(t, h.Report(validate.Result{Case: text, File: text}))
	require.NoError(t, h.End(Summary{Summary: validate.Summary{Results: 4}}))
	assert.Contains(t, b.String(), "Reply times")
	assert.Contains(t, b.String(), "1 result are left out")
	return strings.NewReplacer(pageCSS, "", pageJS, "").Replace(b.String())
}

// tokens are the page's elements, attributes and texts, in order.
func tokens(t *testing.T, page string) []string {
	t.Helper()
	var all []string
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		switch x := token.(type) {
		case xml.StartElement:
			all = append(all, "<"+x.Name.Local)
			for _, a := range x.Attr {
				all = append(all, a.Name.Local+"="+a.Value)
			}
		case xml.CharData:
			all = append(all, string(x))
		}
	}
}

func TestPut(t *testing.T) {
	var b htmlBuffer
	b.put(`<a b="{}">{}</a>{};`, "{}<", 1, markup("<i>{}</i>"))
	b.with("<b>{}</b>", "")
	b.with("<b>{}</b>", "&")
	assert.Equal(t, `<a b="{}&lt;">1</a><i>{}</i>;<b>&amp;</b>`, b.String())
}

// A text that is no UTF-8, or holds control characters, comes cleaned to the
// page, also where only the caller's own words are expected.
func TestPageCleansEveryText(t *testing.T) {
	const bad = "\xff\x00\x1b"
	var b strings.Builder
	h := newHTML(form{w: &b})
	require.NoError(t, h.Begin(Run{Version: bad, Target: bad}))
	r := validate.Result{Case: bad, File: bad, Verdict: validate.Verdict{Outcome: bad}, Was: &validate.Verdict{Outcome: bad}}
	r.Findings = []validate.Finding{{Rule: bad, Severity: bad, Message: words.Plain(bad), Hint: words.Plain(bad), Source: bad}}
	require.NoError(t, h.Report(r))
	require.NoError(t, h.Report(validate.Result{Skipped: bad}))
	require.NoError(t, h.End(Summary{Summary: validate.Summary{Results: 2}}))
	assert.True(t, utf8.ValidString(b.String()))
	assert.False(t, strings.ContainsAny(b.String(), "\x00\x1b\ufffd"))
	assert.Equal(t, 13, strings.Count(b.String(), `\xff\x00\x1b`))
}

// What is broken comes first, whatever the order of the run, and what several
// share is told above it, once.
func TestPageBeginsWithWhatIsBroken(t *testing.T) {
	var b strings.Builder
	h := newHTML(form{w: &b})
	require.NoError(t, h.Begin(Run{FailOn: validate.Error}))
	require.NoError(t, h.Report(validate.Result{Case: "a good one", Verdict: validate.Verdict{Outcome: validate.Nothing}}))
	for _, name := range []string{"broken 1", "broken 2", "broken 3"} {
		r := validate.Result{Case: name}
		r.Exchange.Reply = validate.Reply{Status: 200, Elapsed: 1}
		r.Findings = []validate.Finding{{Rule: "r", Severity: validate.Error, Message: words.Plain("all say this"), Fix: `{"right":1}`}}
		require.NoError(t, h.Report(r))
	}
	require.NoError(t, h.End(Summary{Summary: validate.Summary{Results: 4, Errors: 3, Ignored: 1}}))
	page := b.String()[strings.Index(b.String(), "<main>"):]
	last := -1
	for _, part := range []string{"all say this", "3 share this: broken 1, broken 2", "<dt>no effect</dt>", `name">broken 1`, `name">broken 3`, `name">a good one`, "Reply times"} {
		at := strings.Index(page, part)
		assert.Greater(t, at, last, part)
		last = at
	}
	assert.Contains(t, page, "<pre>{&#34;right&#34;:1}</pre>")
}
