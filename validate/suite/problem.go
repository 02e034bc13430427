package suite

import "github.com/imcb-dev/imcb/validate/yamlfile"

// Error is one mistake in a suite file.
type Error = yamlfile.Error

// Errors are all the mistakes that were found in a suite file, by line.
type Errors = yamlfile.Errors
