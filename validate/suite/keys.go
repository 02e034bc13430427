package suite

import "github.com/imcb-dev/imcb/validate/yamlfile"

// key is one key of a mapping in suite files: how Parse reads it and what the
// schema says of it.
type key[T any] = yamlfile.Key[*decoder, T]

// table holds the keys that a mapping may have.
type table[T any] = yamlfile.Table[*decoder, T]
