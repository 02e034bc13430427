package trigger

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"go.yaml.in/yaml/v4"
)

//go:embed operations.yaml
var operationsFile []byte

// table is what operations.yaml holds.
type table struct {
	Login          struct{ Admin, User []call }
	Settings       struct{ List, Get call }
	Find, Register call
	// Dismiss removes the group of an operation.
	Dismiss      call
	Preparations map[string][]call
	Operations   []*Operation
}

// Operation is one thing that an IM client does.
type Operation struct {
	// Name is that of the built-in scenario with its callbacks.
	Name string
	// Prepare names preparations, in their order.
	Prepare []string
	// Calls fire the callbacks.
	Calls []call
}

// call is one call of the API, or a websocket that opens or closes.
type call struct {
	fixtures.Span `yaml:",inline"`
	Path, Body    string
	// Socket is "open" or "close": then there is no path and no body.
	Socket string
	// As is the user whose token the call has; empty: the administrator's.
	As string
	// UntilData is a path in the answer's data: the call is made again until there
	// is a value.
	UntilData string `yaml:"until-data"`
	Fires     []fire
}

// fire is what a call makes OpenIM send.
type fire struct {
	// Callbacks are keys.
	Callbacks []string
	// Where are texts that the callback's fields contain.
	Where map[string]string
}

// operations are read when they are needed first.
var operations = sync.OnceValue(func() *table {
	t := new(table)
	if err := yaml.Load(operationsFile, t, yaml.WithKnownFields()); err != nil {
		panic(err) // embedded
	}
	return t
})

// in are the calls of those given that the release has.
func in(all []call, v fixtures.Release) []call {
	return slices.DeleteFunc(slices.Clone(all), func(c call) bool { return !c.Has(v) })
}

// preparation is what the operation needs before it.
func (o *Operation) preparation() (all []call) {
	for _, name := range o.Prepare {
		all = append(all, operations().Preparations[name]...)
	}
	return all
}

// needsUsers reports whether the operation speaks of imcb's own users.
func (o *Operation) needsUsers() bool {
	return slices.ContainsFunc(slices.Concat(o.preparation(), o.Calls), func(c call) bool {
		return slices.ContainsFunc(letters, func(letter string) bool { return strings.Contains(c.Body+c.As, "{"+letter+"}") })
	})
}

// makesGroup reports whether the operation leaves a group behind.
func (o *Operation) makesGroup() bool {
	return slices.ContainsFunc(slices.Concat(o.preparation(), o.Calls), func(c call) bool { return strings.HasSuffix(c.Path, "/create_group") })
}

// Choice is an operation, and the callbacks of it that are asked for.
type Choice struct {
	*Operation
	Callbacks []*fixtures.Callback
}

func (c Choice) wants(callback *fixtures.Callback) bool {
	return slices.Contains(c.Callbacks, callback)
}

// fired are the callbacks of the operation that the release sends.
func (o *Operation) fired(v fixtures.Release) (all []*fixtures.Callback) {
	for _, c := range o.Calls {
		all = append(all, c.fired(v)...)
	}
	return all
}

func (c call) fired(v fixtures.Release) (all []*fixtures.Callback) {
	for _, f := range c.Fires {
		for _, key := range f.Callbacks {
			if one, ok := fixtures.Find(key); ok && one.SentBy(v) {
				all = append(all, one)
			}
		}
	}
	return all
}

// All are the operations that fire everything that the release sends, each
// callback once.
func All(v fixtures.Release) []Choice {
	choices, _ := Choose(fixtures.SentBy(v), v)
	return choices
}

// Choose finds the operations that fire the callbacks; left are those that no
// operation fires with this release.
func Choose(callbacks []*fixtures.Callback, v fixtures.Release) (choices []Choice, left []*fixtures.Callback) {
	left = slices.Clone(callbacks)
	for _, o := range operations().Operations {
		var mine []*fixtures.Callback
		for _, c := range o.fired(v) {
			if i := slices.Index(left, c); i >= 0 {
				mine, left = append(mine, c), slices.Delete(left, i, i+1)
			}
		}
		if len(mine) > 0 {
			choices = append(choices, Choice{o, mine})
		}
	}
	return choices, left
}

// ChooseScenario is a whole operation by its name. The error names the nearest
// ones.
func ChooseScenario(name string, v fixtures.Release) (Choice, error) {
	o, err := words.Find("scenario", name, operations().Operations, func(o *Operation) string { return o.Name })
	if err != nil {
		return Choice{}, err
	}
	return Choice{o, o.fired(v)}, nil
}

// Scenarios are the names of the operations.
func Scenarios() []string {
	return words.Names(operations().Operations, func(o *Operation) string { return o.Name })
}

// filled is the call with values in place of their names.
func (c call) filled(values map[string]string) call {
	var pairs, quoted []string
	for name, value := range values {
		text, _ := json.Marshal(value) // a string always can be
		pairs = append(pairs, "{"+name+"}", value)
		quoted = append(quoted, "{"+name+"}", string(text[1:len(text)-1]))
	}
	c.As, c.UntilData = strings.NewReplacer(pairs...).Replace(c.As), strings.NewReplacer(pairs...).Replace(c.UntilData)
	c.Body = strings.NewReplacer(quoted...).Replace(c.Body)
	return c
}

// what names the call.
func (c call) what() string {
	if c.Socket != "" {
		return "websocket " + c.Socket
	}
	return "POST " + c.Path
}
