package webhooks

import (
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// EnvPrefix is how OpenIM names the environment variables of webhooks.yml:
// IMENV_, the file's name in upper case, then the path of the setting with "_"
// for ".".
const EnvPrefix = "IMENV_WEBHOOKS_"

// Env returns the environment variables that make an OpenIM with its shipped
// webhooks.yml behave as if it had this file, one NAME=value each: the url and
// the settings of the callbacks that are on and that s knows. OpenIM
// takes a setting from the environment only if its own file has it, too; the
// notes say what can't be set so. Some servers read no such variables.
func (f *File) Env(s validate.Server) (lines []string, notes []words.Text) {
	w := f.as(s.Release)
	switch {
	case !w.flat:
		return nil, []words.Text{say("env.none", "server", w.v)}
	case s.IgnoresEnvironment():
		return nil, []words.Text{say("env.one-process", "server", s.OrDefault())}
	}
	env := envLines{v: w.v}
	if url := f.URL(); url != "" {
		env.set("URL", url)
	}
	for _, e := range w.entries {
		if e.on() && e.callback != nil && keyIn(e.callback, w.v) != "" {
			env.entry(e)
		}
	}
	return env.lines, env.notes
}

type envLines struct {
	v     fixtures.Release
	lines []string
	notes []words.Text
}

func (l *envLines) set(name, value string) { l.lines = append(l.lines, EnvPrefix+name+"="+value) }

func (l *envLines) note(text words.Text) { l.notes = append(l.notes, text) }

func (l *envLines) entry(e *entry) {
	prefix := strings.ToUpper(keyIn(e.callback, l.v))
	l.set(prefix+"_ENABLE", "true")
	if s := e.get("timeout"); s.wrong.IsZero() {
		l.set(prefix+"_TIMEOUT", strconv.FormatInt(s.seconds, 10))
	}
	if s := e.read("failedContinue"); !s.absent() {
		l.set(prefix+"_FAILEDCONTINUE", strconv.FormatBool(s.flag))
	}
	for _, name := range []string{"attentionIds", "deniedTypes", "allowedTypes"} {
		if hasSetting(name, e.callback.Phase, l.v) {
			l.list(e.get(name), name, e.callback)
		}
	}
}

// list adds the line of a list: its items joined by commas, without brackets.
func (l *envLines) list(s *setting, name string, c *fixtures.Callback) {
	key, shipped := keyIn(c, l.v), shipsList(c, name, l.v)
	variable := strings.ToUpper(key + "_" + name)
	switch {
	case !s.wrong.IsZero():
		l.note(say("env.wrong", "variable", EnvPrefix+variable, "why", s.wrong))
	case s.items == nil && shipped && l.v.Filter().EmptySilences:
		l.note(say("env.silenced", "setting", name, "server", l.v, "key", key))
	case len(s.items) == 0:
	case !shipped:
		l.note(say("env.not-shipped", "server", l.v, "setting", name, "key", key, "variable", EnvPrefix+variable))
	case slices.ContainsFunc(s.items, func(item string) bool { return strings.Contains(item, ",") }):
		l.note(say("env.comma", "variable", EnvPrefix+variable))
	default:
		l.set(variable, strings.Join(s.items, ","))
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
