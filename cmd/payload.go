package cmd

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
)

// payloadFlags say what a request holds.
type payloadFlags struct {
	server      validate.Server
	contentType string
	operationID string
	seed        *uint64
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
	shell.AddSeed(c, &f.seed, "make ids and times the same in every run, chosen by this `number`")
	f.addEditFlag(c, "set", "give a field a value: `path=value`; JSON, or text where the field is a string (repeatable)")
	f.addEditFlag(c, "set-string", "give a field a string, whatever its type: `path=text` (repeatable)")
	f.addEditFlag(c, "unset", "remove the field at this `path` (repeatable)")
	flags.BoolVar(&f.add, "add", false, "let --set and --set-string add fields that the request does not have")
	flags.StringVarP(&f.data, "data", "d", "", "send this `body` instead, byte for byte; @file reads a file, - stdin")
	shell.Complete(c, shell.SpaceFollows, func([]string, string) []string { return fixtures.ContentTypeNames() }, "content-type")
	shell.Complete(c, shell.ValueFollows, fieldWords, "set", "set-string")
	shell.Exclusive(c, "data", "set", "set-string", "unset")
}

func (f *payloadFlags) addEditFlag(c *cobra.Command, flag, usage string) {
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

// madeOnly are the flags that change a request that imcb makes, and not one that
// was recorded or that a suite describes.
var madeOnly = []string{"set", "set-string", "unset", "add", "data", "content-type"}

// buildAll makes a payload for each callback.
func (f *payloadFlags) buildAll(callbacks []*fixtures.Callback, s shell.Streams) ([]*fixtures.Payload, error) {
	var payloads []*fixtures.Payload
	for _, c := range callbacks {
		p, err := f.build(c, s)
		if err != nil {
			return nil, err
		}
		payloads = append(payloads, p)
	}
	return payloads, nil
}

// build makes the payload of a callback, edited as the flags say.
func (f *payloadFlags) build(c *fixtures.Callback, s shell.Streams) (*fixtures.Payload, error) {
	p, err := c.Payload(fixtures.PayloadOptions{Server: f.server.Release, ContentType: f.contentType, OperationID: f.operationID, Seed: f.seed})
	if err != nil {
		return nil, err
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
			return nil, shell.Usagef("--%s: %w", e.flag, err)
		}
	}
	return p, nil
}

func (f *payloadFlags) apply(e edit, p *fixtures.Payload) error {
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
	text, _ := json.Marshal(e.text) // a string always encodes
	return text
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

// editBody opens the request's body in the user's editor and takes what they
// leave: JSON in OpenIM's compact form, anything else as it is.
func editBody(p *fixtures.Payload, s shell.Streams) error {
	shown := p.Body
	if pretty := new(bytes.Buffer); json.Indent(pretty, p.Body, "", "  ") == nil {
		shown = pretty.Bytes()
	}
	f, err := os.CreateTemp("", "imcb-*.json")
	if err != nil {
		return shell.Machine(err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(shown)
	if err := errors.Join(err, f.Close()); err != nil {
		return shell.Machine(err)
	}
	if err := runEditor(s, f.Name()); err != nil {
		return err
	}
	text, err := os.ReadFile(f.Name())
	if err != nil {
		return shell.Machine(err)
	}
	if !bytes.Equal(text, shown) {
		p.SetBody(asOpenIM(text))
	}
	return nil
}

// asOpenIM gives JSON the form of OpenIM's encoder.
func asOpenIM(text []byte) []byte {
	var compact, body bytes.Buffer
	if json.Compact(&compact, text) != nil {
		return text
	}
	json.HTMLEscape(&body, compact.Bytes())
	body.WriteByte('\n')
	return body.Bytes()
}

func runEditor(s shell.Streams, file string) error {
	editor := cmp.Or(s.Getenv("VISUAL"), s.Getenv("EDITOR"))
	if editor == "" {
		return shell.Usagef("--edit: no editor is set: set VISUAL or EDITOR, for example EDITOR=nano")
	}
	c := shellCommand(editor + " " + file)
	c.SysProcAttr = nil // the editor needs the terminal, so it stays in our process group
	c.Stdin, c.Stdout, c.Stderr = s.In, s.Err, s.Err
	if err := c.Run(); err != nil {
		return shell.Usagef("--edit: %s: %w", editor, err)
	}
	return nil
}
