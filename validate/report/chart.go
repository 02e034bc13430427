package report

import (
	"slices"
	"time"

	"github.com/imcb-dev/imcb/validate"
)

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

// htmlChart is the picture of the reply times, in the units of its SVG.
type htmlChart struct {
	Width, Height        int
	Bars                 []htmlBar
	Median, P95, Slowest string
}

type htmlBar struct {
	Label                          string
	Count, Y, TextY, Width, CountX int
}

// Measures of the chart: a phone shows it at its own size.
const (
	chartWidth = 360
	chartLeft  = 80
	chartBar   = 220 // the longest bar
	chartStep  = 22
)

// chart draws the bars from the fastest replies to the slowest; nil without
// replies.
func (l latencies) chart() *htmlChart {
	if len(l) == 0 {
		return nil
	}
	slices.Sort(l)
	c := &htmlChart{Width: chartWidth, Median: l.percentile(50), P95: l.percentile(95), Slowest: l.percentile(100)}
	counts := l.counts()
	first := slices.IndexFunc(counts, func(n int) bool { return n > 0 })
	last := len(counts) - 1
	for counts[last] == 0 {
		last--
	}
	most := slices.Max(counts)
	for i := first; i <= last; i++ {
		width := counts[i] * chartBar / most
		if counts[i] > 0 {
			width = max(width, 2)
		}
		y := (i - first) * chartStep
		c.Bars = append(c.Bars, htmlBar{barLabel(i), counts[i], y, y + 13, width, chartLeft + width + 6})
	}
	c.Height = len(c.Bars) * chartStep
	return c
}

// counts says how many replies belong to each bar.
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
