package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/validate"
)

// Schema is the version of the JSON report's form.
const Schema = 1

// jsonReport writes one document, result by result, so that a long run needs
// no more memory than a short one.
type jsonReport struct {
	w     io.Writer
	opts  Options
	begun bool
}

func newJSON(w io.Writer, o Options) Reporter { return &jsonReport{w: w, opts: o} }

func (r *jsonReport) begin() error {
	if r.begun {
		_, err := io.WriteString(r.w, ",\n")
		return err
	}
	r.begun = true
	_, err := fmt.Fprintf(r.w, `{"schema":%d,"server":%q,"results":[`+"\n", Schema, r.opts.servers())
	return err
}

func (r *jsonReport) Report(result validate.Result) error {
	text, err := marshal(result)
	if err != nil {
		return err
	}
	if err := r.begin(); err != nil {
		return err
	}
	_, err = r.w.Write(text)
	return err
}

func (r *jsonReport) Close(s validate.Summary) error {
	if !r.begun {
		if err := r.begin(); err != nil {
			return err
		}
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.w, "\n],\"summary\":%s}\n", text)
	return err
}

// jsonlReport writes a result per line.
type jsonlReport struct{ w io.Writer }

func newJSONL(w io.Writer, _ Options) Reporter { return jsonlReport{w} }

func (r jsonlReport) Report(result validate.Result) error {
	text, err := marshal(result)
	if err != nil {
		return err
	}
	_, err = r.w.Write(append(text, '\n'))
	return err
}

func (jsonlReport) Close(validate.Summary) error { return nil }

func marshal(result validate.Result) ([]byte, error) {
	text, err := json.Marshal(maskResult(result))
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
