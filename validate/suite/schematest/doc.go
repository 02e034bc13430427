// Package schematest holds the JSON Schema of suite files against suites, with
// a validator that imcb itself has no use for: hence a module of its own.
package schematest
