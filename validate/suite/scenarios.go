package suite

import (
	"embed"
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
)

//go:embed scenarios/*.yaml
var scenarioFiles embed.FS

const scenarioDir = "scenarios"

// Scenario is a suite that comes with imcb: the callbacks of one operation,
// in the order in which running servers send them.
type Scenario struct {
	Name    string
	Summary string
}

// Scenarios returns the built-in scenarios in alphabetical order.
func Scenarios() []Scenario {
	entries, err := scenarioFiles.ReadDir(scenarioDir)
	if err != nil {
		panic(err) // embedded
	}
	all := make([]Scenario, len(entries))
	for i, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".yaml")
		all[i] = Scenario{name, summaryOf(scenarioText(name))}
	}
	return all
}

// LoadScenario returns a built-in scenario. The error names the nearest ones.
func LoadScenario(name string) (*Suite, error) {
	var names []string
	for _, s := range Scenarios() {
		if s.Name == name {
			return Parse("scenario "+name, scenarioText(name), nil, nil)
		}
		names = append(names, s.Name)
	}
	if near := words.Nearest(name, names); len(near) > 0 {
		return nil, fmt.Errorf("unknown scenario %q: did you mean %s?", name, strings.Join(near, " or "))
	}
	return nil, fmt.Errorf("unknown scenario %q: there are %s", name, strings.Join(names, ", "))
}

// ScenarioText returns a scenario's file, to start a suite from; nil when
// there is no such scenario.
func ScenarioText(name string) []byte {
	for _, s := range Scenarios() {
		if s.Name == name {
			return scenarioText(name)
		}
	}
	return nil
}

func scenarioText(name string) []byte {
	text, err := scenarioFiles.ReadFile(scenarioDir + "/" + name + ".yaml")
	if err != nil {
		panic(err) // Scenarios has the name
	}
	return text
}

// summaryOf is the file's first line, a comment.
func summaryOf(text []byte) string {
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimPrefix(line, "# ")
}
