package validate_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// A mutation spoils one member of a captured body.
type mutation struct {
	name  string
	apply func(members []string, at int) []string
}

// wrongValues are of every JSON type; for each field type some of them fit.
var wrongValues = []string{
	`null`, `true`, `"text"`, `1`, `-0`, `1.0`, `3000000000`, `9223372036854775808`, `-1`, `{}`, `{"a":[1]}`, `[]`, `[1]`, `["a",null]`, `[null]`, `[{}]`, `[{"userID":1}]`, `[[]]`,
}

func mutations() []mutation {
	list := []mutation{
		{"left out", func(m []string, at int) []string { return append(m[:at:at], m[at+1:]...) }},
		{"twice", func(m []string, at int) []string { return append(m[:at+1:at+1], m[at:]...) }},
		{"last", func(m []string, at int) []string { return append(append(m[:at:at], m[at+1:]...), m[at]) }},
		{"renamed", func(m []string, at int) []string {
			return append(append(m[:at:at], strings.ToUpper(m[at][:2])+"_"+m[at][2:]), m[at+1:]...)
		}},
		{"escaped", func(m []string, at int) []string {
			return append(append(m[:at:at], fmt.Sprintf(`"\u%04x`, m[at][1])+m[at][2:]), m[at+1:]...)
		}},
		{"torn", func(m []string, at int) []string { return append(m[:at:at], m[at][:len(m[at])/2]) }},
		{"with space", func(m []string, at int) []string { return append(append(m[:at:at], " \n"+m[at]+"\t"), m[at+1:]...) }},
		{"with <", func(m []string, at int) []string { return append(m, `"x<\u003c":{"a<":"\ud800"}`) }},
	}
	for _, value := range wrongValues {
		list = append(list, mutation{value, func(m []string, at int) []string {
			name, _, _ := strings.Cut(m[at], ":")
			return append(append(m[:at:at], name+":"+value), m[at+1:]...)
		}})
	}
	return list
}

// mutant is a captured request with one mutation.
type mutant struct {
	name     string
	callback *fixtures.Callback
	body     string
}

// mutants are the first capture of each command, spoilt in every way that
// pick chooses.
func mutants(t *testing.T, pick func(capture, member, mutation int) bool) (list []mutant) {
	t.Helper()
	captured := make(map[string]bool)
	readLines(t, "../fixtures/testdata/captured-v3.8.3.jsonl", func(line []byte) {
		var row struct{ Command, Body string }
		require.NoError(t, json.Unmarshal(line, &row))
		if captured[row.Command] {
			return
		}
		captured[row.Command] = true
		c, err := fixtures.Lookup(row.Command)
		require.NoError(t, err)
		for at, name := range memberNames(row.Body) {
			for i, m := range mutations() {
				if pick(len(captured), at, i) {
					list = append(list, mutant{c.Key + " " + name + " " + m.name, c, mutate(row.Body, m, at)})
				}
			}
		}
	})
	return list
}

func memberNames(body string) (names []string) {
	gjson.Parse(body).ForEach(func(key, _ gjson.Result) bool {
		names = append(names, key.String())
		return true
	})
	return names
}

func mutate(body string, m mutation, at int) string {
	var members []string
	gjson.Parse(body).ForEach(func(key, value gjson.Result) bool {
		members = append(members, key.Raw+":"+value.Raw)
		return true
	})
	return "{" + strings.Join(m.apply(members, at), ",") + "}\n"
}

// What is found in spoilt requests: the same as ever.
func TestSpoiltRequests(t *testing.T) {
	some := func(capture, member, mutation int) bool { return (7*capture+5*member+mutation)%61 == 0 }
	var got strings.Builder
	for _, m := range mutants(t, some) {
		fmt.Fprintln(&got, m.name)
		for _, f := range validate.CheckRequest(m.callback, fixtures.V383, validate.Request{Body: []byte(m.body)}) {
			fmt.Fprintf(&got, "  %s %s %s\n", f.Place.Pointer, f, f.Hint)
		}
	}
	assertGolden(t, "requests.golden.txt", []byte(got.String()))
}
