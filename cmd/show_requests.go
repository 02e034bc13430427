package cmd

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// shownRequest is a request of the covering set as `show --requests --json` has
// it.
type shownRequest struct {
	Name    string   `json:"name"`
	Differs []string `json:"differs"`
	// OnRequest: only validate --message all sends it.
	OnRequest bool            `json:"onRequest,omitempty"`
	Body      json.RawMessage `json:"body"`
}

// printRequests prints the covering set of a callback.
func (o *showOptions) printRequests(c *fixtures.Callback) error {
	run.NoteStandIn(o.app.Streams, o.server)
	if note := run.Oddity(c, o.server.Release); note != "" {
		fmt.Fprintf(o.app.Err, "imcb: note: %s\n", note)
	}
	cases := c.Cases(o.server.Release)
	if !o.json {
		return o.app.Print(casesText(cases))
	}
	requests := make([]shownRequest, len(cases))
	for i, k := range cases {
		p, err := k.Payload(fixtures.PayloadOptions{Seed: new(uint64(1))}) // the same in every run
		if err != nil {
			return err
		}
		paths := words.Names(k.Differs, func(d fixtures.Difference) string { return d.Path })
		requests[i] = shownRequest{k.Name, paths, k.OnRequest, p.Body}
	}
	return o.app.PrintJSON(requests)
}

// casesText has a line for each case: its name, and what differs from the first.
func casesText(cases []fixtures.Case) string {
	width := 0
	for _, k := range cases {
		width = max(width, len(k.Name))
	}
	var b strings.Builder
	for _, k := range cases {
		changes := changesText(k.Differs)
		if k.OnRequest {
			changes += " (validate: with --message all)"
		}
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%-*s  %s", width, k.Name, changes), " "))
	}
	return b.String()
}

// Of a change is shown the beginning, of many changes the first.
const (
	mostShownValue   = 40
	mostShownChanges = 3
)

func changesText(changes []fixtures.Difference) string {
	var texts []string
	for i, change := range changes {
		if i == mostShownChanges && len(changes) > i+1 {
			texts = append(texts, fmt.Sprintf("and %d more", len(changes)-i))
			break
		}
		value := "absent"
		if change.Value != nil {
			value = words.Shorten(string(change.Value), mostShownValue)
		}
		texts = append(texts, change.Path+" "+value)
	}
	return strings.Join(texts, ", ")
}
