package play

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// job is one whose results are named; "!" at the end of a name is an error.
func job(names ...string) Job {
	return func(context.Context) (results []validate.Result) {
		for _, name := range names {
			r := validate.Result{Case: name, Exchange: validate.Exchange{Reply: validate.Reply{Status: 200}}}
			if name[len(name)-1] == '!' {
				r.Findings = []validate.Finding{{Rule: "wrong", Severity: validate.Error}}
			}
			results = append(results, r)
		}
		return results
	}
}

// cases runs jobs and returns the names of the results.
func cases(t *testing.T, r Runner, jobs ...Job) (names []string, sum Summary) {
	t.Helper()
	sum, err := r.Run(t.Context(), slices.Values(jobs), func(r validate.Result) error {
		names = append(names, r.Case)
		return nil
	})
	require.NoError(t, err)
	return names, sum
}

// A later job that ends first waits for its turn.
func TestResultsComeInTheJobsOrder(t *testing.T) {
	for _, jobs := range []int{0, 1, 2, 8} {
		var source []Job
		var want []string
		later := make(chan struct{})
		for i := range 50 {
			a, b := fmt.Sprint(i), fmt.Sprint(i, "b")
			want = append(want, a, b)
			source = append(source, func(ctx context.Context) []validate.Result {
				switch {
				case i == 0 && jobs > 1:
					<-later
				case i == 1 && jobs > 1:
					close(later)
				}
				return job(a, b)(ctx)
			})
		}
		names, sum := cases(t, Runner{Jobs: jobs}, source...)
		assert.Equal(t, want, names, jobs)
		assert.Equal(t, 100, sum.Results)
		assert.False(t, sum.Stopped || sum.Interrupted)
	}
}

func TestARunEndsAfterItsFailures(t *testing.T) {
	for _, jobs := range []int{1, 4} {
		names, sum := cases(t, Runner{Jobs: jobs, MaxFailures: 2}, job("a", "b!"), job("c"), job("d!", "e"), job("f!"))
		assert.Equal(t, []string{"a", "b!", "c", "d!"}, names)
		assert.Equal(t, 2, sum.Failed)
		assert.True(t, sum.Stopped)
	}
	_, sum := cases(t, Runner{}, job("a!"), job("b!"))
	assert.Equal(t, 2, sum.Failed)
	_, sum = cases(t, Runner{FailOn: validate.Off, MaxFailures: 1}, job("a!"), job("b"))
	assert.Equal(t, []any{0, false, 1, 2}, []any{sum.Failed, sum.Stopped, sum.Errors, sum.Results})
}

func TestWhatIsKnownFailsNothing(t *testing.T) {
	r := Runner{Known: func(r *validate.Result) {
		if r.Case == "a!" {
			r.Findings[0].Severity = validate.Note
		}
	}}
	_, sum := cases(t, r, job("a!"), job("b!"))
	assert.Equal(t, []int{1, 1, 1}, []int{sum.Failed, sum.Errors, sum.Notes})
}

func TestSecretsAreMasked(t *testing.T) {
	leak := func(context.Context) []validate.Result {
		return []validate.Result{{Exchange: validate.Exchange{Request: validate.Request{URL: "http://h/?token=abc"}}}}
	}
	_, err := Runner{}.Run(t.Context(), slices.Values([]Job{leak}), func(r validate.Result) error {
		assert.Equal(t, "http://h/?token=***", r.Exchange.Request.URL)
		return nil
	})
	require.NoError(t, err)
}

func TestAnErrorEndsTheRun(t *testing.T) {
	full := errors.New("disk full")
	for _, jobs := range []int{1, 4} {
		calls := 0
		_, err := Runner{Jobs: jobs}.Run(t.Context(), slices.Values([]Job{job("a"), job("b")}), func(validate.Result) error {
			calls++
			return full
		})
		require.ErrorIs(t, err, full)
		assert.Equal(t, 1, calls)
	}
}

// What the interruption cut off is no result, and nothing more is begun.
func TestAnInterruptedRun(t *testing.T) {
	for _, jobs := range []int{1, 4} {
		ctx, interrupt := context.WithCancel(t.Context())
		var begun atomic.Int32
		source := func(yield func(Job) bool) {
			for yield(func(ctx context.Context) []validate.Result {
				if begun.Add(1) > 2 {
					interrupt()
					return []validate.Result{{Exchange: validate.Exchange{Reply: validate.Reply{Failure: validate.Canceled}}}}
				}
				return job("a")(ctx)
			}) {
			}
		}
		sum, err := Runner{Jobs: jobs}.Run(ctx, source, nil)
		require.NoError(t, err)
		assert.True(t, sum.Interrupted)
		assert.Equal(t, 2, sum.Results)
	}
}

func TestChain(t *testing.T) {
	source := Chain(slices.Values([]Job{job("a"), job("b")}), slices.Values([]Job{}), slices.Values([]Job{job("c"), job("d")}))
	assert.Len(t, slices.Collect(source), 4)
	seen := 0
	for range source {
		if seen++; seen == 3 {
			break
		}
	}
	assert.Equal(t, 3, seen)
}
