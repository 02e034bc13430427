package deployment

import (
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
)

var variableRules = []*rule{
	newRule("lint-env-unread", validate.Error, sourceServers, "variables for an OpenIM that reads none", (*pass).unread),
	newRule("lint-env-name", validate.Error, sourceServers, "a variable that OpenIM does not know, and ignores without a word", (*pass).names),
	newRule("lint-env-no-key", validate.Error, sourceServers, "a variable of a setting that the webhooks.yml there does not have", (*pass).noKeys),
	newRule("lint-env-not-passed", validate.Error, sourceCompose, "a variable in .env that no service takes", (*pass).notPassed),
	newRule("lint-env-other-program", validate.Error, sourceLoader, "a variable of a container that does not read webhooks.yml", (*pass).otherPrograms),
	newRule("lint-env-quotes", validate.Error, sourceServers, "quotes that are part of a variable's value", (*pass).quotes),
	newRule("lint-env-empty", validate.Warning, sourceServers, "an empty variable, which is as good as none", (*pass).empty),
	newRule("lint-env-placeholder", validate.Warning, sourceCompose, "a placeholder without a value", (*pass).placeholders),
	newRule("lint-env-no-text", validate.Error, sourceKubernetes, "a variable that is no text, which Kubernetes refuses", (*pass).noText),
}

// unread tells of the first variable, and how many more there are.
func (p *pass) unread() {
	if !p.Server.IgnoresEnvironment() && p.Server.Release.Config().Flat {
		return
	}
	var own []webhooks.Variable
	for _, v := range p.variables {
		if aboutCallbacks(v.Name) || isLog(v.Name) {
			own = append(own, v)
		}
	}
	switch {
	case len(own) == 0:
	case p.Server.IgnoresEnvironment():
		services, _ := p.Server.Other()
		p.report(own[0].Origin, say("env-unread", "server", p.Server, "n", len(own)), say("env-unread.hint", "services", services))
	default:
		p.report(own[0].Origin, say("env-unread.old", "server", p.Server, "n", len(own)), say("env-unread.hint-old"))
	}
}

// names tells of variables that someone means for webhooks.yml, and which are none
// of its in any version.
func (p *pass) names() {
	if p.Server.IgnoresEnvironment() {
		return
	}
	for _, v := range p.variables {
		ignored := slices.Contains(p.ignored, v) || !strings.HasPrefix(v.Name, webhooks.EnvPrefix) && aboutCallbacks(v.Name)
		if _, setting, known := webhooks.SettingOf(v.Name); !ignored || known && setting != "" {
			continue
		}
		message := say("env-name", "name", short(v.Name))
		if key, _, section := webhooks.SettingOf(v.Name); section {
			message = say("env-name.section", "name", short(v.Name), "key", key)
		}
		p.report(v.Origin, message, p.meant(v.Name))
	}
}

// meant says which variable a wrong name stands for.
func (p *pass) meant(name string) words.Text {
	if near := likeVariable(name, p.Webhooks.Variables()); near != "" {
		return say("env-name.hint", "name", near)
	}
	return say("env-name.hint-none")
}

// squeeze is a name without what people write otherwise.
var squeeze = strings.NewReplacer("_", "", ".", "", "-", "", " ", "")

// likeVariable is the variable that a name is most like; "" when none is.
func likeVariable(name string, known []string) string {
	bare := squeeze.Replace(strings.ToUpper(name))
	for _, k := range known {
		if squeeze.Replace(k) == bare {
			return k
		}
	}
	part, setting := strings.TrimPrefix(name, webhooks.EnvPrefix), "ENABLE"
	if i := strings.LastIndex(part, "_"); i > 0 {
		part, setting = part[:i], part[i+1:]
	}
	if c, ok := fixtures.Find(part); ok {
		if meant := webhooks.EnvPrefix + strings.ToUpper(c.Key+"_"+setting); slices.Contains(known, meant) {
			return meant
		}
	}
	if near := words.Nearest(name, known); len(near) > 0 {
		return near[0]
	}
	return ""
}

