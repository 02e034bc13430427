package suite

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The limits of a suite file.
const (
	// MaxSize is in bytes.
	MaxSize = 8 << 20
	// MaxCases counts the cases of the file, not their repetitions.
	MaxCases = 100_000
)

// maxProblems is how many mistakes are told at once.
const maxProblems = 20

// Parse reads a suite file, YAML or JSON; name is what messages call it. env
// looks up a variable of the environment and returns "" for one that is not
// set, like os.Getenv. The error is an Errors: all the mistakes at once, each
// with its place and an excerpt, and without any value of the environment.
func Parse(name string, text []byte, env func(string) string) (*Suite, error) {
	d := newDecoder(name, text, env)
	if len(text) > MaxSize {
		d.fail(place{}, fmt.Sprintf("the file has %d bytes, more than the limit of %d", len(text), MaxSize))
		return nil, d.errors()
	}
	read := readYAML
	if isJSON(text) {
		read = readJSON
	}
	root, problems := read(text)
	for _, p := range problems {
		d.fail(p.place, p.message)
	}
	if len(problems) == 0 {
		d.suiteFile(root)
	}
	d.suite.secrets.seal()
	if err := d.errors(); err != nil {
		return nil, err
	}
	return d.suite, nil
}

// decoder reads the nodes of one file into a suite and collects mistakes.
type decoder struct {
	suite    *Suite
	env      func(string) string
	vars     map[string]json.RawMessage
	names    map[string]int // of cases, with their lines
	problems []nodeError
	// step is the number of the step that is read.
	step int
}

func newDecoder(name string, text []byte, env func(string) string) *decoder {
	if env == nil {
		env = func(string) string { return "" }
	}
	s := &Suite{File: name, source: newSource(name, text)}
	return &decoder{suite: s, env: env, vars: make(map[string]json.RawMessage), names: make(map[string]int)}
}

// fail notes a mistake, once: an alias leads to the same node again.
func (d *decoder) fail(p place, message string) {
	problem := nodeError{p, message}
	if !d.full() && !slices.Contains(d.problems, problem) {
		d.problems = append(d.problems, problem)
	}
}

// full reports whether there are mistakes enough.
func (d *decoder) full() bool { return len(d.problems) >= maxProblems }

// errors returns the mistakes as an error; nil when there is none.
func (d *decoder) errors() error {
	if len(d.problems) == 0 {
		return nil
	}
	var all Errors
	for _, p := range d.problems {
		all = append(all, d.suite.source.error(p.place, d.suite.Redact(p.message)))
	}
	all.sort()
	return all
}

func (d *decoder) varNames() []string { return slices.Sorted(maps.Keys(d.vars)) }

// suiteFile reads the whole file: variables first, since all else uses them,
// and cases last.
func (d *decoder) suiteFile(root *node) {
	if !d.want(root, mapping, "a suite") {
		return
	}
	if vars := root.get("vars"); vars != nil {
		d.readVars(vars)
	}
	if root.get("cases") == nil {
		d.fail(root.place, "cases is missing: a suite needs at least one")
	}
	slices.SortStableFunc(root.entries, func(a, b entry) int {
		return cmp.Compare(strings.Count(a.key.text, "cases"), strings.Count(b.key.text, "cases"))
	})
	suiteKeys().read(d, d.suite, root)
	d.nameCases()
}

// readVars reads the variables. Each may use the environment and those before
// it.
func (d *decoder) readVars(n *node) {
	if !d.want(n, mapping, "vars") {
		return
	}
	for _, e := range n.entries {
		name := e.key.text
		if match := variableName().FindStringSubmatch(name); match == nil || match[1] != "" {
			d.fail(e.key.place, fmt.Sprintf("%q can't be the name of a variable: use letters, digits, - and _", shorten(name)))
			continue
		}
		if v := d.value(e.value, scope{env: true, secret: true}); v.raw != nil {
			d.vars[name] = v.raw
		} else {
			d.vars[name] = json.RawMessage("null") // a mistake, already told
		}
	}
}

// readCases reads the list of cases.
func (d *decoder) readCases(s *Suite, n *node) {
	if !d.want(n, list, "cases") {
		return
	}
	if len(n.items) == 0 || len(n.items) > MaxCases {
		d.fail(n.place, fmt.Sprintf("a suite has 1 to %d cases, not %d", MaxCases, len(n.items)))
		return
	}
	s.Cases = make([]*Case, 0, len(n.items))
	for _, item := range n.items {
		if d.full() {
			return
		}
		if c := d.readCase(item); c != nil {
			s.Cases = append(s.Cases, c)
		}
	}
}

// readCase reads one case; nil when it is none.
func (d *decoder) readCase(n *node) *Case {
	if !d.want(n, mapping, "a case") {
		return nil
	}
	single := &Step{Number: 1, Line: n.line, suite: d.suite, headers: d.suite.headers}
	draft := &caseDraft{Case: &Case{Line: n.line, Repeat: 1}, single: single}
	d.step = 1
	caseKeys().read(d, draft, n)
	if steps := n.get("steps"); steps != nil {
		d.readSteps(draft, n, steps)
		return draft.Case
	}
	d.finishStep(single, n)
	draft.Steps = []*Step{single}
	return draft.Case
}

// readSteps reads the steps of a chain; what the case itself says of headers
// and the operation id holds for all of them.
func (d *decoder) readSteps(draft *caseDraft, n, steps *node) {
	for _, e := range n.entries {
		if ofStep(e.key.text) {
			d.fail(e.key.place, fmt.Sprintf("%s belongs to a step: this case has steps", e.key.text))
		}
	}
	if !d.want(steps, list, "steps") {
		return
	}
	if len(steps.items) == 0 || len(steps.items) > maxSteps {
		d.fail(steps.place, fmt.Sprintf("a case has 1 to %d steps, not %d", maxSteps, len(steps.items)))
		return
	}
	for i, item := range steps.items {
		if !d.want(item, mapping, "a step") {
			continue
		}
		step := &Step{
			Number: i + 1, Line: item.line, suite: d.suite,
			headers: draft.single.headers, operationID: draft.single.operationID,
		}
		d.step = i + 1
		stepKeys().read(d, step, item)
		d.finishStep(step, item)
		draft.Steps = append(draft.Steps, step)
	}
}

// maxSteps limits the steps of one case.
const maxSteps = 1000

// ofStep reports whether a key of a case is about its one request.
func ofStep(name string) bool {
	switch name {
	case "name", "skip", "tags", "repeat", "steps", "headers", "operationID":
		return false
	}
	return caseKeys().has(name)
}

// nameCases gives the cases without a name one, after their callbacks.
func (d *decoder) nameCases() {
	for _, c := range d.suite.Cases {
		if c.Name != "" {
			continue
		}
		var keys []string
		for _, s := range c.Steps {
			if s.Callback != nil {
				keys = append(keys, s.Callback.Key)
			}
		}
		base := cmp.Or(strings.Join(keys[:min(3, len(keys))], " > "), "case")
		c.Name = base
		for i := 2; d.names[c.Name] != 0; i++ {
			c.Name = fmt.Sprintf("%s #%d", base, i)
		}
		d.names[c.Name] = c.Line
	}
}
