package webhooks

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
)

// loaded is what a version makes of a setting's value. Wrong says why the
// value keeps OpenIM from starting; odd, that it reads something else than
// what the eye sees.
type loaded struct {
	wrong, odd string
}

// loadBool reads true or false.
func loadBool(x value, v fixtures.Release) (bool, loaded) {
	switch {
	case x.kind == null:
		return false, loaded{}
	case x.kind == boolean:
		return x.number != 0, loaded{}
	case formOf(v) == section:
		return oldBool(x)
	case x.kind == number:
		return x.number != 0, loaded{odd: fmt.Sprintf("reads %s as %t", x.text, x.number != 0)}
	case x.kind != text:
		return false, loaded{wrong: "can't read " + string(x.kind) + " as true or false"}
	case x.text == "":
		return false, loaded{}
	}
	b, err := strconv.ParseBool(x.text)
	if err != nil {
		return false, loaded{wrong: fmt.Sprintf("can't read %s as true or false", quote(x.text))}
	}
	return b, loaded{}
}

// oldBool is how yaml.v3 reads text where it wants true or false.
func oldBool(x value) (bool, loaded) {
	if x.kind == text {
		switch x.text {
		case "y", "Y", "yes", "on":
			return true, loaded{}
		case "n", "N", "no", "off":
			return false, loaded{}
		}
	}
	return false, loaded{wrong: fmt.Sprintf("can't read %s as true or false", describe(x))}
}

// loadSeconds reads a timeout in whole seconds.
func loadSeconds(x value, v fixtures.Release) (int64, loaded) {
	switch x.kind {
	case null:
		return 0, loaded{}
	case number:
		return wholeSeconds(x)
	case boolean:
		if formOf(v) == flat {
			return int64(x.number), loaded{odd: fmt.Sprintf("reads %s as %d s", x.text, int64(x.number))}
		}
	case text:
		if formOf(v) == flat {
			return textSeconds(x.text)
		}
	}
	return 0, loaded{wrong: fmt.Sprintf("can't read %s as a number of seconds", describe(x))}
}

func wholeSeconds(x value) (int64, loaded) {
	if math.IsNaN(x.number) || math.Abs(x.number) > math.MaxInt32 {
		return 0, loaded{odd: fmt.Sprintf("can't count to %s", quote(x.text))}
	}
	n := int64(x.number)
	plain, err := strconv.ParseInt(x.text, 10, 64)
	if err != nil || plain != n {
		return n, loaded{odd: fmt.Sprintf("reads %s as %d s", x.text, n)}
	}
	return n, loaded{}
}

func textSeconds(s string) (int64, loaded) {
	if s == "" {
		return 0, loaded{}
	}
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		return 0, loaded{wrong: fmt.Sprintf("can't read %s as a number of seconds", quote(s))}
	}
	if n > math.MaxInt32 || n < math.MinInt32 {
		return 0, loaded{odd: fmt.Sprintf("can't count to %s", quote(s))}
	}
	return n, loaded{}
}

// loadList reads a list of texts. A single value stands for a list of one, and
// text is split at commas. Nil: there is no list; an empty one is not nil.
func loadList(x value) ([]string, loaded) {
	switch x.kind {
	case null:
		return nil, loaded{}
	case mapping:
		if len(x.members) == 0 {
			return []string{}, loaded{}
		}
		return nil, loaded{wrong: "can't read a mapping as a list"}
	case list:
		items := []string{}
		for _, item := range x.items {
			if item.kind == list || item.kind == mapping {
				return nil, loaded{wrong: fmt.Sprintf("can't read a list with %s in it", item.kind)}
			}
			items = append(items, plainText(item))
		}
		return items, loaded{}
	case text:
		if x.text == "" {
			return []string{}, loaded{}
		}
		return strings.Split(x.text, ","), loaded{}
	default:
		return []string{plainText(x)}, loaded{}
	}
}

// plainText is how a value looks once it is text: a number without zeros in
// front, a boolean as 1 or 0.
func plainText(x value) string {
	switch {
	case x.kind == number && x.number == math.Trunc(x.number) && math.Abs(x.number) < 1e15:
		return strconv.FormatInt(int64(x.number), 10)
	case x.kind == boolean:
		return strconv.FormatInt(int64(x.number), 10)
	default:
		return x.text
	}
}

// loadTypes reads a list of content types. Some versions want numbers and don't
// start with anything else.
func loadTypes(x value, v fixtures.Release) ([]string, loaded) {
	items, l := loadList(x)
	if l.wrong != "" || !v.Config().NumberTypes {
		return items, l
	}
	for i, item := range items {
		f, err := strconv.ParseFloat(item, 64)
		if item != "" && err != nil {
			return nil, loaded{wrong: fmt.Sprintf("reads content types as numbers, not %s", quote(item))}
		}
		items[i] = strconv.FormatInt(int64(int32(f)), 10)
	}
	return items, loaded{}
}

// describe names a value for a message.
func describe(x value) string {
	if x.kind == list || x.kind == mapping || x.kind == null {
		return string(x.kind)
	}
	return quote(x.text)
}

// quote shows a text of the file within a message, shortened.
func quote(s string) string {
	const limit = 60
	if r := []rune(s); len(r) > limit {
		s = string(r[:limit]) + "…"
	}
	return strconv.Quote(s)
}
