package serve

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/stretchr/testify/assert"
)

// Who waits for callbacks that don't come is told once what to do; whoever got one
// is not, and the end of the run ends the waiting.
func TestSilenceIsTold(t *testing.T) {
	for _, one := range []struct {
		arrived int
		after   time.Duration
		want    int
	}{{0, time.Hour, 1}, {1, time.Hour, 0}, {0, 59 * time.Second, 0}} {
		synctest.Test(t, func(t *testing.T) {
			var told strings.Builder
			s := &serving{options: &options{app: &shell.App{Streams: shell.Streams{Err: &told}}}}
			ctx, stop := context.WithTimeout(t.Context(), one.after)
			defer stop()
			go s.tellOfSilence(ctx, func() int { return one.arrived })
			<-ctx.Done()
			synctest.Wait()
			assert.Equal(t, one.want, strings.Count(told.String(), "nothing has come for a minute"))
			assert.Equal(t, one.want, strings.Count(told.String(), "imcb help nothing-arrives"))
		})
	}
}
