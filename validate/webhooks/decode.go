package webhooks

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// load reads the value as the release does: with viper and mapstructure, which
// turn one type into another, or with yaml.v3.
func (s *setting) load(w *view) {
	switch s.known {
	case "enable", "failedContinue":
		s.loadFlag(w)
	case "timeout":
		s.loadSeconds(w)
	default:
		s.loadList(w)
		if s.known == "deniedTypes" && w.v.Config().NumberTypes {
			s.loadNumbers(w)
		}
	}
}

func (s *setting) loadFlag(w *view) {
	x := s.value
	switch {
	case x.kind == yamlfile.Null:
	case x.kind == yamlfile.Boolean:
		s.flag = x.number != 0
	case !w.flat:
		s.loadOldFlag(w)
	case x.kind == yamlfile.Number:
		s.flag = x.number != 0
		s.odd = say("odd-value.flag", "server", w.v, "text", x.text, "value", s.flag)
	case x.kind == yamlfile.Text && x.text == "":
	default:
		flag, err := strconv.ParseBool(x.text)
		if s.flag = flag; err != nil {
			s.wrong = say("value-type.flag", "server", w.v, "value", x.shown())
		}
	}
}

// loadOldFlag is how yaml.v3 reads what is no boolean.
func (s *setting) loadOldFlag(w *view) {
	s.flag = slices.Contains([]string{"y", "Y", "yes", "on"}, s.value.text)
	if s.value.kind != yamlfile.Text || !s.flag && !slices.Contains([]string{"n", "N", "no", "off"}, s.value.text) {
		s.flag, s.wrong = false, say("value-type.flag", "server", w.v, "value", s.value.shown())
	}
}

func (s *setting) loadSeconds(w *view) {
	x := s.value
	switch {
	case x.kind == yamlfile.Null, x.kind == yamlfile.Text && x.text == "" && w.flat:
	case x.kind == yamlfile.Number:
		plain, err := strconv.ParseInt(x.text, 10, 64)
		s.setSeconds(w, x.number, err == nil && float64(plain) == x.number)
	case x.kind == yamlfile.Boolean && w.flat:
		s.setSeconds(w, x.number, false)
	default:
		n, err := strconv.ParseInt(x.text, 0, 64)
		if x.kind != yamlfile.Text || !w.flat || err != nil {
			s.wrong = say("value-type.seconds", "server", w.v, "value", x.shown())
			return
		}
		s.setSeconds(w, float64(n), true)
	}
}

// setSeconds sets a number of seconds; plain says that it is written so.
func (s *setting) setSeconds(w *view, n float64, plain bool) {
	switch {
	case math.IsNaN(n) || math.Abs(n) > math.MaxInt32:
		s.odd = say("odd-value.count", "server", w.v, "text", short(s.value.text))
	case !plain:
		s.odd = say("odd-value.seconds", "server", w.v, "text", s.value.text, "value", int64(n))
		fallthrough
	default:
		s.seconds = int64(n)
	}
}

// loadList reads a list of texts. A single value stands for a list of one, and
// text is split at commas.
func (s *setting) loadList(w *view) {
	x := s.value
	switch {
	case x.kind == yamlfile.Null:
	case x.kind == yamlfile.Mapping && len(x.members) > 0:
		s.wrong = say("value-type.list", "server", w.v)
	case x.kind == yamlfile.List:
		items := []string{}
		for _, item := range x.items {
			if item.hasParts() {
				s.wrong = say("value-type.nested", "server", w.v, "value", item.kind.Text())
				return
			}
			items = append(items, item.plain())
		}
		s.items = items
	case x.text == "": // also an empty mapping
		s.items = []string{}
	case x.kind == yamlfile.Text:
		s.items = strings.Split(x.text, ",")
	default:
		s.items = []string{x.plain()}
	}
}

// loadNumbers makes numbers of a list of content types.
func (s *setting) loadNumbers(w *view) {
	s.ranges = slices.ContainsFunc(s.items, func(item string) bool {
		_, _, ok := typeRange(item)
		return ok && strings.Contains(item, "-")
	})
	for i, item := range s.items {
		n, err := strconv.ParseFloat(item, 64)
		if item != "" && err != nil {
			s.items, s.wrong = nil, say("value-type.numbers", "server", w.v, "value", short(item))
			return
		}
		s.items[i] = strconv.FormatInt(int64(int32(n)), 10)
	}
}

// plain is a value that has become text: a number without zeros in front, a
// boolean as 1 or 0.
func (x value) plain() string {
	isWhole := x.kind == yamlfile.Number && x.number == math.Trunc(x.number) && math.Abs(x.number) < 1e15
	if isWhole || x.kind == yamlfile.Boolean {
		return strconv.FormatInt(int64(x.number), 10)
	}
	return x.text
}

// shown is a value in a message: its text or, if it has parts, its kind.
func (x value) shown() any {
	if x.hasParts() {
		return x.kind
	}
	return short(x.text)
}

func (x value) hasParts() bool { return x.kind == yamlfile.List || x.kind == yamlfile.Mapping }
