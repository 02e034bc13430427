package validate_test

import (
	"encoding/json"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	mainAsOneProcess = validate.Server{Release: fixtures.Main, Deployment: validate.OneProcess}
	mainAsServices   = validate.Server{Release: fixtures.Main, Deployment: validate.Services}
)

// TestDeployments holds what differs between the two ways in which main runs,
// as it was seen.
func TestDeployments(t *testing.T) {
	refusal := func(code string) string {
		return `{"actionCode":0,"errCode":` + code + `,"errMsg":"m","errDlt":"d","nextCode":1}`
	}
	tests := []struct {
		name, callback, reply string
		outcome               validate.Outcome
		services, oneProcess  validate.Client
	}{
		{"no code", "beforeAddFriend", refusal("0"), validate.Refuse, validate.Client{}, validate.Client{ErrMsg: "m", ErrDlt: "d"}},
		{"a code of gRPC's", "beforeAddFriend", refusal("50"), validate.Refuse,
			validate.Client{ErrCode: 500, ErrMsg: "ServerInternalError", ErrDlt: "rpc error: code = Code(50) desc = m"}, validate.Client{ErrCode: 50, ErrMsg: "m", ErrDlt: "d"}},
		{"unavailable", "beforeAddFriend", refusal("14"), validate.Refuse,
			validate.Client{ErrCode: 500, ErrMsg: "grpc service HOST:PORT down, grpc message m"}, validate.Client{ErrCode: 14, ErrMsg: "m", ErrDlt: "d"}},
		{"a code of its own", "beforeAddFriend", refusal("5001"), validate.Refuse,
			validate.Client{ErrCode: 5001, ErrMsg: "m", ErrDlt: "d"}, validate.Client{ErrCode: 5001, ErrMsg: "m", ErrDlt: "d"}},
		{"no group", "beforeSetGroupInfo", fixtures.PlainAllow, validate.Fail,
			validate.Client{ErrCode: 1004, ErrMsg: "RecordNotFoundError"}, validate.Client{ErrCode: 500, ErrMsg: "ServerInternalError", ErrDlt: "mongo: no documents in result"}},
		{"a crash", "beforeUserRegister", `{"users":[null]}`, validate.Crash,
			validate.Client{ErrCode: 500, ErrMsg: "panic error", ErrDlt: "runtime error: invalid memory address or nil pointer dereference"}, validate.Client{ErrCode: 500}},
	}
	for _, tt := range tests {
		services := verdictOf(t, tt.callback, body(tt.reply), validate.Options{Server: mainAsServices})
		oneProcess := verdictOf(t, tt.callback, body(tt.reply), validate.Options{Server: mainAsOneProcess})
		assert.Equal(t, []validate.Outcome{tt.outcome, tt.outcome}, []validate.Outcome{services.Outcome, oneProcess.Outcome}, tt.name)
		assert.Equal(t, tt.services, services.Client, tt.name)
		assert.Equal(t, tt.oneProcess, oneProcess.Client, tt.name)
	}
	negative := verdictOf(t, "beforeAddFriend", body(refusal("-7")), validate.Options{Server: mainAsOneProcess})
	assert.Equal(t, validate.Client{ErrCode: -7, ErrMsg: "m", ErrDlt: "d"}, negative.Client)
	assert.Equal(t, "errcode-range.negative code=-7 told=-7", said(negative.Findings[0].Message))
}

func TestServerOrDefault(t *testing.T) {
	asked := validate.Server{Release: fixtures.V37, Deployment: validate.OneProcess, Asked: "3.7.5"}
	assert.Equal(t, validate.Server{Release: fixtures.V37, Deployment: validate.Services, Asked: "3.7.5"}, asked.OrDefault(), "only main runs as one process")
	assert.Equal(t, mainAsOneProcess, mainAsOneProcess.OrDefault())
	assert.Equal(t, validate.Server{Release: fixtures.DefaultRelease, Deployment: validate.Services}, validate.Server{}.OrDefault())
	assert.Equal(t, mainAsServices, mainAsServices.OrDefault())
	assert.Equal(t, mainAsOneProcess, validate.On(fixtures.Main), "main's default")
	assert.Equal(t, "main", mainAsOneProcess.String())
	assert.Equal(t, "main-services", mainAsServices.String())
	assert.Equal(t, "3.8.3", validate.On(fixtures.V383).String())
}

func TestParseServer(t *testing.T) {
	for name, want := range map[string]validate.Server{
		"3.8.2":          {Release: fixtures.V382, Deployment: validate.Services},
		"3.8.3-patch.2":  {Release: fixtures.V383, Deployment: validate.Services, Asked: "3.8.3-patch.2"},
		"v3.8.3-patch.9": {Release: fixtures.V383Patch5, Deployment: validate.Services, Asked: "3.8.3-patch.9"},
		"v3.8.1":         {Release: fixtures.V381, Deployment: validate.Services},
		"3.8":            {Release: fixtures.V380, Deployment: validate.Services},
		" main ":         mainAsOneProcess,
		"main-services":  mainAsServices,
		"newest":         {Release: fixtures.DefaultRelease, Deployment: validate.Services},
	} {
		got, err := validate.ParseServer(name)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	const all = ": use main, main-services, newest or a version from 3.5 to 3.8.3-patch.16"
	for name, why := range map[string]string{
		"latest": `unknown OpenIM version "latest"` + all, "3.8.3-services": `unknown OpenIM version "3.8.3-services"` + all,
		"3.9":           "OpenIM 3.9 is newer than 3.8.3-patch.16, the newest that imcb knows" + all,
		"3.4":           "OpenIM 3.4 is older than 3.5, the first that imcb knows" + all,
		"Main":          `unknown OpenIM version "Main": did you mean main or main-services?`,
		"main-service":  `unknown OpenIM version "main-service": did you mean main-services?`,
		"3.8.3-patch16": `unknown OpenIM version "3.8.3-patch16": did you mean 3.8.3-patch.16?`,
	} {
		_, err := validate.ParseServer(name)
		assert.EqualError(t, err, why)
	}
}

// A result says who judged it, and what was asked for instead.
func TestResultNamesItsServer(t *testing.T) {
	server, err := validate.ParseServer("3.7.1")
	require.NoError(t, err)
	for want, server := range map[string]validate.Server{
		`{"release":"3.7","deployment":"services","asked":"3.7.1"}`:    server,
		`{"release":"main","deployment":"one-process"}`:                mainAsOneProcess,
		`{"release":"3.8.3-patch.16","deployment":"services"}`:         {},
		`{"release":"3.6","deployment":"services","asked":"anything"}`: {Release: fixtures.V36, Deployment: validate.OneProcess, Asked: "anything"},
	} {
		v := verdictOf(t, "beforeAddFriend", body(fixtures.PlainAllow), validate.Options{Server: server})
		text, err := json.Marshal(validate.Result{Verdict: v})
		require.NoError(t, err)
		var result struct{ Server json.RawMessage }
		require.NoError(t, json.Unmarshal(text, &result))
		assert.JSONEq(t, want, string(result.Server))
	}
}
