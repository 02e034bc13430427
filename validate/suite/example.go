package suite

import (
	_ "embed"
	"slices"
)

//go:embed example.yaml
var exampleText []byte

// Example returns the suite that `imcb validate --init` writes: five telling
// cases with comments. It refers to SchemaFile beside it.
func Example() []byte { return slices.Clone(exampleText) }
