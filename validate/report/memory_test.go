package report_test

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// many are n results as of a large suite: one in a hundred is broken, one in
// fifty has a warning.
func many(t testing.TB, n int) []validate.Result {
	t.Helper()
	kept := judged(t, "beforeAddFriend", replied(fixtures.PlainAllow, time.Millisecond))
	wrong, warned := alone(t)[2], alone(t)[3]
	all := make([]validate.Result, n)
	for i := range all {
		switch {
		case i%100 == 99:
			all[i] = wrong
		case i%50 == 24:
			all[i] = warned
		default:
			all[i] = kept
		}
		all[i].Case, all[i].File, all[i].Line = fmt.Sprintf("case %d", i+1), "suites/large.yaml", 10*i+5
		all[i].Exchange.Reply.Elapsed = time.Duration(200+i*37%9000) * time.Microsecond
	}
	return all
}

// broken are n results with an error and a reply of the given size.
func broken(t testing.TB, n, size int) []validate.Result {
	t.Helper()
	one := judged(t, "beforeAddFriend", replied(strings.Repeat("<p>Bad Gateway</p>", size/18), time.Millisecond))
	all := make([]validate.Result, n)
	for i := range all {
		all[i] = one
	}
	return all
}

// held says how much memory a report holds before it is closed.
func held(t testing.TB, format string, results []validate.Result) uint64 {
	t.Helper()
	o := options
	o.StepSummary = io.Discard
	r, err := report.New(format, io.Discard, o)
	require.NoError(t, err)
	before := heap()
	for _, result := range results {
		require.NoError(t, r.Report(result))
	}
	after := heap()
	require.NoError(t, r.Close(validate.Summary{Results: len(results)}))
	return max(after, before) - before
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A report of ten thousand results needs no more memory than one of a
// thousand, but for the page, which is bounded.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("writes ten thousand results in every format")
	}
	const mib = 1 << 20
	bounds := map[string]uint64{"junit": 12 * mib, "html": 96 * mib, "github": 4 * mib}
	for name, results := range map[string][]validate.Result{"many": many(t, 10_000), "broken": broken(t, 10_000, 8<<10)} {
		for _, format := range report.Names() {
			bound := bounds[format]
			if bound == 0 {
				bound = mib
			}
			got := held(t, format, results)
			t.Logf("%s, %s: %.1f MiB held", format, name, float64(got)/mib)
			assert.Less(t, got, bound, "%s, %s", format, name)
		}
	}
}

func BenchmarkTenThousand(b *testing.B) {
	results := many(b, 10_000)
	for _, format := range report.Names() {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.SetBytes(int64(len(writeAll(b, format, options, results))))
			}
		})
	}
}
