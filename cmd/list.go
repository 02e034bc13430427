package cmd

import (
	"fmt"
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
		Use:   "list",
		Short: "List the callbacks: key, command, when",
		Long: `List the callbacks. Without --server: all that any version ever sent, and those
that exist in documents only. With --server: what that version sends.`,
		Example: `  imcb list
  imcb list --phase before --group message
  imcb list --server 3.7 --json
  imcb list --messages`,
		Args: shell.NoArgs,
		RunE: func(*cobra.Command, []string) error { return o.run() },
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
		fmt.Fprintln(o.app.Err, "imcb: no callback is like that")
		return shell.Silent(shell.ExitNothing)
	case o.json:
		return o.app.PrintJSON(rows)
	default:
		return o.app.Print(listText(rows))
	}
}

func (o *listOptions) rows() (rows []listed) {
	shown, every := o.server.Release, o.server == validate.Server{}
	if every {
		shown = fixtures.Newest()
	}
	for _, c := range fixtures.All() {
		if (o.phase == "" || string(c.Phase) == o.phase) && (o.group == "" || c.Group == o.group) && (every || c.SentBy(shown)) {
			rows = append(rows, listed{c.Key, c.Command(shown), c.Phase, c.Group, c.Summary, sentBy(c)})
		}
	}
	return rows
}

func (o *listOptions) listScenarios() error {
	if o.json {
		return o.app.PrintJSON(suite.Scenarios())
	}
	var b strings.Builder
	for _, s := range suite.Scenarios() {
		fmt.Fprintf(&b, "%-26s  %s\n", s.Name, s.Summary)
	}
	b.WriteString("\n`imcb validate --scenario NAME --url URL` plays one\n")
	return o.app.Print(b.String())
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
