package report

// head is the page up to the first row.
func (p htmlPage) head(b *htmlBuffer) {
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
<p class="dim">OpenIM {}`, p.Policy, p.Conclusion, markup(pageCSS), p.Class, p.Conclusion, p.Server)
	b.with(` → {}`, p.Target)
	b.put(`</p>
</header>
<main>
`)
	p.cards(b)
	if p.Chart != nil {
		p.Chart.write(b)
	}
	if p.Rows {
		p.filter(b)
	}
}

func (p htmlPage) cards(b *htmlBuffer) {
	b.put(`<dl class="cards">` + "\n")
	for _, c := range p.Cards {
		b.put(`<div><dt>{}</dt><dd`, c.Name)
		b.with(` class="{}"`, c.Class)
		b.put(`>{}</dd></div>`+"\n", c.Value)
	}
	b.put("</dl>\n")
}

func (c *htmlChart) write(b *htmlBuffer) {
	b.put(`<h2>Reply times</h2>
<p class="dim">median {}, 95 % within {}, slowest {}</p>
<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="Replies by time">
`, c.Median, c.P95, c.Slowest, c.Width, c.Height)
	for _, bar := range c.Bars {
		b.put(`<text class="axis" x="72" y="{}" text-anchor="end">{}</text>`, bar.TextY, bar.Label)
		b.put(`<rect class="bar" x="80" y="{}" width="{}" height="16" rx="2"></rect>`, bar.Y, bar.Width)
		b.put(`<text x="{}" y="{}">{}</text>`+"\n", bar.CountX, bar.TextY, bar.Count)
	}
	b.put("</svg>\n")
}

// filter stands over the rows; the page's script shows it.
func (p htmlPage) filter(b *htmlBuffer) {
	b.put("<h2>Results</h2>\n")
	b.with(`<p class="dim">{}</p>`+"\n", p.Note)
	b.put(`<div class="filter" id="filter" hidden>
<label>Find <input type="search" id="words" name="words"></label>
<label><input type="checkbox" id="wrong" name="wrong"> only with findings</label>
</div>
<ul class="rows">
`)
}

// write is the row: one line, which unfolds if there is a detail.
func (r htmlRow) write(b *htmlBuffer) {
	b.put(`<li`)
	if r.Wrong {
		b.put(` data-wrong`)
	}
	b.put(`>`)
	if r.Detail != nil {
		b.put(`<details><summary class="row">`)
		r.cells(b)
		b.put(`</summary>` + "\n")
		r.Detail.write(b)
		b.put(`</details>`)
	} else {
		b.put(`<div class="row">`)
		r.cells(b)
		b.put(`</div>`)
	}
	b.put("</li>\n")
}

func (r htmlRow) cells(b *htmlBuffer) {
	b.put(`<span class="mark {}">{}</span><span class="name">{}`, r.Class, r.Mark, r.Name)
	b.with(` <span class="place dim">{}</span>`, r.Place)
	b.put(`</span><span class="outcome">{}</span>`, r.Outcome)
	b.put(`<span class="worst {}">{}</span><span class="time dim">{}</span>`, r.Class, r.Worst, r.Time)
}

func (d *htmlDetail) write(b *htmlBuffer) {
	b.put(`<div class="detail">` + "\n")
	for _, f := range d.Findings {
		f.write(b)
	}
	b.with("<p>Skipped: {}</p>\n", d.Skipped)
	b.with("<h3>What OpenIM does</h3>\n<p>{}</p>\n", d.Effect)
	b.with("<p>The verdict changed: it {}.</p>\n", d.Was)
	if len(d.Changes) > 0 {
		b.put("<h3>Changes</h3>\n")
	}
	for _, change := range d.Changes {
		b.put("<p><code>{}</code></p>\n", change)
	}
	b.with("<h3>Request</h3>\n<pre>{}</pre>\n", d.Request)
	b.with("<h3>Reply</h3>\n<pre>{}</pre>\n", d.Reply)
	b.with("<h3>Send it again</h3>\n<pre>{}</pre>\n", d.Again)
	b.with(`<p class="dim">{}</p>`+"\n", d.Left)
	b.put("</div>")
}

func (f htmlFinding) write(b *htmlBuffer) {
	b.put(`<div class="finding {}"><p><strong class="{}">{}</strong> `, f.Class, f.Class, f.Severity)
	b.put(`{} <code class="dim">{}</code></p>`, f.Message, f.Rule)
	b.with("<p>→ {}</p>", f.Hint)
	b.with(`<p class="dim">{}</p>`, f.Source)
	b.put("</div>\n")
}

// foot is the page from the last row on.
func (p htmlPage) foot(b *htmlBuffer) {
	if p.Rows {
		b.put("</ul>\n")
	}
	b.put("</main>\n<footer><p>Written by imcb")
	b.with(" {}", p.Version)
	b.put(`.</p></footer>
<script>{}</script>
</body>
</html>
`, markup(pageJS))
}
