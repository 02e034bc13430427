//go:build !race

// The race detector has a heap of its own.

package report_test

import (
	"io"
	"runtime"
	"testing"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// held says how much memory a report holds before it is closed.
func held(t testing.TB, format string, results []validate.Result) uint64 {
	t.Helper()
	o := options
	o.StepSummary = io.Discard
	r := begin(t, format, io.Discard, o)
	before := heap()
	for _, result := range results {
		require.NoError(t, r.Report(result))
	}
	after := heap()
	require.NoError(t, r.End(report.Summary{Summary: validate.Summary{Results: len(results)}}))
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
	const mib = 1 << 20
	bounds := map[string]uint64{"junit": 12 * mib, "html": 96 * mib, "github": 4 * mib}
	for name, results := range map[string][]validate.Result{"many": many(t, 10_000), "broken": broken(t, 2000, 8<<10)} {
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
