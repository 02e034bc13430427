package shell_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/stretchr/testify/assert"
)

func TestWaitingSaysForWhat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waited := func(d time.Duration) string {
			var screen strings.Builder
			p := shell.StartWaiting(shell.Streams{Err: &screen, ErrIsTerminal: true}, "http://bob:secret@127.0.0.1:8080/")
			p.Met(fmt.Errorf("Get: %w", fmt.Errorf("dial: %w", errors.New("connection refused"))))
			time.Sleep(d)
			p.Stop()
			return screen.String()
		}
		assert.Empty(t, waited(999*time.Millisecond), "nobody waits that long")
		assert.Equal(t, "\r\x1b[Kwaiting for http://bob:***@127.0.0.1:8080/, 1s: connection refused\r\x1b[K",
			waited(1001*time.Millisecond))
	})
}
