package report

import (
	"slices"
	"time"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// End writes the page.
func (h *htmlReport) End(s Summary) error {
	var head, foot htmlBuffer
	h.head(&head, s)
	h.foot(&foot, s)
	for _, part := range []*htmlBuffer{&head, &h.broken, &h.rows, &foot} {
		if _, err := part.WriteTo(h.w); err != nil {
			return err
		}
	}
	return nil
}

func (h *htmlReport) head(b *htmlBuffer, s Summary) {
	conclusion := h.run.conclusion(s)
	b.put(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{}">
<title>imcb: {}</title>
<style>{}</style>
</head>
<body>
<header>
<h1 class="{}">{}</h1>
<p class="dim">OpenIM {}`, policy(), conclusion, markup(pageCSS), severityClass(worstOf(s)), conclusion, h.run.servers())
	b.with(` → {}`, h.run.target())
	b.put(`</p>
</header>
<main>
`)
	h.wrong(b)
	b.cards(s)
	if h.size() > 0 {
		b.put("<h2>Results</h2>\n")
		b.with(`<p class="dim">{}</p>`+"\n", h.note())
		b.put(`<div class="filter" id="filter" hidden>
<label>Find <input type="search" id="words" name="words"></label>
<label><input type="checkbox" id="wrong" name="wrong"> only with findings</label>
</div>
<ul class="rows">
`)
	}
}

// wrong begins the page with what several results share.
func (h *htmlReport) wrong(b *htmlBuffer) {
	for i, f := range h.told() {
		if i == 0 {
			b.put("<h2>What several share</h2>\n")
		}
		b.finding(f.Finding, say("shared", "n", f.n, "names", words.FewOf(f.names, namedShared)).String())
	}
}

func (b *htmlBuffer) cards(s Summary) {
	b.put(`<dl class="cards">` + "\n")
	for i, c := range []struct {
		name, class string
		value       int
	}{
		{"results", "", s.Results}, {"errors", "bad", s.Errors}, {"warnings", "warn", s.Warnings}, {"notes", "note", s.Notes}, {"skipped", "", s.Skipped},
		{"proceed", "", s.Proceed}, {"refuse", "", s.Refuse}, {"fail", "", s.Fail}, {"crash", "", s.Crash}, {noEffect, "", s.Ignored},
	} {
		if i == 0 || c.value > 0 {
			b.put(`<div><dt>{}</dt><dd`, c.name)
			b.with(` class="{}"`, c.class)
			b.put(`>{}</dd></div>`+"\n", c.value)
		}
	}
	b.put("</dl>\n")
}

// tallies is the table of a record's callbacks.
func (b *htmlBuffer) tallies(all []*Tally) {
	if len(all) == 0 {
		return
	}
	b.put(`<h2>Callbacks</h2>` + "\n" + `<table class="tallies"><tr>`)
	for _, head := range tallyHeads {
		b.put("<th>{}</th>", head)
	}
	for _, t := range all {
		b.put("</tr>\n<tr>")
		for _, cell := range t.cells() {
			b.put("<td>{}</td>", cell)
		}
	}
	b.put("</tr></table>\n")
}

func (h *htmlReport) foot(b *htmlBuffer, s Summary) {
	if h.size() > 0 {
		b.put("</ul>\n")
	}
	b.tallies(s.Callbacks)
	h.times.write(b)
	b.put("</main>\n<footer><p>Written by imcb")
	b.with(" {}", clean(h.run.Version, labelBound))
	b.put(`.</p></footer>
<script>{}</script>
</body>
</html>
`, markup(pageJS))
}

// latencies are the times of a run's replies: four bytes each, in microseconds.
type latencies []uint32

// latencyBounds part the replies into the chart's bars: 1, 2, 5, 10 … ms.
var latencyBounds = []time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
}

func (l *latencies) add(r validate.Reply) {
	if r.Elapsed > 0 && r.Failure == "" {
		*l = append(*l, uint32(min(r.Elapsed.Microseconds(), 1<<32-1)))
	}
}

// Measures of the chart: a phone shows it at its own size.
const (
	chartWidth = 360
	chartLeft  = 80
	chartBar   = 220 // the longest bar
	chartStep  = 22
)

// write draws the bars from the fastest replies to the slowest; nothing
// without replies.
func (l latencies) write(b *htmlBuffer) {
	if len(l) == 0 {
		return
	}
	slices.Sort(l)
	counts := l.counts()
	first, last := slices.IndexFunc(counts, isSome), len(counts)-1
	for counts[last] == 0 {
		last--
	}
	b.put(`<h2>Reply times</h2>
<p class="dim">median {}, 95 % within {}, slowest {}</p>
<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="Replies by time">
`, l.percentile(50), l.percentile(95), l.percentile(100), chartWidth, (last-first+1)*chartStep)
	for i, n := range counts[first : last+1] {
		y, width := i*chartStep, n*chartBar/slices.Max(counts)
		if n > 0 {
			width = max(width, 2)
		}
		b.put(`<text class="axis" x="72" y="{}" text-anchor="end">{}</text>`, y+13, barLabel(first+i))
		b.put(`<rect class="bar" x="80" y="{}" width="{}" height="16" rx="2"></rect>`, y, width)
		b.put(`<text x="{}" y="{}">{}</text>`+"\n", chartLeft+width+6, y+13, n)
	}
	b.put("</svg>\n")
}

func isSome(n int) bool { return n > 0 }

func (l latencies) counts() []int {
	counts := make([]int, len(latencyBounds)+1)
	for _, us := range l {
		i, exact := slices.BinarySearch(latencyBounds, time.Duration(us)*time.Microsecond)
		if exact {
			i++
		}
		counts[i]++
	}
	return counts
}

func barLabel(i int) string {
	if i == len(latencyBounds) {
		return "≥ " + latencyBounds[i-1].String()
	}
	return "< " + latencyBounds[i].String()
}

// percentile is the time within which p percent of the sorted replies came.
func (l latencies) percentile(p int) string {
	i := (len(l)*p+99)/100 - 1
	return elapsed(validate.Reply{Elapsed: time.Duration(l[max(i, 0)]) * time.Microsecond})
}
