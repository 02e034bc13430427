package suite

import (
	"math"
	"strings"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// wantedWords reads what is wanted of a list: its members, or "none".
func (d *decoder) wantedWords(n *yamlfile.Node, what string) *listWant {
	w := &listWant{Place: n.Place}
	if !isNone(n) {
		w.is = d.Words(n, what)
	}
	return w
}

func isNone(n *yamlfile.Node) bool { return n.Kind == yamlfile.Text && n.Text == "none" }

// numberRange reads a number, or a range like 5000-9999.
func (d *decoder) numberRange(n *yamlfile.Node, what string, high int32) (validate.Range, bool) {
	r, ok := validate.ParseRange(n.Written)
	ok = ok && r.High <= high && (n.Kind == yamlfile.Number || n.Kind == yamlfile.Text)
	if !ok {
		example := validate.Range{Low: 5000, High: 9999}
		if high == maxStatus {
			example = validate.Range{Low: 200, High: 299}
		}
		d.Fail(n.Place, say("range", "what", what, "most", high, "example", example))
	}
	return r, ok
}

const (
	maxStatus = 999
	maxCode   = math.MaxInt32
)

// numberRanges reads one number or range, or a list of them.
func (d *decoder) numberRanges(n *yamlfile.Node, what string, high int32) *codesWant {
	w := &codesWant{Place: n.Place}
	if n.Kind == yamlfile.List && len(n.Items) == 0 {
		d.Fail(n.Place, say("range.none", "what", what))
	}
	for _, item := range n.OneOrMany() {
		if r, ok := d.numberRange(item, what, high); ok {
			w.is = append(w.is, r)
		}
	}
	return w
}

// setting reads a setting of the run, which may come from the environment.
// What is nothing but one variable is no secret.
func (d *decoder) setting(n *yamlfile.Node, what string) (*yamlfile.Node, bool) {
	if n.Kind != yamlfile.Text {
		return n, n.Kind == yamlfile.Number || d.Want(n, yamlfile.Text, what)
	}
	before := len(d.Problems)
	_, alone := strings.CutPrefix(n.Text, "${")
	alone = alone && strings.HasSuffix(n.Text, "}") && strings.Count(n.Text, "${") == 1
	s, _ := d.template(n, scope{env: true, secret: !alone}).Fixed()
	expanded := *n
	expanded.Text, expanded.Written = s, s
	if n.Text != s && isDigits(s) {
		expanded.Kind = yamlfile.Number
	}
	return &expanded, len(d.Problems) == before
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
