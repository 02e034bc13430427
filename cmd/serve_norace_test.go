//go:build !race

package cmd_test

// slowed says that the race detector makes all slow.
const slowed = false
