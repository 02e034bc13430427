package deployment

import (
	"slices"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
)

// rule is a rule with its check. As in package webhooks, errors are what keeps
// callbacks away.
type rule struct {
	validate.Rule
	check func(*pass)
}

func newRule(id string, severity validate.Severity, source, title string, check func(*pass)) *rule {
	return &rule{validate.Rule{ID: id, Contract: validate.Running, About: validate.AboutFile, Severity: severity, Title: title, Source: source}, check}
}

// rules in the order in which they run. A new rule is a line in one of the lists.
var rules = slices.Concat(variableRules, placeRules, networkRules, logRules)

// Rules returns all rules in the order in which they run.
func Rules() []*validate.Rule {
	all := make([]*validate.Rule, len(rules))
	for i, r := range rules {
		all[i] = &r.Rule
	}
	return all
}

// Sources of rules.
const (
	sourceServers    = "running servers of 3.8.3 and main, started with such variables"
	sourceLoader     = "open-im-server: pkg/common/config/load_config.go; running servers of 3.8.3 and main"
	sourceCompose    = "the Compose specification; openim-docker: docker-compose.yaml and .env"
	sourceKubernetes = "open-im-server: deployments; the Kubernetes API"
)

// Lint checks the deployment's callback settings: the rules here, and those of
// webhooks.yml. The worst findings come first.
func (o *OpenIM) Lint(from webhooks.LintOptions) []validate.Finding {
	from.Server = o.Server.Release
	p := &pass{OpenIM: o}
	for _, r := range rules {
		p.rule = r
		r.check(p)
	}
	own := p.findings
	for _, f := range o.Webhooks.Lint(from) {
		if told := slices.ContainsFunc(own, func(have validate.Finding) bool { return p.tells(have, f) }); !told {
			p.findings = append(p.findings, f)
		}
	}
	validate.SortFindings(p.findings)
	return p.findings
}

// tells reports whether a finding gives the reason of what another one tells.
func (p *pass) tells(reason, of validate.Finding) bool {
	switch reason.Rule {
	case "lint-env-quotes":
		return reason.Place.File == of.Place.File && reason.Place.Line == of.Place.Line
	case "lint-nothing-set":
		return of.Rule == "lint-nothing-enabled"
	default:
		return false
	}
}

// pass is one run of the rules over an OpenIM.
type pass struct {
	*OpenIM
	rule     *rule
	findings []validate.Finding
}

func (p *pass) report(at webhooks.Origin, message, hint words.Text) *validate.Finding {
	p.findings = append(p.findings, validate.Finding{
		Rule: p.rule.ID, Severity: p.rule.Severity, Contract: p.rule.Contract, About: p.rule.About, Source: p.rule.Source,
		Place: at.Place, Message: message, Hint: hint, Excerpt: at.Excerpt,
	})
	return &p.findings[len(p.findings)-1]
}
