package webhooks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// envPrefix is how OpenIM names the environment variables of webhooks.yml:
// IMENV_, the file's name in upper case, then the path of the setting with "_"
// for ".".
const envPrefix = "IMENV_WEBHOOKS_"

// Env returns the environment variables that make an OpenIM with its shipped
// webhooks.yml behave as if it had this file, one NAME=value each: the url and
// the settings of the callbacks that are on and that version v knows. OpenIM
// takes a setting from the environment only if its own file has it, too; the
// notes say what can't be set so. 3.5 and 3.6 read no such variables.
func (f *File) Env(v fixtures.Release) (lines, notes []string) {
	v = v.OrDefault()
	if formOf(v) == section {
		return nil, []string{fmt.Sprintf("OpenIM %s reads no IMENV_ variables; 3.7 and later do", v)}
	}
	env := envLines{v: v}
	if url := f.URL(); url != "" {
		env.set("URL", url)
	}
	for _, e := range f.entries(v) {
		on, _ := loadBool(e.read("enable", v), v)
		if on && e.callback != nil && keyIn(e.callback, v) != "" {
			env.entry(&e)
		}
	}
	return env.lines, env.notes
}

type envLines struct {
	v            fixtures.Release
	lines, notes []string
}

func (l *envLines) set(path, value string) {
	l.lines = append(l.lines, envName(path)+"="+value)
}

func (l *envLines) note(format string, args ...any) {
	l.notes = append(l.notes, "mount the file instead: "+fmt.Sprintf(format, args...))
}

func envName(path string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// entry adds the lines of one callback.
func (l *envLines) entry(e *entry) {
	key := keyIn(e.callback, l.v)
	l.set(key+".enable", "true")
	if seconds, loaded := loadSeconds(e.read("timeout", l.v), l.v); loaded.wrong == "" {
		l.set(key+".timeout", strconv.FormatInt(seconds, 10))
	}
	if m := e.setting("failedContinue", l.v); m != nil && e.callback.Phase == fixtures.Before {
		goOn, _ := loadBool(m.value, l.v)
		l.set(key+".failedContinue", strconv.FormatBool(goOn))
	}
	for _, name := range []string{"attentionIds", "deniedTypes", "allowedTypes"} {
		if hasSetting(name, e.callback.Phase, l.v) {
			l.list(e, key, name)
		}
	}
}

// list adds the line of a list: its items joined by commas, without brackets.
func (l *envLines) list(e *entry, key, name string) {
	x := e.read(name, l.v)
	items, loaded := loadList(x)
	if name == "deniedTypes" {
		items, loaded = loadTypes(x, l.v)
	}
	shipped := shipsList(e.callback, name, l.v)
	switch {
	case loaded.wrong != "":
		l.notes = append(l.notes, fmt.Sprintf("%s is left out: OpenIM %s %s", envName(key+"."+name), l.v, loaded.wrong))
	case items == nil && shipped && l.v.Filter().EmptySilences:
		l.note("the empty %s list in OpenIM %s's own file silences %s, and no variable removes it", name, l.v, key)
	case len(items) == 0:
	case !shipped:
		l.note("OpenIM %s's own file has no %s in %s, so %s has no effect", l.v, name, key, envName(key+"."+name))
	case slices.ContainsFunc(items, func(item string) bool { return strings.Contains(item, ",") }):
		l.note("%s can't hold an item with a comma", envName(key+"."+name))
	default:
		l.set(key+"."+name, strings.Join(items, ","))
	}
}

// shipsList reports whether version v's own webhooks.yml has the list.
func shipsList(c *fixtures.Callback, name string, v fixtures.Release) bool {
	if name == "attentionIds" {
		return slices.Contains(v.Config().Shipped, c.Key)
	}
	s := validate.SettingsOf(c)
	return s.FiltersTypes && s.Attention != validate.AttentionSaved && hasSetting(name, fixtures.Before, v)
}
