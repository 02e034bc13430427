package run

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
)

// Flags are the flags that send and validate share.
type Flags struct {
	App     *shell.App
	Names   []string
	Target  TargetFlags
	Payload PayloadFlags
	Judging JudgeFlags
	Output  OutputFlags
	// All: what the version sends; Every: what other versions send and documents name, too.
	All, Every bool
	From       []string // files, folders and patterns
}

// Add adds the flags; from says what --from does in the command.
func (f *Flags) Add(c *cobra.Command, from string) {
	f.Target.add(c)
	f.Payload.addFlags(c)
	f.Judging.Add(c)
	AddContract(c, &f.Judging.Contract)
	f.Judging.addErrCodes(c)
	f.Output.AddFiles(c)
	c.Flags().BoolVar(&f.All, "all", false, "take every callback that the version sends")
	c.Flags().BoolVar(&f.Every, "every", false, "take those too that only other versions send, or only documents name")
	shell.Exclusive(c, "all", "every")
	c.Flags().StringArrayVar(&f.From, "from", nil, from)
	shell.Exclusive(c, "from", MadeOnly...)
	shell.Complete(c, shell.SpaceFollows, CallbackWords)
}

// AddServer adds --server.
func AddServer(c *cobra.Command, server *validate.Server) {
	*server = validate.On(fixtures.DefaultRelease)
	c.Flags().Var(shell.TextFlag(fixtures.DefaultRelease.String(), ReadServer("server", server)), "server", "the OpenIM `version`; "+ServersShown)
	shell.CompleteWords(c, "server", ServerNames()...)
}

// allServers is the --server of a run that judges as every version.
const allServers = "all"

// AddServers adds a --server that takes several versions.
func (f *PayloadFlags) AddServers(c *cobra.Command) {
	f.Server = validate.On(fixtures.DefaultRelease)
	f.Servers = []validate.Server{f.Server}
	const usage = "the OpenIM `version`, several like 3.7,3.8.3,main, or all; " + ServersShown
	c.Flags().Var(shell.TextFlag(fixtures.DefaultRelease.String(), f.readServers), "server", usage)
	shell.Complete(c, shell.SpaceFollows, serverWords, "server")
}

func (f *PayloadFlags) readServers(text string) error {
	names := strings.Split(text, ",")
	if text == allServers {
		names = validate.ServerNames()
	}
	f.Servers = nil
	for _, name := range names {
		var one validate.Server
		if err := ReadServer("server", &one)(name); err != nil {
			return err
		}
		if !slices.Contains(f.Servers, one) {
			f.Servers = append(f.Servers, one)
		}
	}
	f.Server = f.Servers[0]
	return nil
}

// serverWords are the versions that may follow those that are typed.
func serverWords(_ []string, typed string) (all []string) {
	given := typed[:strings.LastIndex(typed, ",")+1]
	if given == "" {
		all = []string{allServers}
	}
	for _, name := range ServerNames() {
		if !slices.Contains(strings.Split(given, ","), name) {
			all = append(all, given+name)
		}
	}
	return all
}

// ServersShown ends the usage of a flag that takes a version.
const ServersShown = "`imcb help servers` names all"

// ServerNames are the names that --server takes beside other versions between them.
func ServerNames() []string { return append(validate.ServerNames(), validate.NewestServer) }

// NoteStandIn says which version stands for the one that was asked for, where
// the output itself names none.
func NoteStandIn(s shell.Streams, server validate.Server) {
	if server.Asked != "" {
		fmt.Fprintf(s.Err, "imcb: note: OpenIM %s\n", server.Title())
	}
}

// ReadServer reads the name of an OpenIM version.
func ReadServer(flag string, into *validate.Server) func(text string) error {
	return func(text string) (err error) {
		if *into, err = validate.ParseServer(text); err != nil {
			return shell.Usagef("--%s: %w", flag, err)
		}
		return nil
	}
}
