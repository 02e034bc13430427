package deployment

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// scope holds the variables that fill in placeholders.
type scope struct {
	// variables are in the order of their files and lines; of a name the last
	// counts.
	variables []webhooks.Variable
	values    map[string]string
	used      map[string]bool
	// unset are placeholders without a value, and where they stand.
	unset []located
}

func newScope() *scope { return &scope{values: make(map[string]string), used: make(map[string]bool)} }

// add reads a file of variables.
func (s *scope) add(f File) error {
	variables, err := readVariables(f, func(name string) (string, bool) { value, ok := s.values[name]; return value, ok })
	for _, v := range variables {
		s.values[v.Name] = v.Value
	}
	s.variables = append(s.variables, variables...)
	return err
}

func (s *scope) lookup(name string) (string, bool) {
	value, ok := s.values[name]
	s.used[name] = true
	return value, ok
}

// fill replaces the placeholders of a text.
func (s *scope) fill(text string, at webhooks.Origin) (string, error) {
	if !strings.Contains(text, "$") {
		return text, nil
	}
	return template.SubstituteWithOptions(text, func(name string) (string, bool) {
		value, ok := s.lookup(name)
		if !ok && !hasDefault(text, name) {
			s.unset = append(s.unset, located{name, at})
		}
		return value, ok
	}, template.WithoutLogging)
}

// hasDefault reports whether a placeholder says what it is without a value.
func hasDefault(text, name string) bool {
	_, after, found := strings.Cut(text, "${"+name)
	return found && after != "" && strings.ContainsRune(":-+?", rune(after[0]))
}

// assignment is a line of a file of variables.
var assignment = regexp.MustCompile(`^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*[=:]`)

// readVariables reads a .env file or one of env_file. A variable has the last line
// that sets it; lookup fills in placeholders, before the file itself does.
func readVariables(f File, lookup func(name string) (string, bool)) ([]webhooks.Variable, error) {
	src := newSource(f)
	lines := make(map[string]int)
	var order []string
	for i, line := range src.lines {
		if found := assignment.FindStringSubmatch(line); found != nil {
			if _, again := lines[found[1]]; !again {
				order = append(order, found[1])
			}
			lines[found[1]] = i + 1
		}
	}
	values, err := dotenv.ParseWithLookup(bytes.NewReader(f.Text), func(name string) (string, bool) {
		if value, ok := lookup(name); ok {
			return value, true
		}
		return "", lines[name] == 0 // else the file's own, which Compose's reader has
	})
	if err != nil {
		return nil, src.envProblem(err)
	}
	var all []webhooks.Variable
	for _, name := range order {
		if value, ok := values[name]; ok {
			all = append(all, webhooks.Variable{Name: name, Value: value, Origin: src.at(yamlfile.Place{Line: lines[name], Col: 1})})
		}
	}
	return all, nil
}

// envProblem tells why Compose can't read a file of variables, and nothing of what
// stands in it: Compose's own words end with secrets.
func (s source) envProblem(err error) error {
	at, why := yamlfile.Place{}, say("env-file.any")
	found := problemLine.FindStringSubmatch(err.Error())
	switch {
	case found == nil:
	case found[2] == "unterminated": // the line is a later one
		why = say("env-file.quote")
	default:
		at.Line, _ = strconv.Atoi(found[1])
		at.Col, why = 1, say("env-file.line")
	}
	failed := s.fail(at, why)
	failed.Excerpt = ""
	return failed
}

var problemLine = regexp.MustCompile(`^line (\d+): (\w+)`)

// environment reads the variables of a service, as a list of KEY=value or as a
// mapping. A key without a value has that of the project, if there is one.
func (r *composeReader) environment(src source, c *container, n *yamlfile.Node) error {
	for _, e := range entries(n) {
		if err := r.variable(src, c, e.Key.Written, e.Value); err != nil {
			return err
		}
	}
	if n == nil || n.Kind != yamlfile.List {
		return nil
	}
	for _, item := range n.Items {
		if item.Kind == yamlfile.Mapping || item.Kind == yamlfile.List {
			return src.fail(item.Place, say("environment-item", "service", c.name))
		}
		filled, err := r.fill(src, item)
		if err != nil {
			return err
		}
		name, value, assigned := strings.Cut(filled, "=")
		if !assigned {
			r.pass(src, c, name, item)
			continue
		}
		if strings.TrimRight(name, " ") != name {
			return src.fail(item.Place, say("environment-blank", "name", name))
		}
		c.set(webhooks.Variable{Name: name, Value: value, Origin: src.at(item.Place)})
	}
	return nil
}

func (r *composeReader) variable(src source, c *container, name string, n *yamlfile.Node) error {
	switch n.Kind {
	case yamlfile.Null:
		r.pass(src, c, name, n)
		return nil
	case yamlfile.Mapping, yamlfile.List:
		return src.fail(n.Place, say("environment-value", "name", name, "kind", n.Kind.Text()))
	}
	value, err := r.fill(src, n)
	c.set(webhooks.Variable{Name: name, Value: value, Origin: src.at(n.Place)})
	return err
}

// pass gives the container a variable of the project.
func (r *composeReader) pass(src source, c *container, name string, n *yamlfile.Node) {
	if value, ok := r.scope.lookup(name); ok {
		c.set(webhooks.Variable{Name: name, Value: value, Origin: src.at(n.Place)})
	}
}

// fill is a scalar as text, its placeholders filled in.
func (r *composeReader) fill(src source, n *yamlfile.Node) (string, error) {
	if n.Kind != yamlfile.Text {
		return scalar(n), nil
	}
	filled, err := r.scope.fill(n.Text, src.at(n.Place))
	var missing *template.MissingRequiredError
	switch {
	case err == nil:
		return filled, nil
	case errors.As(err, &missing):
		return "", src.fail(n.Place, say("placeholder.required", "error", missing.Error()))
	default:
		return "", src.fail(n.Place, say("placeholder", "text", n.Text, "form", "${NAME} or ${NAME:-default}"))
	}
}

// scalar is a number or boolean as Compose hands it on: 1.0 is 1, 010 is 8.
func scalar(n *yamlfile.Node) string {
	if n.Kind != yamlfile.Number {
		return n.Text
	}
	if f, err := strconv.ParseFloat(n.Text, 64); err == nil && strings.ContainsAny(n.Text, ".eE") {
		return fmt.Sprint(f)
	}
	return n.Text
}

// plainItem is an item of a YAML list that needs no quotes.
var plainItem = regexp.MustCompile(`^\w+=([\w./@?&=%,+$:-]*[\w./@?&=%,+$-])?$`)

// Environment are the lines of a Compose service that set variables, each
// NAME=value.
func Environment(variables []string) []string {
	lines := []string{"environment:"}
	for _, v := range variables {
		item := strings.ReplaceAll(v, "$", "$$")
		if !plainItem.MatchString(item) {
			item = "'" + strings.ReplaceAll(item, "'", "''") + "'"
		}
		lines = append(lines, "  - "+item)
	}
	return lines
}
