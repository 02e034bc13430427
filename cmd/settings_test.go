package cmd_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A setting that is meant for one command keeps no other from running.
func TestSettingsStopNoOtherCommand(t *testing.T) {
	commands := []string{"send beforeAddFriend --mock", "validate beforeAddFriend --mock", "lint -", "list", "show beforeAddFriend", "rules", "serve --listen 127.0.0.1:0 --for 1ms"}
	for setting, meant := range map[string]string{ // and the command for which it is, and can't do
		"cert: none.pem": "", "key: none.pem": "", "durable: true": "", "journal-rotate: 1MB": "", "until: true": "", "status: 500": "",
		"rules: none.yaml": "serve", "send: {cert: none.pem, key: none.pem}": "send", "serve: {cert: none.pem, key: none.pem}": "serve",
	} {
		flag, value, _ := strings.Cut(setting, ": ")
		variables := []map[string]string{nil}
		if !strings.HasPrefix(value, "{") {
			variables = append(variables, map[string]string{"IMCB_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_")): value})
		}
		for _, env := range variables {
			files := map[string]string{"imcb.yaml": setting + "\n"}
			if env != nil {
				files = nil
			}
			for _, line := range commands {
				streams, _, errOut := streamsFor(env, files)
				streams.In = strings.NewReader("url: http://hooks/x\nbeforeAddFriend: {enable: true, timeout: 5}\n")
				code := cmd.Main(t.Context(), strings.Fields(line), streams)
				assert.Equal(t, meant != "" && strings.HasPrefix(line, meant), code != 0, "%s %v: %s: %s", setting, env, line, errOut)
			}
		}
	}
}

func TestACommandHasSettingsOfItsOwn(t *testing.T) {
	const file = "server: 3.6\nsend:\n  server: 3.7\n  rule: [missing-field=off]\n"
	for line, want := range map[string]string{
		"send beforeAddFriend --mock":              "OpenIM 3.7",
		"send beforeAddFriend --mock --server 3.5": "OpenIM 3.5",
		"show beforeAddFriend":                     "3.6",
	} {
		streams, out, errOut := streamsFor(nil, map[string]string{"imcb.yaml": file})
		require.Zero(t, cmd.Main(t.Context(), strings.Fields(line), streams), errOut.String())
		assert.Contains(t, out.String(), want, line)
	}
}

// Each command tells of a value that does not do, and where it stands.
func TestAWrongSettingIsNamedWithItsPlace(t *testing.T) {
	for line, wrong := range map[string]string{
		"list": "server: 2.3", "show beforeAddFriend": "server: 2.3", "lint -": "server: 2.3", "send beforeAddFriend --mock": "server: 2.3",
		"validate --mock": "fail-on: bad", "serve": "log-format: xml", "list --json": "phase: during", "lint x": "rule: nothing",
	} {
		streams, _, errOut := streamsFor(nil, map[string]string{"imcb.yaml": wrong + "\n"})
		assert.Equal(t, 2, cmd.Main(t.Context(), strings.Fields(line), streams), line)
		flag, _, _ := strings.Cut(wrong, ":")
		assert.Regexp(t, `^imcb: imcb\.yaml:1:\d+: --`+flag+"\\b", errOut.String(), line)
	}
}

func TestSettingsMayBeEmpty(t *testing.T) {
	for _, file := range []string{"", "# nothing yet\n", "---\n", "{}"} {
		streams, _, errOut := streamsFor(nil, map[string]string{"imcb.yaml": file})
		assert.Zero(t, cmd.Main(t.Context(), []string{"list"}, streams), errOut.String())
	}
}

func TestOneCertificateKeepsTheOtherFromBeingFilledIn(t *testing.T) {
	streams, _, errOut := streamsFor(nil, map[string]string{"imcb.yaml": "cert: none.pem\nkey: none.pem\n"})
	assert.Zero(t, cmd.Main(t.Context(), strings.Fields("serve --tls-self-signed --listen 127.0.0.1:0 --for 1ms"), streams), errOut.String())
	streams, _, errOut = streamsFor(nil, map[string]string{"imcb.yaml": "key: none.pem\n"})
	assert.Equal(t, 2, cmd.Main(t.Context(), strings.Fields("send beforeAddFriend --mock --cert here.pem"), streams))
	assert.Contains(t, errOut.String(), "here.pem", "the partner is on the command line")
}

func TestTheSchemaOfTheSettings(t *testing.T) {
	code, stdout, _ := runMain(t, "", "export", "jsonschema", "--of", "settings")
	require.Zero(t, code)
	type property struct {
		Description string
		Type        any
		Properties  map[string]property
	}
	var schema struct{ Properties map[string]property }
	require.NoError(t, json.Unmarshal([]byte(stdout), &schema))
	assert.Equal(t, "boolean", schema.Properties["mock"].Type)
	assert.Contains(t, schema.Properties, "color")
	assert.NotContains(t, schema.Properties, "help")
	assert.Contains(t, schema.Properties["cert"].Description, "; in serve: serve https with")
	assert.Contains(t, schema.Properties["serve"].Properties, "listen")
	assert.NotContains(t, schema.Properties["send"].Properties, "listen")
}

func TestAVariableHoldsAList(t *testing.T) {
	streams, out, errOut := streamsFor(map[string]string{"IMCB_RULE": "errcode-range=error, slow=off", "IMCB_MOCK": "true"}, nil)
	require.Zero(t, cmd.Main(t.Context(), []string{"validate", "beforeAddFriend"}, streams), errOut.String())
	assert.NotEmpty(t, out.String())
	streams, _, errOut = streamsFor(map[string]string{"IMCB_RULE": "errcode-range=error,sloww=off", "IMCB_MOCK": "true"}, nil)
	assert.Equal(t, 2, cmd.Main(t.Context(), []string{"send", "beforeAddFriend"}, streams))
	assert.Contains(t, errOut.String(), `IMCB_RULE: --rule: unknown rule "sloww": did you mean slow?`)
}

func TestAMisspeltVariableIsNamed(t *testing.T) {
	streams, _, errOut := streamsFor(nil, nil)
	streams.Environ = func() []string { return []string{"IMCB_TIMOUT=5s", "IMCB_TIMEOUT=5s", "HOME=/root"} }
	require.Zero(t, cmd.Main(t.Context(), []string{"send", "beforeAddFriend", "--mock"}, streams))
	assert.Equal(t, "imcb: warning: IMCB_TIMOUT sets nothing: did you mean IMCB_TIMEOUT?\n", errOut.String())
}

func TestTheOtherEndingIsRead(t *testing.T) {
	streams, _, errOut := streamsFor(nil, map[string]string{"imcb.yml": "mock: true\nfail-on: never\ntimeout: x"})
	assert.Equal(t, 2, cmd.Main(t.Context(), []string{"send", "beforeAddFriend"}, streams))
	assert.Equal(t, "imcb: imcb.yml:3:10: \"x\" does not do for --timeout: want a time like 5s, 300ms or 1m30s\n", errOut.String())
}
