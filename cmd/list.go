package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/spf13/cobra"
)

// listOptions are the arguments of `imcb list`.
type listOptions struct {
	app    *app
	server string
	phase  string
	group  string
	json   bool
	// scenarios lists those instead.
	scenarios bool
}

func newList(a *app) *cobra.Command {
	o := &listOptions{app: a}
	c := &cobra.Command{
		Use:   "list",
		Short: "List the callbacks: key, command, when",
		Long: `List the callbacks. Without --server: all that any version ever sent, and those
that exist in documents only. With --server: what that version sends.`,
		Example: `  imcb list
  imcb list --phase before --group message
  imcb list --server 3.7 --json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runList(o) },
	}
	flags := c.Flags()
	flags.StringVar(&o.server, "server", "", "only what this OpenIM `version` sends: "+strings.Join(fixtures.ReleaseNames(), ", "))
	flags.StringVar(&o.phase, "phase", "", "only this `phase`: before or after")
	flags.StringVar(&o.group, "group", "", "only this `group`: "+strings.Join(fixtures.Groups(), ", "))
	flags.BoolVar(&o.json, "json", false, "write JSON")
	flags.BoolVar(&o.scenarios, "scenarios", false, "list the built-in scenarios of validate instead")
	for _, filter := range []string{"server", "phase", "group"} {
		exclusive(c, "scenarios", filter)
	}
	completeWords(c, "server", fixtures.ReleaseNames()...)
	completeWords(c, "phase", "before", "after")
	completeWords(c, "group", fixtures.Groups()...)
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

func runList(o *listOptions) error {
	if o.scenarios {
		return o.listScenarios()
	}
	rows, err := o.rows()
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		fmt.Fprintln(o.app.Err, "imcb: no callback is like that")
		return silent(exitNothing)
	}
	if o.json {
		return writeJSON(o.app.Out, rows)
	}
	return writeList(o.app.Out, rows)
}

func (o *listOptions) rows() ([]listed, error) {
	if err := oneOf("--phase", o.phase, "before", "after"); err != nil {
		return nil, err
	}
	if err := oneOf("--group", o.group, fixtures.Groups()...); err != nil {
		return nil, err
	}
	shown := fixtures.Newest()
	if o.server != "" {
		var err error
		if shown, err = parseRelease(o.server); err != nil {
			return nil, err
		}
	}
	var rows []listed
	for _, c := range fixtures.All() {
		if (o.phase != "" && string(c.Phase) != o.phase) || (o.group != "" && c.Group != o.group) || (o.server != "" && !c.SentBy(shown)) {
			continue
		}
		rows = append(rows, listed{c.Key, c.Command(shown), c.Phase, c.Group, c.Summary, sentBy(c)})
	}
	return rows, nil
}

func (o *listOptions) listScenarios() error {
	if o.json {
		return writeJSON(o.app.Out, scenarioRows())
	}
	var b strings.Builder
	for _, s := range suite.Scenarios() {
		fmt.Fprintf(&b, "%-20s  %s\n", s.Name, s.Summary)
	}
	b.WriteString("\n`imcb validate --scenario NAME --url URL` plays one\n")
	_, err := io.WriteString(o.app.Out, b.String())
	return err
}

// scenarioRow is a built-in scenario in JSON.
type scenarioRow struct {
	Name    string `json:"name"`
	Summary string `json:"summary"`
}

func scenarioRows() []scenarioRow {
	var rows []scenarioRow
	for _, s := range suite.Scenarios() {
		rows = append(rows, scenarioRow{s.Name, s.Summary})
	}
	return rows
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

func writeList(w io.Writer, rows []listed) error {
	var b strings.Builder
	keys, commands := 0, 0
	for _, r := range rows {
		keys, commands = max(keys, len(r.Key)), max(commands, len(r.Command))
	}
	group := ""
	for _, r := range rows {
		if r.Group != group {
			if group != "" {
				b.WriteByte('\n')
			}
			group = r.Group
			fmt.Fprintf(&b, "%s\n", group)
		}
		fmt.Fprintf(&b, "  %-*s  %-*s  %s\n", keys, r.Key, commands, r.Command, versionsText(r.Versions))
	}
	fmt.Fprintf(&b, "\n%s\n", plural(len(rows), "callback"))
	_, err := io.WriteString(w, b.String())
	return err
}

// versionsText says in short which versions send a callback.
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

// oneOf checks a flag that takes one of a few words, or nothing.
func oneOf(flag, value string, words ...string) error {
	if value == "" {
		return nil
	}
	for _, w := range words {
		if value == w {
			return nil
		}
	}
	return usagef("%s is one of %s, not %q", flag, strings.Join(words, ", "), value)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
