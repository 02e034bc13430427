package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/inspector"
	"github.com/imcb-dev/imcb/validate"
)

// ready is what scripts need to know of a receiver that listens.
type ready struct {
	Event     string   `json:"event"`
	URL       string   `json:"url"`
	Inspector string   `json:"inspector,omitempty"`
	Token     string   `json:"token,omitempty"`
	Addresses []string `json:"addresses"`
	Server    string   `json:"server"`
	Asked     string   `json:"asked,omitempty"` // where Server stands for another
	PID       int      `json:"pid"`
}

func (s *serving) ready() ready {
	r := ready{
		Event: "ready", URL: s.on.url("/callbackExample"), Token: s.receiver.Token,
		Server: s.server.String(), Asked: s.server.Asked, PID: os.Getpid(),
	}
	if s.on.address != "" {
		r.Inspector = s.on.url("/__imcb/")
	}
	r.Addresses = words.Names(s.on.listeners, func(l net.Listener) string { return l.Addr().String() })
	return r
}

func (s *serving) about() inspector.About {
	return inspector.About{
		Version: s.app.Version, URL: s.on.url("/callbackExample"), Forward: s.forward, ResendTo: s.resendTo, Journal: s.record,
	}
}

// announce says where the receiver listens and how OpenIM gets there. The
// ready file comes first: who waits for either may go on.
func (s *serving) announce() error {
	r := s.ready()
	if s.readyFile != "" {
		if err := writeReadyFile(s.readyFile, r); err != nil {
			return shell.Machinef("--ready-file: %w", err)
		}
	}
	if s.logFormat == "json" {
		return shell.WriteLine(s.app.Err, r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "imcb plays the receiver for OpenIM %s at %s\n", s.server.Title(), r.URL)
	if other, ok := s.server.Other(); ok && !s.quiet {
		fmt.Fprintf(&b, "what it makes of replies is what %s does; %s sends the same, so nothing here tells them apart\n", r.Server, other)
	}
	if r.Inspector != "" {
		fmt.Fprintf(&b, "look at it:  %s", r.Inspector)
		if s.receiver.Token != "" {
			b.WriteString("#token=" + s.receiver.Token)
		}
		b.WriteByte('\n')
	}
	if s.on.fingerprint != "" {
		fmt.Fprintf(&b, "certificate made for this run, SHA-256 %s; OpenIM's own client does not trust it\n", s.on.fingerprint)
	}
	if s.forward != "" {
		fmt.Fprintf(&b, "what no rule answers goes on to %s\n", validate.MaskText(s.forward))
	}
	if n := s.receiver.Rules.Len(); n > 0 {
		fmt.Fprintf(&b, "%s\n", words.Count(n, "rule"))
	}
	if !s.quiet && s.on.address != "" {
		fmt.Fprintf(&b, "in OpenIM's webhooks.yml:\n  url: %s\n  beforeSendSingleMsg:\n    enable: true\n    timeout: 5\n", r.URL)
	}
	b.WriteString("Ctrl-C stops\n")
	_, _ = fmt.Fprint(s.app.Err, b.String())
	return nil
}

// writeReadyFile writes the file so that who finds it finds it whole.
func writeReadyFile(file string, r ready) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".imcb-ready-")
	if err != nil {
		return err
	}
	if err = errors.Join(json.NewEncoder(f).Encode(r), f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// unannounce removes the ready file: nothing listens any more.
func (s *serving) unannounce() {
	if s.readyFile == "" {
		return
	}
	var r ready
	text, err := readUpTo(s.readyFile, 1<<16)
	if err == nil && json.Unmarshal(text, &r) == nil && r.PID == os.Getpid() { // else another imcb has it by now
		_ = os.Remove(s.readyFile)
	}
}

// say tells of something beside the arrivals.
func (s *serving) say(event, text string) {
	if s.logFormat == "json" {
		_ = shell.WriteLine(s.app.Err, map[string]string{"event": event, "message": text})
		return
	}
	fmt.Fprintf(s.app.Err, "imcb: %s\n", text)
}

func (s *serving) stopped() {
	all := s.mock.Arrived()
	text := "answered " + words.Count(all.Total, "request")
	if n := len(all.ByCallback); n > 0 {
		text += " of " + words.Count(n, "callback")
	}
	if all.Unknown > 0 {
		text += fmt.Sprintf(", %d unknown", all.Unknown)
	}
	if s.logFormat == "json" {
		s.say("stopped", text)
		return
	}
	fmt.Fprintln(s.app.Err, text)
}
