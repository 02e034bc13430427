package run

import (
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate/suite"
)

// CallbackWords are the callbacks.
func CallbackWords([]string, string) []string { return keysAnd("\t") }

// keysAnd are the keys of the callbacks, with their summaries after the
// separator.
func keysAnd(separator string) (all []string) {
	for _, c := range fixtures.All() {
		all = append(all, c.Key+separator+c.Summary)
	}
	return all
}

// fieldWords are the field paths of the callback that is on the command line.
func fieldWords(args []string, _ string) (all []string) {
	if len(args) == 0 {
		return nil
	}
	c, err := fixtures.Lookup(args[0])
	if err != nil {
		return nil
	}
	p, err := c.Payload(fixtures.PayloadOptions{})
	if err != nil {
		return nil
	}
	for _, path := range p.Paths() {
		all = append(all, path+"=")
	}
	return all
}

// kindWords are the kinds of messages that the callback carries that is named,
// or all.
func kindWords(args []string) []string {
	if len(args) > 0 {
		if c, ok := fixtures.Find(args[0]); ok {
			return c.MessageKinds()
		}
	}
	return fixtures.MessageKindNames()
}

// caseWords are the cases of the callback that is on the command line.
func caseWords(args []string, _ string) []string {
	if len(args) == 0 {
		return nil
	}
	c, ok := fixtures.Find(args[0])
	if !ok {
		return nil
	}
	return words.Names(c.Cases(fixtures.DefaultRelease), func(k fixtures.Case) string { return k.Name })
}

// AnswerWords are callbacks that a value follows.
func AnswerWords([]string, string) []string { return keysAnd("=\t") }

// FaultWords are callbacks, and after the "=" the faults.
func FaultWords(_ []string, typed string) (all []string) {
	callback, _, chosen := strings.Cut(typed, "=")
	if !chosen {
		return keysAnd("=\t")
	}
	for _, f := range simulator.Faults() {
		all = append(all, callback+"="+f.Name+"\t"+f.About)
	}
	return all
}

func scenarioWords([]string, string) (all []string) {
	for _, s := range suite.Scenarios() {
		all = append(all, s.Name+"\t"+s.Summary)
	}
	return all
}

// RuleWords are the rules, with their titles after the separator.
func RuleWords(separator string) (all []string) {
	for _, r := range AllRules() {
		all = append(all, r.ID+separator+r.Title)
	}
	return all
}
