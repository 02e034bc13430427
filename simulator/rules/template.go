package rules

import (
	"strconv"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/tidwall/gjson"
)

// The limits of templates: what one amounts to in bytes, and how many
// references and functions it has.
const (
	maxOutput     = 1 << 20
	maxReferences = 100
	maxFunctions  = 5
)

// template is text with references to the request.
type template = yamlfile.Template[reference]

// reference is "${…}". It has the value of the first of its sources that is
// there and neither null nor empty, else of the last; then its functions
// change it.
type reference struct {
	sources   []origin
	functions []function
}

// origin is where a value comes from.
type origin struct {
	// kind is request, header, callback, command, now or count.
	kind string
	// path is a request's, name a header's.
	path path
	name string
}

func (d *decoder) template(n *node) *template {
	t := new(template)
	references := 0
	t.Read(d, n, func(inside string) {
		ref, err := parseReference(inside)
		if references++; references == maxReferences+1 {
			err = say("reference.count", "most", maxReferences).Err()
		}
		if err != nil {
			d.Fail(n.Place, say("reference", "written", inside, "error", err))
			return
		}
		t.AddReference(ref)
	})
	return t
}

func parseReference(inside string) (*reference, error) {
	pieces := strings.Split(inside, "|")
	if len(pieces) > maxFunctions+1 {
		return nil, say("reference.functions", "most", maxFunctions).Err()
	}
	ref := new(reference)
	for _, written := range strings.Split(pieces[0], " ?? ") {
		o, err := parseOrigin(strings.TrimSpace(written))
		if err != nil {
			return nil, err
		}
		ref.sources = append(ref.sources, o)
	}
	for _, name := range pieces[1:] {
		f, err := lookupFunction(strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		ref.functions = append(ref.functions, f)
	}
	return ref, nil
}

// parseOrigin reads "request.sendID", "header.Operationid", "callback",
// "command", "now" or "count".
func parseOrigin(s string) (origin, error) {
	kind, name, _ := strings.Cut(s, ".")
	o := origin{kind: kind}
	switch kind {
	case "request":
		if name == "" || len(name) > maxPath {
			return o, say("reference.request").Err()
		}
		o.path = newPath(name)
	case "header":
		if !yamlfile.IsHeaderName(name) {
			return o, say("reference.header").Err()
		}
		o.name = name
	case "callback", "command", "now", "count":
		if name != "" {
			return o, say("reference.fields", "name", kind).Err()
		}
	default:
		return o, unknownReference(kind)
	}
	return o, nil
}

var referenceNames = []string{"request.PATH", "header.NAME", "callback", "command", "now", "count"}

func unknownReference(name string) error {
	near := words.DidYouMean(name, []string{"request", "header", "callback", "command", "now", "count"})
	if near.IsZero() {
		return say("reference.none", "names", referenceNames).Err()
	}
	return say("reference.misspelt", "near", near).Err()
}

// expand fills the template in. A reference without a value, or with one that
// would make the text too large, leaves nothing.
func (t *turn) expand(text *template) string {
	if text == nil {
		return ""
	}
	if s, ok := text.Fixed(); ok {
		return s
	}
	var b strings.Builder
	for _, p := range text.Parts {
		s := p.Text
		if p.Reference != nil {
			s = p.Reference.value(t).String()
			if b.Len()+len(s) > maxOutput {
				continue
			}
		}
		b.WriteString(s)
	}
	return b.String()
}

func (r *reference) value(t *turn) gjson.Result {
	var v gjson.Result
	for _, o := range r.sources {
		v = o.value(t)
		if v.Exists() && v.Type != gjson.Null && v.String() != "" {
			break
		}
	}
	for _, f := range r.functions {
		if len(v.Raw) > maxOutput {
			return gjson.Result{}
		}
		v = f(v)
	}
	return v
}

func (o *origin) value(t *turn) gjson.Result {
	a := t.request.arrival
	switch o.kind {
	case "request":
		return o.path.in(t.request.text())
	case "header":
		return t.request.header(o.name)
	case "callback":
		if a.Callback == nil {
			return gjson.Result{}
		}
		return textResult(a.Callback.Key)
	case "command":
		return textResult(a.Command)
	case "now":
		now := a.Time
		if now.IsZero() {
			now = time.Now()
		}
		return numberResult(now.UnixMilli())
	default:
		return numberResult(int64(t.count))
	}
}

func numberResult(n int64) gjson.Result {
	return gjson.Result{Type: gjson.Number, Num: float64(n), Raw: strconv.FormatInt(n, 10)}
}

// value is a JSON value whose texts may hold references, member a field of an
// object.
type (
	value  = yamlfile.Value[reference]
	member = yamlfile.Member[reference]
)

func (d *decoder) members(n *node) []member {
	return yamlfile.NewMembers(n, func(v *value, n *node) { v.Set(d.template(n)) })
}

// appendText writes the text as JSON, or the value of the reference that stands
// alone, which keeps its type; without a value, or with one that is too large,
// it is null.
func (t *turn) appendText(b []byte, text *template) ([]byte, error) {
	var raw string
	if ref := text.Whole(); ref != nil {
		raw = ref.value(t).Raw
	} else {
		raw = string(fixtures.JSON(t.expand(text)))
	}
	if raw == "" || len(b)+len(raw) > maxOutput {
		raw = "null"
	}
	return append(b, raw...), nil
}
