package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/spf13/cobra"
)

// ProcessFlags start the receiver under test, and wait for it.
type ProcessFlags struct {
	// Wait is how long the receiver has to answer. 0: it is not waited for; one
	// that is started has 30 seconds.
	Wait time.Duration
	exec string
}

// Add adds --exec and --wait.
func (f *ProcessFlags) Add(c *cobra.Command) {
	c.Flags().DurationVar(&f.Wait, "wait", 0, "wait this long until the receiver answers (with --exec 30s)")
	c.Flags().StringVar(&f.exec, "exec", "", "start the receiver with this shell `command`, and stop it at the end")
}

// defaultWait is how long --exec waits for the receiver.
const defaultWait = 30 * time.Second

// Around starts the receiver and waits until it answers at url ("": not at all),
// calls live, and stops the receiver. What it printed goes to w if there was
// something wrong.
func (f *ProcessFlags) Around(ctx context.Context, url string, w io.Writer, live func() error) (err error) {
	var p *process
	wait := f.Wait
	if f.exec != "" {
		if p, err = startProcess(f.exec); err != nil {
			return err
		}
		defer p.stop()
		wait = cmp.Or(wait, defaultWait)
	}
	if wait > 0 && url != "" {
		err = waitFor(ctx, url, wait, p)
	}
	if err == nil {
		err = live()
	}
	if p != nil && err != nil && !errors.Is(err, syscall.EPIPE) {
		p.stop()
		p.showOutput(w)
	}
	return err
}

// process is the receiver under test, started by --exec.
type process struct {
	cmd    *exec.Cmd
	output *tail
	exited chan struct{}
	err    error // of the process; valid once exited is closed
}

// stopWait is how long the process may take to end after the first signal.
const stopWait = 5 * time.Second

// startProcess runs a command line in a shell, in a process group of its own.
func startProcess(line string) (*process, error) {
	p := &process{cmd: shellCommand(line), output: &tail{limit: 32 << 10}, exited: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	// A grandchild that keeps the output open must not keep us waiting.
	p.cmd.WaitDelay = stopWait
	outliveBrokenPipe()
	if err := p.cmd.Start(); err != nil {
		return nil, shell.Machinef("--exec: %w", err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

// stop ends the whole process group. A second call does nothing.
func (p *process) stop() {
	select {
	case <-p.exited:
	default:
		endGroup(p.cmd)
		select {
		case <-p.exited:
		case <-time.After(stopWait):
		}
	}
	killGroup(p.cmd) // also what the process left behind
	<-p.exited
}

func (p *process) showOutput(w io.Writer) {
	text := p.output.String()
	if text == "" {
		fmt.Fprintln(w, "imcb: the receiver printed nothing")
		return
	}
	fmt.Fprintln(w, "imcb: the receiver printed:")
	fmt.Fprintf(w, "  | %s\n", strings.ReplaceAll(words.Lines(text), "\n", "\n  | "))
}

// waitFor waits until something answers HTTP at the URL, or the process ends; nil
// is none.
func waitFor(parent context.Context, url string, limit time.Duration, p *process) error {
	ctx, cancel := context.WithTimeout(parent, limit)
	defer cancel()
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		Timeout:       time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if p == nil {
		p = &process{} // never ends
	}
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for {
		if answers(ctx, client, url) {
			return nil
		}
		select {
		case <-p.exited:
			reason := cmp.Or(p.err, errors.New("exit code 0"))
			return shell.Unreachablef("--exec: the receiver ended before it answered (%w)", reason)
		case <-ctx.Done():
			if parent.Err() != nil {
				return shell.Interrupted()
			}
			return shell.Unreachablef("nothing answered at %s within %s", url, limit)
		case <-retry.C:
		}
	}
}

// answers reports whether a GET gets an answer. It is harmless: a receiver takes
// POSTs only, and any answer will do.
func answers(ctx context.Context, client *http.Client, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err == nil {
		resp.Body.Close()
	}
	return err == nil
}

// tail keeps the last bytes that are written to it.
type tail struct {
	mu    sync.Mutex
	limit int
	text  []byte
	cut   bool
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if over := len(t.text) - t.limit; over > 0 {
		t.text, t.cut = append(t.text[:0], t.text[over:]...), true
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cut {
		return "…" + string(t.text)
	}
	return string(t.text)
}
