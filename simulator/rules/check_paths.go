package rules

import (
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// checkPaths notes paths that begin with a field that no request has: most
// probably it is misspelt.
func (d *decoder) checkPaths(r *rule) {
	names := r.requestFields()
	for _, w := range r.match.where.list {
		if !w.condition.ofAbsent() {
			d.checkPath(r, w.Place, w.path, names)
		}
	}
	for _, a := range r.answers {
		for _, t := range a.templates() {
			for _, p := range t.Parts {
				if p.Reference == nil {
					continue
				}
				for _, o := range p.Reference.sources {
					d.checkPath(r, t.Place, o.path, names)
				}
			}
		}
	}
}

func (d *decoder) checkPath(r *rule, at yamlfile.Place, p path, names []string) {
	field := p.field()
	if field == "" || slices.Contains(names, field) {
		return
	}
	near := words.DidYouMean(field, names)
	if near.IsZero() {
		near = say("path.show")
	}
	if keys := r.match.keys(); len(keys) > 0 {
		d.Fail(at, say("path.callback", "callback", keys[0], "more", words.More(len(keys)-1), "field", field, "near", near))
		return
	}
	d.Fail(at, say("path", "field", field, "near", near))
}

// requestFields are the names of the fields that the requests of any version
// have.
func (r *rule) requestFields() []string {
	var names []string
	for _, c := range r.match.found {
		names = append(names, fixtures.FieldNames(c.Request)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// field is the name with which a plain path begins; "" for any other.
func (p path) field() string {
	name, _, _ := strings.Cut(p.text, ".")
	for _, r := range name {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' {
			return ""
		}
	}
	return name
}

// templates are all that the answer holds.
func (a *answer) templates() []*template {
	all := []*template{a.refusal.message, a.refusal.detail, a.raw.body}
	for _, h := range a.raw.headers {
		all = append(all, h.value)
	}
	for _, f := range a.fields {
		all = append(all, templatesIn(f.Value)...)
	}
	return slices.DeleteFunc(all, func(t *template) bool { return t == nil })
}

func templatesIn(v *value) []*template {
	all := []*template{v.Text}
	for _, item := range v.Items {
		all = append(all, templatesIn(item)...)
	}
	for _, m := range v.Members {
		all = append(all, templatesIn(m.Value)...)
	}
	return all
}
