package inspector_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/inspector"
	"github.com/imcb-dev/imcb/validate"
)

func BenchmarkRecord(b *testing.B) {
	i := newInspector()
	a := arrival(b, "beforeSendSingleMsg", "", "")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i.Record(a)
		}
	})
}

// discard takes a stream and throws it away.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) Flush()                      {}

func BenchmarkRecordWithAListener(b *testing.B) {
	i := newInspector()
	a := arrival(b, "beforeSendSingleMsg", "", "")
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		i.Handler(receiver).ServeHTTP(discard{http.Header{}}, httptest.NewRequestWithContext(ctx, "GET", path("/events"), nil))
	}()
	b.ReportAllocs()
	for b.Loop() {
		i.Record(a)
	}
	cancel()
	<-done
}

func BenchmarkListOfTenThousand(b *testing.B) {
	for name, query := range map[string]string{"all": "?limit=10000", "text": "?limit=10000&q=no+such+text", "where": "?limit=10000&where=sendID=x"} {
		b.Run(name, func(b *testing.B) {
			i := inspector.New(inspector.Options{Server: validate.On(fixtures.DefaultRelease)})
			a := arrival(b, "beforeSendSingleMsg", "", "")
			for range 10_000 {
				i.Record(a)
			}
			for b.Loop() {
				ask(i, "GET", path("/requests%s", query), "")
			}
		})
	}
}
