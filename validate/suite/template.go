package suite

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/tidwall/gjson"
)

// template is text with references to what was sent and received.
type template = yamlfile.Template[reference]

// reference is "${…}" with what only a run knows. It has the value of the
// first of its sources that is there and neither null nor empty, else of the
// last.
type reference struct {
	yamlfile.Place
	written string
	sources []origin
}

// origin is a value of a step's request or reply, or a variable's.
type origin struct {
	// fixed is the variable's value; nil: it is none.
	fixed json.RawMessage
	// step counts from 1; 0 is the step itself.
	step int
	// side is "request", "reply" or "applied".
	side string
	// path is in gjson's syntax.
	path string
}

func (c *Captures) expand(t *template) (string, error) {
	if s, ok := t.Fixed(); ok {
		return s, nil
	}
	var b strings.Builder
	for _, p := range t.Parts {
		if p.Reference == nil {
			b.WriteString(p.Text)
			continue
		}
		v, err := c.resolve(p.Reference)
		if err != nil {
			return "", err
		}
		b.WriteString(v.String())
	}
	return b.String(), nil
}

// scope says what "${…}" may refer to.
type scope struct {
	// env: also to the environment. Only the top of a file reads it, so that
	// all that comes from there is in one place.
	env bool
	// secret: what comes from the environment must not be shown.
	secret bool
	// step is the step, and before are those before it in the file; nil: outside
	// of a case.
	step   *Step
	before []*Step
	// own: also to the step's own request, for expectations.
	own bool
}

// stepScope is what a step's request may refer to, ownScope its expectations.
func (d *decoder) stepScope() scope { return scope{step: d.step, before: d.before} }
func (d *decoder) ownScope() scope  { return scope{step: d.step, before: d.before, own: true} }

// template reads text with references. Those to variables and to the
// environment are replaced at once.
func (d *decoder) template(n *yamlfile.Node, in scope) *template {
	t := new(template)
	t.Read(d, n, func(inside string) { d.reference(t, inside, in) })
	return t
}

// variableName is what follows "${" when it is not a step's value.
var variableName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(vars\.)?([A-Za-z_][A-Za-z0-9_-]*)$`)
})

// reference adds what "${inside}" stands for.
func (d *decoder) reference(t *template, inside string, in scope) {
	if strings.HasPrefix(inside, "steps.") || strings.HasPrefix(inside, "request.") || strings.HasPrefix(inside, "reply.") || strings.HasPrefix(inside, "applied.") {
		d.captured(t, inside, in)
		return
	}
	name, fallback, hasDefault := strings.Cut(inside, ":-")
	match := variableName().FindStringSubmatch(strings.TrimSpace(name))
	if match == nil {
		d.Fail(t.Place, say("reference.none", "written", inside))
		return
	}
	if raw, ok := d.vars[match[2]]; ok {
		t.Add(gjson.ParseBytes(raw).String())
		return
	}
	if in.env && match[1] == "" {
		if value := d.env(match[2]); value != "" {
			if in.secret {
				d.suite.secrets.add(value)
			}
			t.Add(value)
			return
		}
	}
	if !hasDefault {
		d.undefined(t.Place, inside, match[2], in)
		return
	}
	t.Add(fallback)
}

func (d *decoder) undefined(p yamlfile.Place, written, name string, in scope) {
	switch near := words.DidYouMean(name, slices.Collect(maps.Keys(d.vars))); {
	case !near.IsZero():
		d.Fail(p, say("reference.misspelt", "written", written, "near", near))
	case in.env:
		d.Fail(p, say("reference.unset", "written", written))
	default:
		d.Fail(p, say("reference.undefined", "written", written))
	}
}

// captured adds a reference to a request or reply: one origin, or several
// with "??" between them.
func (d *decoder) captured(t *template, inside string, in scope) {
	ref := &reference{Place: t.Place, written: "${" + inside + "}"}
	for _, written := range strings.Split(inside, " ?? ") {
		o, err := d.origin(strings.TrimSpace(written), in)
		if err != nil {
			d.Fail(t.Place, say("reference", "written", inside, "error", err))
			return
		}
		ref.sources = append(ref.sources, o)
	}
	t.AddReference(ref)
}

// origin reads "steps.1.reply.groupID", "request.groupID" or "vars.group".
func (d *decoder) origin(s string, in scope) (origin, error) {
	name, isVariable := strings.CutPrefix(s, "vars.")
	if !isVariable {
		return parseOrigin(s, in)
	}
	if raw, ok := d.vars[name]; ok {
		return origin{fixed: raw}, nil
	}
	return origin{}, say("reference.variable", "name", s).Err()
}

func parseOrigin(s string, in scope) (origin, error) {
	var o origin
	rest, earlier := strings.CutPrefix(s, "steps.")
	if earlier {
		digits, after, _ := strings.Cut(rest, ".")
		n, err := strconv.Atoi(digits)
		if err != nil || n < 1 {
			return o, say("reference.number").Err()
		}
		if n > len(in.before) || !in.step.follows(in.before[n-1]) {
			return o, say("reference.later", "step", n).Err()
		}
		o.step, rest = n, after
	}
	side, path, _ := strings.Cut(rest, ".")
	switch {
	case !slices.Contains([]string{"request", "reply", "applied"}, side):
		return o, say("reference.side", "side", side).Err()
	case path == "":
		return o, say("reference.field", "written", s).Err()
	case !earlier && !in.own:
		return o, say("reference.own-request").Err()
	case !earlier && side != "request":
		return o, say("reference.own-reply").Err()
	}
	o.side, o.path = side, path
	return o, nil
}
