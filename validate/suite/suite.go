package suite

import (
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// Suite is one suite file. It may be used by several goroutines at once.
type Suite struct {
	// File is the name that messages and reports give it.
	File string
	// URL is the receiver's url, as in webhooks.yml. Empty: the file has none.
	URL string
	// Server is the OpenIM to play. Unset: the file has none.
	Server validate.Server
	// Timeout is the callbacks' timeout. 0: the file has none.
	Timeout time.Duration
	// Severities changes the severity of rules by id.
	Severities validate.Overrides
	// Contract is what counts as a finding. Empty: the file does not say.
	Contract validate.Contract
	// ErrCodes is the range for a refusal's errCode. Zero: the file has none.
	ErrCodes validate.Range
	// Cover says for how much of what servers send first in a case that is run, what
	// follows carrying it on. Empty: validate.CoverOne. No file has it.
	Cover validate.Coverage
	// Seed makes ids and times the same in every run. Nil: the file has none.
	Seed  *uint64
	Cases []*Case

	headers []header
	source  *yamlfile.Source
	secrets secrets
}

// Case is one case of a suite.
type Case struct {
	Name string
	// Line is where it stands in the file.
	Line int
	Tags []string
	// Skip is why the case is not run. Empty: it is.
	Skip string
	// Repeat is how often the case is run, at least once.
	Repeat int
	// Steps are all its steps, as the file has them; Run.Order says in which
	// order they are sent. A case without "steps" is one step.
	Steps []*Step

	root group
}

// Step is one request of a case, and what is expected of its reply.
type Step struct {
	// Name is what the file calls the step; empty in a case of one.
	Name string
	// Number counts the steps of a case from 1.
	Number   int
	Line     int
	Callback *fixtures.Callback
	// Cover says how much of what servers send for the callback is sent. Empty:
	// validate.CoverOne.
	Cover validate.Coverage

	condition
	in          *group
	suite       *Suite
	message     string
	operationID *template
	headers     []header
	data        *template
	// ids are ids of the examples, and what they are from this step on.
	ids []idEdit
	// from are the earlier steps from which it takes what they changed.
	from   []int
	edits  []edit
	expect expect
}

// header is a header line that a step adds or replaces.
type header struct {
	name  string
	value *template
}

// edit is one entry of set, setString, add or unset.
type edit struct {
	yamlfile.Place
	op    string
	path  string
	value *value
}

// idEdit is one entry of ids.
type idEdit struct {
	old string
	is  *template
}

// expect is what a step wants. Nil and empty members want nothing.
type expect struct {
	outcome  *wanted[validate.Outcome]
	errCode  *codesWant
	errMsg   *textWant
	applied  *listWant
	reply    []valueWant
	status   *codesWant
	within   *wanted[time.Duration]
	findings *listWant
	allow    []yamlfile.Word
}

// wanted is what one key of expect wants.
type wanted[T any] struct {
	yamlfile.Place
	is T
}

type (
	// codesWant wants a number in one of several ranges.
	codesWant = wanted[ranges]
	// listWant wants the members of a list; none at all when it is empty.
	listWant = wanted[[]yamlfile.Word]
)

type ranges []validate.Range

// valueWant wants a value at a path of the reply: a text or pattern, or any
// other JSON value.
type valueWant struct {
	yamlfile.Place
	path  string
	text  *textWant
	value *value
}
