package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/validate"
)

// sarifRules are the rules of a run's findings, in the order in which they
// occurred.
type sarifRules struct {
	known validate.Registry
	at    map[string]int
	list  []sarifRule
}

type sarifRule struct {
	ID      string      `json:"id"`
	Short   sarifText   `json:"shortDescription"`
	Full    sarifText   `json:"fullDescription"`
	Help    sarifText   `json:"help"`
	HelpURI string      `json:"helpUri"`
	Default sarifConfig `json:"defaultConfiguration"`
}

type sarifConfig struct {
	Level string `json:"level"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	URI     string      `json:"informationUri"`
	Rules   []sarifRule `json:"rules"`
}

// index returns the place of the finding's rule in the list, and adds it when
// it is new.
func (s *sarifRules) index(f validate.Finding) int {
	i, ok := s.at[f.Rule]
	if !ok {
		i = len(s.list)
		s.at[f.Rule] = i
		s.list = append(s.list, s.describe(f))
	}
	return i
}

// describe is the rule of a finding. A rule that nobody described speaks for
// itself.
func (s *sarifRules) describe(f validate.Finding) sarifRule {
	r, err := s.known.Lookup(f.Rule)
	if err != nil {
		title := strings.ReplaceAll(f.Rule, "-", " ")
		r = &validate.Rule{ID: f.Rule, Severity: f.Severity, Title: title, Why: title + ".", Source: clean(f.Source, textBound)}
	}
	full := cmp.Or(r.Why, r.Title) // GitHub takes no empty text
	rule := sarifRule{
		ID: r.ID, Short: sarifText{Text: r.Title}, Full: sarifText{Text: full},
		Help: sarifText{Text: full}, HelpURI: homepage, Default: sarifConfig{sarifLevel(r.Severity)},
	}
	if r.Source != "" {
		rule.Help.Text += "\n\nSource: " + r.Source
	}
	rule.Help.Markdown = rule.Help.Text
	if bad, good := replyLine(r.Bad.Reply, sarifBody), replyLine(r.Good.Reply, sarifBody); bad != "" {
		rule.Help.Text += fmt.Sprintf("\n\nBad: %s\nGood: %s", bad, good)
		rule.Help.Markdown += fmt.Sprintf("\n\nBad:\n\n%s\n\nGood:\n\n%s", codeBlock(bad), codeBlock(good))
	}
	return rule
}

// codeBlock is one line as Markdown's indented code, which nothing ends.
func codeBlock(line string) string { return "    " + line }

func (s *sarifRules) driver(version string) sarifDriver {
	d := sarifDriver{Name: "imcb", Version: version, URI: homepage, Rules: s.list}
	if d.Rules == nil {
		d.Rules = []sarifRule{}
	}
	return d
}
