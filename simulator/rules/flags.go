package rules

import (
	"cmp"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// Flags are the everyday rules of the command line, each "CALLBACK=VALUE".
// Several for one callback make one rule.
type Flags struct {
	// Refuse: beforeAddFriend=5001:not today. The value may be the code alone,
	// or left out.
	Refuse []string
	// Delay: afterSendSingleMsg=200ms..400ms.
	Delay []string
	// Fault: beforeSendGroupMsg=timeout.
	Fault []string
}

// flagReader turns flags into rules.
type flagReader struct {
	decoder
	mistakes Errors
	// given are the flags so far, each as "--refuse beforeAddFriend".
	given map[string]bool
}

// rules returns the rules of the flags, in the flags' order.
func (f Flags) rules(o Options) ([]*rule, Errors) {
	r := &flagReader{decoder: *newDecoder(o), given: make(map[string]bool)}
	for _, text := range f.Refuse {
		r.read("--refuse", text, r.refuse)
	}
	for _, text := range f.Fault {
		r.read("--fault", text, r.fault)
	}
	for _, text := range f.Delay {
		r.read("--delay", text, r.delay)
	}
	return r.rules, r.mistakes
}

func (r *flagReader) read(flag, text string, set func(*rule, *fixtures.Callback, string)) {
	r.readValue(flag, text, set)
	name := words.Clip(flag+" "+text, maxFlag)
	if found, ok := errors.AsType[Errors](r.Errors(yamlfile.NewSource(name, nil), nil)); ok {
		r.mistakes = append(r.mistakes, found...)
		r.mistakes = r.mistakes[:min(len(r.mistakes), yamlfile.MaxProblems)]
	}
	r.Problems = nil
}

// maxFlag is how much of a flag is shown, in characters.
const maxFlag = 200

func (r *flagReader) fail(message words.Text) { r.Fail(yamlfile.Place{}, message) }

func (r *flagReader) readValue(flag, text string, set func(*rule, *fixtures.Callback, string)) {
	name, value, _ := strings.Cut(text, "=")
	if name == "" {
		r.fail(say("flag.callback", "example", flagExamples[flag]))
		return
	}
	c, err := fixtures.Lookup(strings.TrimSpace(name))
	if err != nil {
		r.fail(yamlfile.OrHint(err, say("flag", "problem", err, "example", flagExamples[flag])))
		return
	}
	given := flag + " " + c.Key
	if r.given[given] {
		r.fail(say("flag.twice", "flag", flag, "callback", c.Key))
		return
	}
	r.given[given] = true
	set(r.ruleFor(given, c), c, value)
}

// flagExamples are right ones.
var flagExamples = map[string]string{
	"--refuse": `--refuse beforeAddFriend=5001:"not today"`,
	"--delay":  "--delay afterSendSingleMsg=200ms..400ms",
	"--fault":  "--fault beforeSendGroupMsg=timeout",
}

func (r *flagReader) ruleFor(name string, c *fixtures.Callback) *rule {
	for _, one := range r.rules {
		if one.match.found[0] == c {
			return one
		}
	}
	one := &rule{name: name, probability: 1, match: match{callbacks: []string{c.Key}, found: []*fixtures.Callback{c}}}
	r.rules = append(r.rules, one)
	return one
}

func (r *flagReader) refuse(one *rule, c *fixtures.Callback, value string) {
	a := &answer{kind: refuse, refusal: refusal{code: defaultCode}}
	if !r.checkPhase(one, a) {
		return
	}
	code, message, _ := strings.Cut(value, ":")
	if code = strings.TrimSpace(code); code != "" {
		n, err := strconv.ParseInt(code, 10, 32)
		if err != nil || n < 0 || n > math.MaxInt32 {
			r.fail(say("flag.code", "code", code, "example", flagExamples["--refuse"]))
			return
		}
		a.refusal.code = int32(n)
	}
	a.refusal.message = r.template(&node{Kind: yamlfile.Text, Text: cmp.Or(message, defaultMessage)})
	if wrong := r.wrong(c, a); !wrong.IsZero() {
		r.fail(say("flag.wrong", "wrong", wrong, "example", flagExamples["--refuse"]))
	}
	one.answers = []*answer{a}
}

func (r *flagReader) fault(one *rule, c *fixtures.Callback, value string) {
	if r.given["--refuse "+c.Key] {
		r.fail(say("flag.refused", "callback", c.Key))
		return
	}
	if value == "" {
		r.fail(say("flag.fault", "example", flagExamples["--fault"]))
		return
	}
	f, err := simulator.LookupFault(value)
	if err != nil {
		r.fail(yamlfile.OrHint(err, say("flag", "problem", err, "example", flagExamples["--fault"])))
		return
	}
	one.answers = []*answer{{kind: fault, fault: f}}
}

func (r *flagReader) delay(one *rule, _ *fixtures.Callback, value string) {
	d, problem := parseDelay(say("what.delay"), value)
	if !problem.IsZero() {
		r.fail(say("flag", "problem", problem, "example", flagExamples["--delay"]))
		return
	}
	one.delay = d
}
