package inspector_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/inspector"
	"github.com/imcb-dev/imcb/validate"
)

// TestManyAtOnce is for the race detector: everything happens together.
func TestManyAtOnce(t *testing.T) {
	i := inspector.New(inspector.Options{Server: validate.On(fixtures.DefaultRelease), Keep: 50, KeepBytes: 1 << 20})
	a, b := arrival(t, "beforeAddFriend", "", ""), foreign("/x", "{}")
	var recording, looking sync.WaitGroup
	for n := range 3 {
		looking.Go(func() { ask(i, "GET", path("/events%s", []string{"", "?after=0", "?after=7"}[n]), "") })
		looking.Go(func() { ask(i, "GET", path("/wait?callback=beforeAddBlack&timeout=5m"), "") })
	}
	for range 4 {
		recording.Go(func() {
			for n := range 300 {
				i.Record(a)
				i.Record(b)
				switch n % 50 {
				case 10:
					ask(i, "GET", path("/requests?q=addfriend"), "")
				case 20:
					ask(i, "DELETE", path("/requests/%d", n), "")
				case 30:
					ask(i, "GET", "/__imcb/metrics", "")
					ask(i, "GET", path("/requests/%d", n), "")
				case 40:
					i.RulesChanged(fmt.Errorf("%d", n))
					ask(i, "POST", path("/verify"), `{"where":{"fromUserID":"1"}}`, "Content-Type", "application/json")
				case 49:
					ask(i, "GET", path("/journal"), "")
				}
			}
		})
	}
	recording.Wait()
	info := get(t, i, path("/info"))
	assert.Equal(t, 2400.0, info["received"])
	assert.LessOrEqual(t, info["kept"], 50.0)
	i.Stop()
	looking.Wait()
}
