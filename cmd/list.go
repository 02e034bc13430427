package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/spf13/cobra"
)

// listOptions are the arguments of `imcb list`.
type listOptions struct {
	app    *shell.App
	parts  []string        // each must be part of a row
	server validate.Server // unset: any
	phase  string
	group  string
	json   bool
	// messages and scenarios list those instead.
	messages, scenarios bool
}

func newList(a *shell.App) *cobra.Command {
	o := &listOptions{app: a}
	c := &cobra.Command{
		Use:   "list [WORD...]",
		Short: "List the callbacks: key, command, when",
		Long: `List the callbacks, or those with all of the words in their key, command, group or
summary. Without --server: all that any version ever sent, and those that exist in
documents only. With --server: what that version sends.`,
		Example: `  imcb list
  imcb list friend
  imcb list --phase before --group message
  imcb list --server 3.7 --json
  imcb list --messages`,
		RunE: func(_ *cobra.Command, args []string) error {
			o.parts = args
			return o.run()
		},
	}
	flags := c.Flags()
	flags.Var(shell.TextFlag("", shell.Optional(run.ReadServer("server", &o.server))), "server", "only what this OpenIM `version` sends; "+run.ServersShown)
	shell.AddChoice(c, &o.phase, "phase", "", "only this `phase`: before or after", string(fixtures.Before), string(fixtures.After))
	shell.AddChoice(c, &o.group, "group", "", "only this `group`: "+strings.Join(fixtures.Groups(), ", "), fixtures.Groups()...)
	flags.BoolVar(&o.json, "json", false, "write JSON")
	flags.BoolVar(&o.messages, "messages", false, "list the kinds of messages for --message instead")
	flags.BoolVar(&o.scenarios, "scenarios", false, "list the built-in scenarios of validate instead")
	shell.Exclusive(c, "messages", "scenarios", "server", "phase", "group")
	shell.Exclusive(c, "scenarios", "server", "phase", "group")
	shell.CompleteWords(c, "server", run.ServerNames()...)
	return c
}

// listed is one row of the list.
type listed struct {
	Key      string             `json:"key"`
	Command  string             `json:"command"`
	Phase    fixtures.Phase     `json:"phase"`
	Group    string             `json:"group"`
	Summary  string             `json:"summary"`
	Versions []fixtures.Release `json:"versions"`
}

func (o *listOptions) run() error {
	switch {
	case o.messages:
		return o.listMessages()
	case o.scenarios:
		return o.listScenarios()
	}
	rows := o.rows()
	run.NoteStandIn(o.app.Streams, o.server)
	switch {
	case len(rows) == 0:
		return o.nothing("callback")
	case o.json:
		return o.app.PrintJSON(rows)
	default:
		if len(rows) == 1 {
			fmt.Fprintf(o.app.Err, "imcb: `imcb show %s` has all about it\n", rows[0].Key)
		}
		return o.app.Print(listText(rows))
	}
}

func (o *listOptions) rows() (rows []listed) {
	shown, every := o.server.Release, o.server == validate.Server{}
	if every {
		shown = fixtures.Newest()
	}
	for _, c := range fixtures.All() {
		if !o.has(append(words.Names(c.Names, func(n fixtures.Name) string { return n.Command }), c.Key, c.Group, c.Summary)...) {
			continue
		}
		if (o.phase == "" || string(c.Phase) == o.phase) && (o.group == "" || c.Group == o.group) && (every || c.SentBy(shown)) {
			rows = append(rows, listed{c.Key, c.Command(shown), c.Phase, c.Group, c.Summary, sentBy(c)})
		}
	}
	return rows
}

func (o *listOptions) listScenarios() error {
	scenarios := slices.DeleteFunc(suite.Scenarios(), func(s suite.Scenario) bool { return !o.has(s.Name, s.Summary) })
	switch {
	case len(scenarios) == 0:
		return o.nothing("scenario")
	case o.json:
		return o.app.PrintJSON(scenarios)
	}
	var b strings.Builder
	for _, s := range scenarios {
		fmt.Fprintf(&b, "%-26s  %s\n", s.Name, s.Summary)
	}
	b.WriteString("\n`imcb validate --scenario NAME --url URL` plays one\n")
	return o.app.Print(b.String())
}

// has reports whether each of the words is part of one of the texts.
func (o *listOptions) has(texts ...string) bool {
	return !slices.ContainsFunc(o.parts, func(part string) bool {
		return !strings.Contains(strings.ToLower(strings.Join(texts, "\n")), strings.ToLower(part))
	})
}

func (o *listOptions) nothing(what string) error {
	fmt.Fprintf(o.app.Err, "imcb: no %s is like that: `imcb list --help` says what to look for\n", what)
	return shell.Silent(shell.ExitNothing)
}

// sentBy lists the versions that send a callback; empty, not null, if none.
func sentBy(c *fixtures.Callback) []fixtures.Release {
	versions := []fixtures.Release{}
	for _, v := range fixtures.Releases() {
		if c.SentBy(v) {
			versions = append(versions, v)
		}
	}
	return versions
}

func listText(rows []listed) string {
	var b strings.Builder
	keys, commands := 0, 0
	for _, r := range rows {
		keys, commands = max(keys, len(r.Key)), max(commands, len(r.Command))
	}
	for i, r := range rows {
		if i == 0 {
			fmt.Fprintln(&b, r.Group)
		} else if r.Group != rows[i-1].Group {
			fmt.Fprintf(&b, "\n%s\n", r.Group)
		}
		fmt.Fprintf(&b, "  %-*s  %-*s  %s\n", keys, r.Key, commands, r.Command, versionsText(r.Versions))
	}
	fmt.Fprintf(&b, "\n%s\n", words.Count(len(rows), "callback"))
	return b.String()
}

func versionsText(sent []fixtures.Release) string {
	switch {
	case len(sent) == 0:
		return "never sent"
	case len(sent) == len(fixtures.Releases()):
		return "all versions"
	case len(sent) == 1:
		return sent[0].String() + " only"
	}
	var runs []string
	for i := 0; i < len(sent); {
		k := i
		for k+1 < len(sent) && sent[k+1] == sent[k]+1 {
			k++
		}
		runs = append(runs, runText(sent[i], sent[k]))
		i = k + 1
	}
	return strings.Join(runs, ", ")
}

func runText(first, last fixtures.Release) string {
	switch {
	case first == last:
		return first.String()
	case last == fixtures.Newest():
		return "from " + first.String()
	default:
		return first.String() + " to " + last.String()
	}
}
