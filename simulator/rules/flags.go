package rules

import (
	"errors"
	"fmt"
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

// read reads one flag.
func (r *flagReader) read(flag, text string, set func(*rule, *fixtures.Callback, string)) {
	r.readValue(flag, text, set)
	name := yamlfile.Shorten(words.Printable(flag + " " + text))
	if found, ok := errors.AsType[Errors](r.Errors(yamlfile.NewSource(name, nil), words.Printable)); ok {
		r.mistakes = append(r.mistakes, found...)
		r.mistakes = r.mistakes[:min(len(r.mistakes), yamlfile.MaxProblems)]
	}
	r.Problems = nil
}

// fail notes a mistake of the flag.
func (r *flagReader) fail(message string) { r.Fail(yamlfile.Place{}, message) }

// readValue reads a flag's callback, then its value.
func (r *flagReader) readValue(flag, text string, set func(*rule, *fixtures.Callback, string)) {
	name, value, _ := strings.Cut(text, "=")
	c, err := fixtures.Lookup(strings.TrimSpace(name))
	if err != nil || name == "" {
		message := "name a callback"
		if name != "" {
			message = err.Error()
		}
		r.fail(withHint(message, "write "+flagExamples[flag]))
		return
	}
	given := flag + " " + c.Key
	if r.given[given] {
		r.fail(fmt.Sprintf("%s is given twice for %s", flag, c.Key))
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

// ruleFor returns the callback's rule, or a new one with a name.
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
	if !r.checkPhase(one, a, "refuses nothing") {
		return
	}
	code, message, _ := strings.Cut(value, ":")
	if code = strings.TrimSpace(code); code != "" {
		n, err := strconv.ParseInt(code, 10, 32)
		if err != nil || n < 0 || n > math.MaxInt32 {
			r.fail(fmt.Sprintf("%q is no errCode: write %s", yamlfile.Shorten(code), flagExamples["--refuse"]))
			return
		}
		a.refusal.code = int32(n)
	}
	if message == "" {
		message = defaultMessage
	}
	a.refusal.message = r.template(&node{Kind: yamlfile.Text, Text: message})
	if wrong := r.wrong(c, a); wrong != "" {
		r.fail(wrong + "; write " + flagExamples["--refuse"])
	}
	one.answers = []*answer{a}
}

func (r *flagReader) fault(one *rule, c *fixtures.Callback, value string) {
	if r.given["--refuse "+c.Key] {
		r.fail(fmt.Sprintf("%s is refused by --refuse already: a fault is an answer of its own", c.Key))
		return
	}
	if value == "" {
		r.fail("name a fault: write " + flagExamples["--fault"])
		return
	}
	f, err := simulator.LookupFault(value)
	if err != nil {
		r.fail(withHint(err.Error(), "write "+flagExamples["--fault"]))
		return
	}
	one.answers = []*answer{{kind: fault, fault: f}}
}

func (r *flagReader) delay(one *rule, _ *fixtures.Callback, value string) {
	d, err := parseDelay(value)
	if err != nil {
		r.fail("the delay " + err.Error() + ": write " + flagExamples["--delay"])
		return
	}
	one.delay = d
}
