package rules_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// modified is the value that a rule gives the reply's ex.
func modified(t *testing.T, template, request string, headers ...validate.Header) gjson.Result {
	t.Helper()
	text, err := json.Marshal(template)
	require.NoError(t, err)
	s := parse(t, `{"rules": [{"match": {"callback": "beforeMsgModify"}, "fault": true, "modify": {"ex": `+string(text)+`}}]}`)
	reply := respond(t, s, arrival(t, "beforeMsgModify", request, headers...))
	require.True(t, gjson.Valid(reply), reply)
	return gjson.Get(reply, "ex")
}

func TestTemplates(t *testing.T) {
	const request = `{"sendID":"Ab <c>","faceURL":"","seq":7,"atUserList":["a","b"],"content":"{\"content\":\" hi \"}","ex":null}`
	for template, want := range map[string]string{
		"${request.sendID}":                       `"Ab <c>"`,
		"x ${request.sendID}":                     `"x Ab <c>"`,
		"${request.seq}":                          "7",
		"${request.atUserList}":                   `["a","b"]`,
		"${request.ex}":                           "null",
		"${request.ex}.":                          `"."`,
		"${request.status}":                       "null",
		"${request.faceURL ?? request.sendID}":    `"Ab <c>"`,
		"${request.ex ?? request.faceURL}":        `""`,
		"${request.content.content | trim}":       `"hi"`,
		"${request.sendID|upper}":                 `"AB <C>"`,
		"${request.sendID | lower | length}":      "6",
		"${request.atUserList | length}":          "2",
		"${request.content.content | json}":       `"\" hi \""`,
		"${request.status | json}":                `"null"`,
		"${request.sendID | base64}":              `"QWIgPGM+"`,
		"${header.operationid}":                   `"op-1, op-2"`,
		"${header.X-None}":                        "null",
		"${callback} ${command}":                  `"beforeMsgModify callbackBeforeMsgModifyCommand"`,
		"${now}":                                  "1767603600123",
		"${count}":                                "1",
		"$${count} $5 }":                          `"${count} $5 }"`,
		"${request.sendID} and ${request.sendID}": `"Ab <c> and Ab <c>"`,
	} {
		got := modified(t, template, request, validate.Header{"Operationid", "op-1"}, validate.Header{"Operationid", "op-2"})
		assert.Equal(t, want, got.Raw, template)
	}
}

func TestTemplatesOfOtherBodies(t *testing.T) {
	for _, request := range []string{"no JSON", "[]", "null", `"x"`, "{", "{}"} {
		assert.Equal(t, `"-"`, modified(t, "${request.sendID}-", request).Raw, request)
	}
}

func TestTemplatesAreBounded(t *testing.T) {
	large := `{"sendID":"` + strings.Repeat("x", 600<<10) + `"}`
	assert.Len(t, modified(t, "${request.sendID}${request.sendID}", large).Str, 600<<10)
	assert.Equal(t, "null", modified(t, "${request.sendID}", `{"sendID":"`+strings.Repeat("x", 2<<20)+`"}`).Raw)
	quotes := `{"sendID":"` + strings.Repeat(`\"`, 300<<10) + `"}`
	assert.Equal(t, "null", modified(t, "${request.sendID | json | json | json | json | json}", quotes).Raw)

	_, err := rules.New("r", []byte(`rules: [{match: {phase: before}, refuse: {errMsg: "`+strings.Repeat("${now}", 101)+`"}}]`), rules.Options{})
	assert.ErrorContains(t, err, "at most 100 references")
}
