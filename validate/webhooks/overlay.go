package webhooks

import (
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// Origin is where a setting stands that is not in the file itself.
type Origin struct {
	validate.Place
	// Excerpt is the line there.
	Excerpt string
}

// Variable is one variable of an OpenIM's environment.
type Variable struct {
	Name, Value string
	Origin
}

// Shipped is the file that release v has from its makers, all off; at is what
// chooses the release, for findings about the file. It has the keys and values of
// the real one, in the catalog's order.
func Shipped(v fixtures.Release, at Origin) *File {
	v = v.OrDefault()
	var b strings.Builder
	b.WriteString("url: " + v.Config().URL + "\n")
	for _, c := range fixtures.All() {
		if key := keyIn(c, v); key != "" {
			b.WriteString(key + ":\n" + shippedSettings(c, v))
		}
	}
	for _, key := range deadKeys {
		b.WriteString(key + ":\n  enable: false\n  timeout: 5\n")
	}
	text := b.String()
	if !v.Config().Flat {
		text = wrapperKey + ":\n  " + strings.TrimSpace(strings.ReplaceAll(text, "\n", "\n  ")) + "\n"
	}
	f, err := Parse("webhooks.yml", []byte(text))
	if err != nil {
		panic(err) // made of names alone
	}
	return f.At(at)
}

func shippedSettings(c *fixtures.Callback, v fixtures.Release) string {
	lines := []string{"enable: false", "timeout: " + strconv.Itoa(int(validate.DefaultTimeout.Seconds()))}
	if hasSetting("failedContinue", c.Phase, v) {
		lines = append(lines, "failedContinue: true")
	}
	for _, name := range v.Config().Lists {
		if shipsList(c, name, v) {
			lines = append(lines, name+": []")
		}
	}
	return "  " + strings.Join(lines, "\n  ") + "\n"
}

// At returns the file with all of its settings at one place.
func (f *File) At(at Origin) *File {
	moved := *f
	moved.at = &at
	return &moved
}

// Under returns the file as OpenIM reads it with these variables in its
// environment, of which the last of a name counts. ignored are those that have
// the prefix of the file's and are none of its settings: OpenIM looks up only the
// keys that the file has. An empty variable is as good as none.
func (f *File) Under(variables []Variable) (read *File, ignored []Variable) {
	over := *f
	over.origins = slices.Clone(f.origins)
	o := overlay{file: &over, given: make(map[string]Variable)}
	for _, v := range variables {
		if strings.HasPrefix(v.Name, EnvPrefix) {
			o.given[v.Name] = v
		}
	}
	over.root.members, _ = o.members(f.root.members, EnvPrefix)
	over.findWrapper()
	for _, v := range variables {
		if last, left := o.given[v.Name]; left && last == v {
			ignored = append(ignored, v)
		}
	}
	return &over, ignored
}

// overlay lays variables over settings.
type overlay struct {
	file *File
	// given are those that no setting has taken yet.
	given map[string]Variable
}

// members returns members with the values of variables. enabled is where one
// sets enable.
func (o *overlay) members(members []member, prefix string) (set []member, enabled *yamlfile.Place) {
	set = slices.Clone(members)
	for i := range set {
		m := &set[i]
		name := prefix + variableName(m.name)
		if m.value.kind == yamlfile.Mapping {
			var at *yamlfile.Place
			if m.value.members, at = o.members(m.value.members, name+"_"); at != nil {
				m.Place = *at
			}
			continue
		}
		v, ok := o.given[name]
		delete(o.given, name)
		if !ok || v.Value == "" {
			continue
		}
		o.file.origins = append(o.file.origins, v.Origin)
		at := yamlfile.Place{Line: -len(o.file.origins)}
		m.Place, m.value = at, value{Place: at, kind: yamlfile.Text, text: v.Value}
		if strings.EqualFold(m.name, "enable") {
			enabled = &at
		}
	}
	return set, enabled
}

func variableName(key string) string { return strings.ToUpper(strings.ReplaceAll(key, ".", "_")) }

// Variables are the names of the variables that the file's settings can be set
// with.
func (f *File) Variables() []string { return variablesOf(f.root.members, EnvPrefix) }

func variablesOf(members []member, prefix string) (names []string) {
	for _, m := range members {
		if name := prefix + variableName(m.name); m.value.kind == yamlfile.Mapping {
			names = append(names, variablesOf(m.value.members, name+"_")...)
		} else {
			names = append(names, name)
		}
	}
	return names
}

// isOwn reports whether a place is the release's own file: nobody set what stands
// there.
func (f *File) isOwn(at yamlfile.Place) bool { return f.at != nil && at.Line >= 0 }

// ownURL reports whether the url is the release's own.
func (w *view) ownURL() bool {
	return w.url == nil && w.file.at != nil || w.url != nil && w.file.isOwn(w.url.Place)
}

// OwnURL reports whether nobody set the url, so that it is the release's own.
func (f *File) OwnURL() bool { return f.as(fixtures.Newest()).ownURL() }

// SettingOf is the callback's key and the setting that a variable stands for,
// whichever release has them. Not ok: it stands for none. A section as a whole has
// no setting.
func SettingOf(variable string) (key, setting string, ok bool) {
	name, own := strings.CutPrefix(variable, EnvPrefix)
	if !own {
		return "", "", false
	}
	for _, c := range fixtures.All() {
		rest, is := strings.CutPrefix(name, variableName(c.Key))
		if is && rest == "" {
			return c.Key, "", true
		}
		for _, setting := range settingNames {
			if is && rest == "_"+variableName(setting) {
				return c.Key, setting, true
			}
		}
	}
	return "", "", false
}

// where is a place in the file, or that of the variable that stands for it: its
// line is negative.
func (f *File) where(at yamlfile.Place) Origin {
	switch {
	case at.Line < 0:
		return f.origins[-at.Line-1]
	case f.at != nil:
		return *f.at
	default:
		line := max(at.Line, 1) + f.inset.Line
		return Origin{validate.Place{File: f.Name, Line: line, Column: max(at.Col, 1) + f.inset.Col}, f.Line(line)}
	}
}
