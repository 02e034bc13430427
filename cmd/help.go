package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const rootExample = `  imcb validate --mock                          try it: every callback against the built-in receiver
  imcb send beforeSendSingleMsg --url http://127.0.0.1:8080/callback
  imcb validate --url http://127.0.0.1:8080/callback
  imcb validate beforeAddFriend --reply reply.json
  imcb serve                                    play the receiver for a real OpenIM`

// topics are what `imcb help` explains beside the commands.
var topics = []*struct{ name, about, text string }{
	{"exit-codes", "What imcb's exit codes mean", shell.ExitCodes()},
	{"servers", "The OpenIM versions that --server takes", servers()},
	{"nothing-arrives", "Why OpenIM's callbacks do not arrive, step by step", nothingArrives},
	{"openim-log", "What --from reads of OpenIM's own log", openimLog},
	{"settings", "Flags from the environment and from imcb.yaml", `Each flag can be set as a variable of the environment (IMCB_URL for --url) or in a
file imcb.yaml in the working directory. Flags that may be repeated take a list in
the file, and in a variable values between commas (IMCB_RULE=empty-body=warning,slow=off);
texts that may have commas themselves, as IMCB_HEADER, are one. The command line
wins, then the environment, then the file. A setting holds for each command that has
the flag and can use the value (cert needs key); below a command's name it holds for
that command alone.

  url: http://127.0.0.1:8080/callback
  server: 3.8.3
  rule: [errcode-range=warning]
  serve: {cert: server.pem, key: server.key}

` + "`imcb export jsonschema --of settings`" + ` writes its schema for editors.`},
}

const openimLog = `--from takes OpenIM's own log as well as a journal, and knows it by its content: in
text or JSON, from a file, from Docker with its prefixes and times, packed with
gzip, or in parts.

  docker logs openim-server 2>&1 | imcb validate --from -
  docker compose logs openim-server | imcb validate --from -
  imcb validate --from logs         # or --from 'logs/openim-service-log.*', --from A --from B
  imcb send --from openim.log --url http://127.0.0.1:8080/callback

From log level 4 on OpenIM logs each callback before it sends it, and once more when
it could read a reply that does not refuse. Level 3, the default of openim-docker,
has nothing but failures. Set IMENV_LOG_REMAINLOGLEVEL=4 (openim-docker: LOG_LEVEL=4
in .env) or remainLogLevel: 4 in config/log.yml, and restart OpenIM; main as one
process reads only the file. Without --server the log says which OpenIM wrote it.

What a log does not have, imcb does not guess; "unknown" in JSON names it:
- the HTTP status and the headers of a reply
- the request of four callbacks: beforeCreateGroup, afterCreateGroup,
  beforeOnlinePush, beforeOfflinePush
- of a refusal more than code and text; of a reply that OpenIM could not read more
  than what its reader said
- why an after callback failed, or that it was refused: there is no success
- up to 3.8.3 why no reply came: only the time tells a timeout
- that a callback was filtered, is off, or was dropped from a full queue

Times are the log's, taken for UTC. imcb neither shows nor keeps the tokens that
OpenIM logs.`

func servers() string {
	names := wrap(strings.Join(validate.ServerNames(), ", "), 78)
	return "--server takes\n  " + strings.ReplaceAll(names, "\n", "\n  ") + `

Another version between them is judged as the one that it behaves as, and every
output says so. "` + validate.NewestServer + `" is the newest stable one, which is the default: ` +
		fixtures.DefaultRelease.String() + `.

main is main as it runs by default: all parts in one process. main-services is
main with a process for each part. Both send the same; they differ in what the
client sees of a refusal and of a reply that can't be used, and one process reads
no IMENV_ variables.

3.8.3 is the tag v3.8.3 as it has stood since 2025-01-14, commit cb4ac1996. Go's
module proxy has the tag of 2025-01-04, whose codes are the same and whose texts
are not: the client is told "5001 no" where it is "no" now.`
}

func addHelp(root *cobra.Command) {
	for _, t := range topics {
		root.AddCommand(&cobra.Command{Use: t.name, Short: t.about, Long: t.text})
	}
	root.SetUsageFunc(usage(root.UsageFunc()))
	root.InitDefaultHelpCmd()
	help, _, _ := root.Find([]string{"help"})
	help.Use, help.Short, help.Long = "help [COMMAND or TOPIC]", "Explain a command or a topic", ""
	commands := help.ValidArgsFunction
	help.ValidArgsFunction = func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		found, directive := commands(c, args, begun)
		for _, t := range topics {
			if len(args) == 0 && strings.HasPrefix(t.name, begun) {
				found = append(found, cobra.CompletionWithDesc(t.name, t.about))
			}
		}
		return found, directive
	}
}

// usage prints --all where pflag prints --all[=true|false], which it does for
// values that call themselves switches; flags in lines of helpWidth; and the
// root's in an order of its own.
func usage(of func(*cobra.Command) error) func(*cobra.Command) error {
	return func(c *cobra.Command) error {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Value.Type() == "bool" {
				f.Value = struct{ pflag.Value }{f.Value}
			}
		})
		text := ""
		switch {
		case !c.HasParent():
			text = rootUsage(c)
		case c.HasAvailableSubCommands():
			return of(c)
		default:
			text = commandUsage(c)
		}
		_, err := fmt.Fprint(c.OutOrStderr(), text)
		return err
	}
}

// helpWidth is how long the lines about flags are at most.
const helpWidth = 100

// commandUsage is how to call a command that has none below it.
func commandUsage(c *cobra.Command) string {
	var parts []string
	add := func(title, text string) {
		if text = strings.TrimRight(text, "\n"); text != "" {
			parts = append(parts, title+":\n"+text+"\n")
		}
	}
	add("Usage", "  "+c.UseLine())
	add("Examples", c.Example)
	add("Flags", c.LocalFlags().FlagUsagesWrapped(helpWidth))
	add("Global Flags", c.InheritedFlags().FlagUsagesWrapped(helpWidth))
	return strings.Join(parts, "\n")
}

// rootUsage begins with what one can do.
func rootUsage(root *cobra.Command) string {
	var b strings.Builder
	list := func(title string, has func(*cobra.Command) bool) {
		fmt.Fprintf(&b, "%s\n", title)
		for _, c := range root.Commands() {
			if !c.Hidden && has(c) {
				fmt.Fprintf(&b, "  %-*s  %s\n", len("completion"), c.Name(), c.Short)
			}
		}
		b.WriteByte('\n')
	}
	for _, g := range append(slices.Clone(root.Groups()), &cobra.Group{Title: "More:"}) {
		list(g.Title, func(c *cobra.Command) bool { return c.GroupID == g.ID && c.Runnable() })
	}
	list("Help topics:", (*cobra.Command).IsAdditionalHelpTopicCommand)
	fmt.Fprintf(&b, "Examples:\n%s\n\nFlags:\n%s\n", root.Example, root.LocalFlags().FlagUsagesWrapped(helpWidth))
	b.WriteString("`imcb help NAME` explains a command or a topic.\n")
	return b.String()
}
