package cmd

import (
	"strings"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
)

// showOptions are the arguments of `imcb show`.
type showOptions struct {
	app      *shell.App
	name     string
	server   validate.Server
	json     bool
	example  string
	requests bool
}

// exampleKinds are the bodies that --example prints.
var exampleKinds = []string{"request", "allow", "refuse", "modify"}

func newShow(a *shell.App) *cobra.Command {
	o := &showOptions{app: a}
	c := &cobra.Command{
		Use:   "show CALLBACK",
		Short: "Show a callback: when it fires, its fields, its traps",
		Long:  `Show what an OpenIM version sends for a callback, and what it does with each field of the reply.`,
		Example: `  imcb show beforeSendSingleMsg
  imcb show beforeMemberJoinGroup --server 3.7
  imcb show beforeSendGroupMsg --requests
  imcb show beforeMsgModify --example modify > reply.json`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return shell.Usagef("show one callback, for example\n  imcb show beforeAddFriend")
			}
			o.name = args[0]
			return o.run()
		},
	}
	run.AddServer(c, &o.server)
	c.Flags().BoolVar(&o.json, "json", false, "write JSON")
	shell.AddChoice(c, &o.example, "example", "", "print just this `body`: "+strings.Join(exampleKinds, ", "), exampleKinds...)
	c.Flags().BoolVar(&o.requests, "requests", false, "list the requests that cover what servers send for it, by name; send --case sends one")
	shell.Complete(c, shell.SpaceFollows, run.CallbackWords)
	shell.Exclusive(c, "example", "json", "requests")
	return c
}

func (o *showOptions) run() error {
	c, err := run.LookupCallback(o.name)
	if err != nil {
		return err
	}
	if o.requests {
		return o.printRequests(c)
	}
	d, err := describe(c, o.server)
	switch {
	case err != nil:
		return err
	case o.json:
		return o.app.PrintJSON(d)
	case o.example == "":
		return o.app.Print(d.text())
	}
	body, err := d.example(o.example)
	if err != nil {
		return err
	}
	return o.app.Print(body + "\n")
}
