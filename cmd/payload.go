package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/spf13/cobra"
)

// payloadFlags say what a request holds.
type payloadFlags struct {
	server      string
	contentType string
	operationID string
	seed        seedFlag
	edits       []edit
	add         bool
	data        string
}

// edit is one --set, --set-string or --unset, in the order given.
type edit struct {
	flag, path, text string
}

func (f *payloadFlags) addFlags(c *cobra.Command) {
	addServerFlag(c, &f.server)
	flags := c.Flags()
	flags.StringVar(&f.contentType, "content-type", "", "the kind of message in message callbacks: `name` is text, picture, voice, video, file, at, merge, …")
	flags.StringVar(&f.operationID, "operation-id", "", "use this operation `id`")
	flags.Var(&f.seed, "seed", "make ids and times the same in every run, chosen by this `number`")
	flags.Var(editFlag{f, "set"}, "set", "give a field a value: `path=value`; JSON, or text where the field is a string (repeatable)")
	flags.Var(editFlag{f, "set-string"}, "set-string", "give a field a string, whatever its type: `path=text` (repeatable)")
	flags.Var(editFlag{f, "unset"}, "unset", "remove the field at this `path` (repeatable)")
	flags.BoolVar(&f.add, "add", false, "let --set and --set-string add fields that the request does not have")
	flags.StringVarP(&f.data, "data", "d", "", "send this `body` instead, byte for byte; @file reads a file, - stdin")
	_ = c.RegisterFlagCompletionFunc("content-type", completeContentTypes)
	_ = c.RegisterFlagCompletionFunc("set", completeFields)
	_ = c.RegisterFlagCompletionFunc("set-string", completeFields)
	for _, edit := range []string{"set", "set-string", "unset"} {
		exclusive(c, "data", edit)
	}
}

// madeOnly are the flags that change a request that imcb makes, and not one that
// was recorded or that a suite describes.
var madeOnly = []string{"set", "set-string", "unset", "add", "data", "content-type"}

func addServerFlag(c *cobra.Command, server *string) {
	c.Flags().StringVar(server, "server", fixtures.DefaultRelease.String(), "the OpenIM `version`: "+strings.Join(fixtures.ReleaseNames(), ", "))
	completeWords(c, "server", fixtures.ReleaseNames()...)
}

// build makes the payload of a callback, edited as the flags say.
func (f *payloadFlags) build(c *fixtures.Callback, server fixtures.Release, s Streams) (*fixtures.Payload, error) {
	contentType := f.contentType
	p, err := c.Payload(fixtures.PayloadOptions{Server: server, ContentType: contentType, OperationID: f.operationID, Seed: f.seed.value})
	if err != nil {
		return nil, usageError(err)
	}
	if f.data != "" {
		body, err := readArgument(f.data, s)
		if err != nil {
			return nil, err
		}
		p.SetBody(body)
	}
	for _, e := range f.edits {
		if err := f.apply(e, p); err != nil {
			return nil, usagef("--%s: %w", e.flag, err)
		}
	}
	return p, nil
}

func (f *payloadFlags) apply(e edit, p *fixtures.Payload) error {
	switch {
	case e.flag == "unset":
		return p.Unset(e.path)
	case f.add && !hasPath(p, e.path):
		return p.Add(e.path, jsonValue(e))
	case e.flag == "set-string":
		return p.SetString(e.path, e.text)
	default:
		return p.SetText(e.path, e.text)
	}
}

// jsonValue is the JSON that an edit adds: its text, or a string of it.
func jsonValue(e edit) json.RawMessage {
	if e.flag == "set" && json.Valid([]byte(e.text)) {
		return json.RawMessage(e.text)
	}
	text, _ := json.Marshal(e.text) // a string always encodes
	return text
}

func hasPath(p *fixtures.Payload, path string) bool {
	for _, known := range p.Paths() {
		if known == path {
			return true
		}
	}
	return false
}

// readArgument reads "text", "@file" or "-" for standard input.
func readArgument(arg string, s Streams) ([]byte, error) {
	if arg == "-" {
		body, err := io.ReadAll(s.In)
		if err != nil {
			return nil, usagef("standard input: %w", err)
		}
		return body, nil
	}
	if file, ok := strings.CutPrefix(arg, "@"); ok {
		body, err := s.ReadFile(file)
		if err != nil {
			return nil, usageError(err)
		}
		return body, nil
	}
	return []byte(arg), nil
}

// editFlag collects edits in the order in which they are given.
type editFlag struct {
	flags *payloadFlags
	name  string
}

func (editFlag) Type() string   { return "path" }
func (editFlag) String() string { return "" }

func (e editFlag) Set(text string) error {
	path, value, ok := strings.Cut(text, "=")
	if e.name == "unset" {
		path, ok = text, true
	}
	if !ok || path == "" {
		return fmt.Errorf("want path=value, for example sendID=u1")
	}
	e.flags.edits = append(e.flags.edits, edit{e.name, path, value})
	return nil
}

// seedFlag is a number that may be absent.
type seedFlag struct{ value *uint64 }

func (*seedFlag) Type() string     { return "number" }
func (f *seedFlag) String() string { return "" }

func (f *seedFlag) Set(text string) error {
	var n uint64
	if _, err := fmt.Sscanf(text, "%d", &n); err != nil || fmt.Sprint(n) != text {
		return fmt.Errorf("want a whole number of 0 or more")
	}
	f.value = &n
	return nil
}
