package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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
	shell.AddDuration(c, &f.Wait, "wait", 0, "wait this long until the receiver answers (with --exec 30s)")
	c.Flags().StringVar(&f.exec, "exec", "", "start the receiver with this shell `command`, and stop it at the end")
}

// defaultWait is how long --exec waits for the receiver.
const defaultWait = 30 * time.Second

// Around starts the receiver and waits until it answers at url ("": not at all),
// calls live, and stops the receiver. Whatever answers there before it was started
// is an error: it would be judged in its place. So is a receiver that ends before
// live does, whose context then ends. What the receiver printed goes to s.Err if
// there was something wrong.
func (f *ProcessFlags) Around(ctx context.Context, url string, s shell.Streams, live func(context.Context) error) error {
	if f.exec == "" {
		if f.Wait > 0 && url != "" {
			if err := waitFor(ctx, url, f.Wait, &process{}, s); err != nil {
				return err
			}
		}
		return live(ctx)
	}
	if err := checkFree(ctx, url); err != nil {
		return err
	}
	p, err := startProcess(f.exec)
	if err != nil {
		return err
	}
	defer p.stop()
	if url != "" {
		err = waitFor(ctx, url, cmp.Or(f.Wait, defaultWait), p, s)
	}
	if err == nil {
		err = p.during(ctx, live)
	}
	if err != nil && !errors.Is(err, syscall.EPIPE) {
		p.stop()
		p.showOutput(s.Err)
	}
	return err
}

// checkFree reports what listens at the URL.
func checkFree(ctx context.Context, url string) error {
	if url == "" {
		return nil
	}
	resp, err := get(ctx, url)
	if _, dialed := errors.AsType[*net.OpError](err); dialed || ctx.Err() != nil {
		return nil
	}
	what := "what listens there does not answer"
	switch {
	case err == nil && resp.Header.Get("Server") != "":
		what = fmt.Sprintf("status %s, Server: %s", resp.Status, words.Printable(resp.Header.Get("Server")))
	case err == nil:
		what = "status " + words.Printable(resp.Status)
	}
	return shell.Machinef("--exec: the port of %s is taken (%s): stop the old receiver, or choose another port in --exec and --url", url, what)
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

// during calls live while the process runs, and says if it ended before.
func (p *process) during(ctx context.Context, live func(context.Context) error) error {
	running, end := context.WithCancel(ctx)
	defer end()
	go func() {
		select {
		case <-p.exited:
			end()
		case <-running.Done():
		}
	}()
	err := live(running)
	if err == nil || ctx.Err() != nil || errors.Is(err, syscall.EPIPE) {
		return err
	}
	select {
	case <-p.exited:
		return shell.Unreachablef("--exec: the receiver ended during the run (%w)", p.reason())
	case <-time.After(endWait):
		return err
	}
}

// endWait is how long after a failed run the end of a process may be seen.
const endWait = 500 * time.Millisecond

// reason is how a process ended.
func (p *process) reason() error { return cmp.Or(p.err, errors.New("exit code 0")) }

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

// waitFor waits until something answers HTTP at the URL, or the process ends. On
// a terminal it says that it waits.
func waitFor(parent context.Context, url string, limit time.Duration, p *process, s shell.Streams) error {
	ctx, cancel := context.WithTimeout(parent, limit)
	defer cancel()
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	waiting := shell.StartWaiting(s, url)
	defer waiting.Stop()
	for {
		resp, err := get(ctx, url)
		if resp != nil {
			return nil
		}
		waiting.Met(err)
		select {
		case <-p.exited:
			return shell.Unreachablef("--exec: the receiver ended before it answered (%w)", p.reason())
		case <-ctx.Done():
			if parent.Err() != nil {
				return shell.Interrupted()
			}
			return shell.Unreachablef("nothing answered at %s within %s", url, limit)
		case <-retry.C:
		}
	}
}

// asking sends what a receiver is waited for with.
var asking = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	Timeout:       time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// get sends a GET. It is harmless: a receiver takes POSTs only, and any answer
// will do.
func get(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := asking.Do(req)
	if err == nil {
		resp.Body.Close()
	}
	return resp, err
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
