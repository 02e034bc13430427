package run

import (
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
)

// LookupCallback finds a callback that the user named.
func LookupCallback(name string) (*fixtures.Callback, error) {
	c, err := fixtures.Lookup(name)
	if err != nil && strings.Contains(name, ",") {
		return nil, shell.Usagef("write a space between callbacks, not a comma: %s", strings.ReplaceAll(name, ",", " "))
	}
	if err != nil {
		return nil, shell.Usagef("%w\n  `imcb list` shows all callbacks", err)
	}
	return c, nil
}

// SelectCallbacks finds the callbacks that the flags name: those that the
// version sends, every one that there is, or those by name. It says on stderr
// what is odd about a named one that the version does not send.
func (f *Flags) SelectCallbacks(names []string) (callbacks []*fixtures.Callback, err error) {
	server := f.Payload.Server.Release
	switch {
	case len(names) > 0 && (f.All || f.Every):
		return nil, shell.Usagef("either name callbacks or use --all or --every")
	case f.All:
		return fixtures.SentBy(server), nil
	case f.Every:
		return fixtures.All(), nil
	}
	for _, name := range names {
		c, err := LookupCallback(name)
		if err != nil {
			return nil, err
		}
		if note := Oddity(c, server); note != "" {
			fmt.Fprintf(f.App.Err, "imcb: note: %s\n", note)
		}
		callbacks = append(callbacks, c)
	}
	return callbacks, nil
}

// Oddity says why the version does not send the callback; empty if it does.
func Oddity(c *fixtures.Callback, server fixtures.Release) string {
	at, sent := c.At(server)
	switch {
	case c.DocumentedOnly() && c.Instead != "":
		instead, _ := fixtures.Find(c.Instead) // a test of the catalog says that it is there
		return fmt.Sprintf("%s is in documents only; servers send %s instead", c.Command(server), instead.Command(server))
	case c.DocumentedOnly():
		return fmt.Sprintf("%s is in documents only; no server sends it", c.Command(server))
	case sent:
		return ""
	case at != server:
		return fmt.Sprintf("OpenIM %s has no %s; this is the form of %s", server, c.Key, at)
	default:
		return fmt.Sprintf("OpenIM %s defines %s, but never sends it", server, c.Key)
	}
}
