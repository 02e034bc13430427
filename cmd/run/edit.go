package run

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"os"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
)

// EditBody opens the request's body in the user's editor and takes what they
// leave: JSON in OpenIM's compact form, anything else as it is.
func EditBody(p *fixtures.Payload, s shell.Streams) error {
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
	err := c.Run()
	select {
	case <-s.Done:
		return shell.Interrupted()
	default:
	}
	if err != nil {
		return shell.Usagef("--edit: %s: %w", editor, err)
	}
	return nil
}
