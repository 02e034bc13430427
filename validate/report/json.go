package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/validate"
)

// Schema is the version of the JSON report's form.
const Schema = 1

// jsonReport writes one document, result by result, so that a long run needs
// no more memory than a short one.
type jsonReport struct {
	form
	some bool // results
}

func newJSON(f form) Reporter { return &jsonReport{form: f} }

func (r *jsonReport) Begin(run Run) error {
	contract := cmp.Or(run.Contract, validate.Both)
	_, err := fmt.Fprintf(r.w, `{"schema":%d,"server":%q,"contract":%q,"results":[`+"\n", Schema, run.servers(), contract)
	return err
}

func (r *jsonReport) Report(result validate.Result) error {
	text, err := marshal(result)
	if err != nil {
		return err
	}
	if r.some {
		text = append([]byte(",\n"), text...)
	}
	r.some = true
	_, err = r.w.Write(text)
	return err
}

func (r *jsonReport) End(s Summary) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.w, "\n],\"summary\":%s}\n", text)
	return err
}

// jsonlReport writes a result per line.
type jsonlReport struct{ form }

func newJSONL(f form) Reporter { return &jsonlReport{f} }

func (r *jsonlReport) Report(result validate.Result) error {
	text, err := marshal(result)
	if err != nil {
		return err
	}
	_, err = r.w.Write(append(text, '\n'))
	return err
}

func (*jsonlReport) End(Summary) error { return nil }

func marshal(result validate.Result) ([]byte, error) {
	text, err := json.Marshal(result)
	return escapeControls(text), err
}

// escapeControls writes the characters that steer a terminal and that JSON
// leaves as they are as escapes, which mean the same.
func escapeControls(text []byte) []byte {
	if bytes.IndexFunc(text, steers) < 0 {
		return text
	}
	escaped := make([]byte, 0, len(text)+64)
	for _, r := range string(text) {
		if steers(r) {
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		} else {
			escaped = utf8.AppendRune(escaped, r)
		}
	}
	return escaped
}

// steers reports whether the character is DEL, a C1 control or reorders text.
func steers(r rune) bool {
	return r >= 0x7f && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
}
