package cmd

import (
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/spf13/cobra"
)

// showOptions are the arguments of `imcb show`.
type showOptions struct {
	app     *app
	name    string
	server  string
	json    bool
	example string
}

// exampleKinds are the bodies that --example prints.
var exampleKinds = []string{"request", "allow", "refuse", "modify"}

func newShow(a *app) *cobra.Command {
	o := &showOptions{app: a}
	c := &cobra.Command{
		Use:   "show CALLBACK",
		Short: "Show a callback: when it fires, its fields, its traps",
		Long:  `Show what an OpenIM version sends for a callback, and what it does with each field of the reply.`,
		Example: `  imcb show beforeSendSingleMsg
  imcb show beforeMemberJoinGroup --server 3.7
  imcb show beforeMsgModify --example modify > reply.json`,
		ValidArgsFunction: completeCallbacks,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("show one callback, for example\n  imcb show beforeAddFriend")
			}
			o.name = args[0]
			return runShow(o)
		},
	}
	addServerFlag(c, &o.server)
	c.Flags().BoolVar(&o.json, "json", false, "write JSON")
	c.Flags().StringVar(&o.example, "example", "", "print just this `body`: "+strings.Join(exampleKinds, ", "))
	completeWords(c, "example", exampleKinds...)
	exclusive(c, "json", "example")
	return c
}

func runShow(o *showOptions) error {
	server, err := parseRelease(o.server)
	if err != nil {
		return err
	}
	c, err := fixtures.Lookup(o.name)
	if err != nil {
		return usagef("%w\n  `imcb list` shows all callbacks", err)
	}
	d, err := describe(c, server)
	if err != nil {
		return err
	}
	switch {
	case o.json:
		return writeJSON(o.app.Out, d)
	case o.example != "":
		body, err := d.example(o.example)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(o.app.Out, "%s\n", strings.TrimRight(body, "\n"))
		return err
	default:
		_, err := fmt.Fprint(o.app.Out, d.text())
		return err
	}
}
