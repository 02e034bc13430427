package play

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
)

func TestShrink(t *testing.T) {
	for all, tests := range map[string]map[string]string{
		// What fails, and what is left: the last of what fails alike.
		"":         {"": ""},
		"a":        {"": "", "a": "a"},
		"a b c":    {"a": "a", "b": "b", "c": "c", "a c": "a c", "a b c": "a b c", "a|b": "b"},
		"a b c d":  {"a d": "a d", "b c|d": "d", "": ""},
		letters(9): {"a": "a", "i": "i", "c g": "c g", "a e i": "a e i", "b c|h": "h"},
	} {
		for failing, want := range tests {
			asked := 0
			got := shrink(differences(all), func(differs []fixtures.Difference) bool {
				asked++
				return slices.ContainsFunc(strings.Split(failing, "|"), func(needed string) bool {
					return !slices.ContainsFunc(strings.Fields(needed), func(path string) bool { return !has(differs, path) })
				})
			})
			assert.ElementsMatch(t, differences(want), got, "%s fails of %s", failing, all)
			assert.LessOrEqual(t, asked, len(differences(all))*4, "%s fails of %s", failing, all)
		}
	}
}

// One of a thousand is found by far fewer questions.
func TestShrinkAsksSeldom(t *testing.T) {
	var all []fixtures.Difference
	for i := range 1000 {
		all = append(all, fixtures.Difference{Path: strconv.Itoa(i)})
	}
	asked := 0
	got := shrink(all, func(differs []fixtures.Difference) bool {
		asked++
		return has(differs, "617")
	})
	assert.Equal(t, []fixtures.Difference{{Path: "617"}}, got)
	assert.Less(t, asked, 50)
}

func has(differs []fixtures.Difference, path string) bool {
	return slices.ContainsFunc(differs, func(d fixtures.Difference) bool { return d.Path == path })
}

func differences(paths string) []fixtures.Difference {
	all := []fixtures.Difference{}
	for _, path := range strings.Fields(paths) {
		all = append(all, fixtures.Difference{Path: path})
	}
	return all
}

// letters are the first ones of the alphabet.
func letters(n int) string {
	return strings.Join(strings.Split("abcdefghijklmnopqrstuvwxyz"[:n], ""), " ")
}
