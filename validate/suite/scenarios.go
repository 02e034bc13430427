package suite

import (
	"embed"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
)

//go:embed scenarios/*.yaml
var scenarioFiles embed.FS

const scenarioDir = "scenarios"

// Scenario is a suite that comes with imcb: the callbacks of one operation,
// in the order in which running servers send them.
type Scenario struct {
	Name    string `json:"name"`
	Summary string `json:"summary"`
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
	s, err := findScenario(name)
	if err != nil {
		return nil, err
	}
	return Parse("scenario "+s.Name, scenarioText(s.Name), nil, nil)
}

func findScenario(name string) (Scenario, error) {
	return words.Find("scenario", name, Scenarios(), func(s Scenario) string { return s.Name })
}

// ScenarioText returns a scenario's file, to start a suite from; nil when
// there is no such scenario.
func ScenarioText(name string) []byte {
	s, err := findScenario(name)
	if err != nil {
		return nil
	}
	return scenarioText(s.Name)
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
