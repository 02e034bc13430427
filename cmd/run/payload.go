package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
)

// PayloadFlags say what a request holds.
type PayloadFlags struct {
	// Server is the OpenIM that is played, the first of Servers where they are several.
	Server  validate.Server
	Servers []validate.Server
	Message string
	// Case names the request of the covering set that is sent; empty: the ordinary
	// one, with Message.
	Case        string
	OperationID string
	Seed        *uint64
	// Time is when seeded requests happen: see fixtures.PayloadOptions.
	Time      time.Time
	edits     []edit
	add       bool
	data      string
	cover     validate.Coverage
	moreKinds []string // that --message takes
}

// edit is one --set, --set-string or --unset, in the order given.
type edit struct {
	flag, path, text string
}

func (f *PayloadFlags) addFlags(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.Message, "message", "", "the kind of message in message callbacks: `name` is text, at, revoke …; `imcb list --messages` shows them")
	flags.StringVar(&f.OperationID, "operation-id", "", "use this operation `id`")
	shell.AddSeed(c, &f.Seed, "make ids and times the same in every run, chosen by this `number`")
	f.addEditFlag(c, "set", "give a field a value: `path=value`; JSON, or text where the field is a string (repeatable)")
	f.addEditFlag(c, "set-string", "give a field a string, whatever its type: `path=text` (repeatable)")
	f.addEditFlag(c, "unset", "remove the field at this `path` (repeatable)")
	flags.BoolVar(&f.add, "add", false, "let --set and --set-string add fields that the request does not have")
	flags.StringVarP(&f.data, "data", "d", "", "send this `body` instead, byte for byte; @file reads a file, - stdin")
	shell.Complete(c, shell.SpaceFollows, func(args []string, _ string) []string { return append(kindWords(args), f.moreKinds...) }, "message")
	shell.Complete(c, shell.ValueFollows, fieldWords, "set", "set-string")
	shell.Exclusive(c, "data", "set", "set-string", "unset")
}

// AddCase adds --case.
func (f *PayloadFlags) AddCase(c *cobra.Command) {
	c.Flags().StringVar(&f.Case, "case", "", "send this request of those that servers send for the callback: `name` is nickName=empty, message=picture, …; imcb show CALLBACK --requests has all")
	shell.Complete(c, shell.SpaceFollows, caseWords, "case")
	shell.Exclusive(c, "case", "all", "every", "data", "from", "message")
}

func (f *PayloadFlags) addEditFlag(c *cobra.Command, flag, usage string) {
	c.Flags().Func(flag, usage, func(text string) error {
		path, value, ok := strings.Cut(text, "=")
		if flag == "unset" {
			path, ok = text, true
		}
		if !ok || path == "" {
			return errors.New("want path=value, for example sendID=u1")
		}
		f.edits = append(f.edits, edit{flag, path, value})
		return nil
	})
}

// MadeOnly are the flags that change a request that imcb makes, and not one that
// was recorded or that a suite describes.
var MadeOnly = []string{"set", "set-string", "unset", "add", "data", "message"}

// BuildAll makes a payload for each callback. The kind of message is for those
// that carry one.
func (f *PayloadFlags) BuildAll(callbacks []*fixtures.Callback, s shell.Streams) ([]*fixtures.Payload, error) {
	var payloads []*fixtures.Payload
	some := slices.ContainsFunc(callbacks, (*fixtures.Callback).IsMessage)
	for _, c := range callbacks {
		flags := *f
		if some && !c.IsMessage() {
			flags.Message = ""
		}
		p, err := flags.Build(c, s)
		if err != nil {
			return nil, err
		}
		payloads = append(payloads, p)
	}
	return payloads, nil
}

// Build makes the payload of a callback, edited as the flags say.
func (f *PayloadFlags) Build(c *fixtures.Callback, s shell.Streams) (*fixtures.Payload, error) {
	p, err := f.unedited(c)
	if err != nil {
		return nil, err
	}
	if !c.SentFor(p.Message.Code, p.Server) {
		fmt.Fprintf(s.Err, "imcb: note: OpenIM %s does not send %s for messages of the kind %s\n", p.Server, c.Key, p.Message.Name)
	}
	if f.data != "" {
		body, err := readArgument(f.data, s)
		if err != nil {
			return nil, err
		}
		p.SetBody(body)
	}
	if err := f.edit(p); err != nil {
		return nil, err
	}
	return p, nil
}

// edit changes the payload as the flags say.
func (f *PayloadFlags) edit(p *fixtures.Payload) error {
	for _, e := range f.edits {
		if err := f.apply(e, p); err != nil {
			return shell.Usagef("--%s: %w", e.flag, err)
		}
	}
	return nil
}

// AddCover adds --cover.
func (f *PayloadFlags) AddCover(c *cobra.Command) {
	const usage = "how many requests each callback gets: `which` is one (the ordinary one), each (and those with each value of each field) or pairs (and those with any two values); with --scenario, how often that is played"
	shell.AddChoice(c, &f.cover, "cover", validate.CoverEach, usage, validate.Coverages()...)
	shell.Exclusive(c, "cover", "data")
	f.moreKinds = []string{allMessages}
	c.Flags().Lookup("message").Usage += "; all is every kind, one after another"
}

// allMessages is the --message of a run that covers every kind.
const allMessages = "all"

// TakeCover says which requests are sent beside the ordinary ones. A whole body
// is sent alone.
func (f *PayloadFlags) TakeCover() (play.CoverOptions, error) {
	o := play.CoverOptions{Cover: f.cover}
	if f.data != "" {
		o.Cover = validate.CoverOne
	}
	if o.AllMessages = f.Message == allMessages; o.AllMessages {
		if f.Message = ""; o.Cover == validate.CoverOne {
			return o, shell.Usagef("--message all needs more than one request for each callback: --cover each")
		}
	}
	if f.data != "" {
		o.Cover = validate.CoverOne
	}
	if len(f.edits) > 0 {
		o.Edit = f.edit
	}
	return o, nil
}

// unedited makes the payload that the flags for edits change.
func (f *PayloadFlags) unedited(c *fixtures.Callback) (*fixtures.Payload, error) {
	opts := fixtures.PayloadOptions{Server: f.Server.Release, Message: f.Message, OperationID: f.OperationID, Seed: f.Seed, Time: f.Time}
	if f.Case != "" {
		k, err := c.Case(f.Server.Release, f.Case)
		if err != nil {
			return nil, shell.Usagef("%w\n  `imcb show %s --requests --server %s` shows them all", err, c.Key, f.Server)
		}
		return k.Payload(opts)
	}
	p, err := c.Payload(opts)
	if _, unknown := errors.AsType[*words.UnknownError](err); unknown {
		return nil, shell.Usagef("%w\n  `imcb list --messages` shows them all", err)
	}
	return p, err
}

func (f *PayloadFlags) apply(e edit, p *fixtures.Payload) error {
	switch {
	case e.flag == "unset":
		return p.Unset(e.path)
	case f.add && !slices.Contains(p.Paths(), e.path):
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
	return fixtures.JSON(e.text)
}

// readArgument reads "text", "@file" or "-" for standard input.
func readArgument(arg string, s shell.Streams) ([]byte, error) {
	file, named := strings.CutPrefix(arg, "@")
	if !named && arg != "-" {
		return []byte(arg), nil
	}
	text, _, err := s.ReadInput(file)
	return text, err
}