// noKeys tells of variables that would be right if the file had the setting.
func (p *pass) noKeys() {
	for _, v := range p.ignored {
		key, setting, known := webhooks.SettingOf(v.Name)
		switch {
		case !known || setting == "":
		case p.shipped:
			p.report(v.Origin, say("env-no-key", "server", p.Server, "key", key, "setting", setting, "name", v.Name), say("env-no-key.hint"))
		default:
			p.report(v.Origin, say("env-no-key.mounted", "key", key, "setting", setting, "name", v.Name), say("env-no-key.hint-mounted"))
		}
	}
}

// notPassed tells of variables in .env: Compose fills in placeholders with them,
// no more.
func (p *pass) notPassed() {
	if !p.first || p.project.scope == nil || p.Server.IgnoresEnvironment() {
		return
	}
	for _, v := range p.project.scope.variables {
		if !aboutCallbacks(v.Name) || p.project.scope.used[v.Name] || p.given(v.Name) {
			continue
		}
		line := "- " + webhooks.EnvPrefix + "URL=${" + v.Name + "}"
		if strings.HasPrefix(v.Name, webhooks.EnvPrefix) {
			line = "- " + v.Name + "=${" + v.Name + "}"
		}
		hint := say("env-not-passed.hint", "service", p.name, "line", line)
		p.report(v.Origin, say("env-not-passed", "name", v.Name, "service", p.name), hint)
	}
}

// given reports whether an OpenIM gets a variable from elsewhere.
func (p *pass) given(name string) bool {
	return slices.ContainsFunc(p.project.containers, func(c *container) bool { return c.reads() && c.value(name) != "" })
}

func (p *pass) otherPrograms() {
	if !p.first {
		return
	}
	for _, c := range p.project.containers {
		i := slices.IndexFunc(c.variables, func(v webhooks.Variable) bool { return strings.HasPrefix(v.Name, webhooks.EnvPrefix) })
		if i >= 0 && !c.reads() {
			p.report(c.variables[i].Origin, say("env-other-program", "service", c.name, "name", c.variables[i].Name), say("env-other-program.hint", "service", p.name))
		}
	}
}

func (p *pass) quotes() {
	for _, v := range p.variables {
		if !strings.HasPrefix(v.Name, webhooks.EnvPrefix) || !quoted(v.Value) || p.Server.IgnoresEnvironment() {
			continue
		}
		_, setting, _ := webhooks.SettingOf(v.Name)
		hint := say("env-quotes.hint", "name", v.Name, "value", v.Value[1:len(v.Value)-1])
		switch setting {
		case "enable", "timeout", "failedContinue":
			p.report(v.Origin, say("env-quotes.end", "server", p.Server), hint).Fatal = true
		case "":
			p.report(v.Origin, say("env-quotes.url"), hint)
		default:
			p.report(v.Origin, say("env-quotes.list", "setting", setting), hint)
		}
	}
}

func quoted(value string) bool {
	return len(value) > 1 && value[0] == value[len(value)-1] && (value[0] == '"' || value[0] == '\'')
}

func (p *pass) empty() {
	for _, v := range p.variables {
		if strings.HasPrefix(v.Name, webhooks.EnvPrefix) && v.Value == "" && !strings.Contains(v.Excerpt, "$") {
			p.report(v.Origin, say("env-empty", "name", v.Name), say("env-empty.hint"))
		}
	}
}

// placeholders tells of those in what counts for callbacks.
func (p *pass) placeholders() {
	if !p.first || p.project.scope == nil {
		return
	}
	for _, l := range p.project.scope.unset {
		about := slices.ContainsFunc(p.project.containers, func(c *container) bool {
			return c.reads() && (c.image.at == l.at || slices.ContainsFunc(c.variables, func(v webhooks.Variable) bool { return v.Origin == l.at && (aboutCallbacks(v.Name) || isLog(v.Name)) }))
		})
		if about {
			p.report(l.at, say("env-placeholder", "name", l.text), say("env-placeholder.hint", "name", l.text))
		}
	}
}

func (p *pass) noText() {
	for _, l := range p.project.typed {
		if p.first {
			p.report(l.at, say("env-no-text", "name", l.text), say("env-no-text.hint")).Fatal = true
		}
	}
}

// short cuts a text of the file for a message.
func short(s string) string {
	const limit = 80
	return words.Shorten(s, limit)
}
