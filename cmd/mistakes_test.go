package cmd_test

import (
	"testing"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/stretchr/testify/assert"
)

func TestMistakes(t *testing.T) {
	for line, want := range map[string]string{
		"validat --mock":                                 `unknown command "validat": did you mean validate?`,
		"bench --help":                                   `unknown command "bench"`,
		"help snd":                                       `unknown command "snd": did you mean send?`,
		"completion tcsh":                                `unknown command "tcsh"`,
		"send --from journal.jsonl --dry-run":            "--dry-run and --from exclude each other",
		"send --from journal.jsonl --set a=b":            "--from and --set exclude each other",
		"send beforeAddFriend --mock --print json":       "--print belongs to --dry-run",
		"send beforeAddFriend --dry-run --format json":   "no results for --format",
		"validate --mock --tag slow":                     "--tag chooses among the cases of a suite",
		"validate --mock --scenario add-friend --add":    "--add changes the callbacks that are named",
		"validate --mock --max-failures -1":              "--max-failures must not be negative",
		"validate --mock --wait -1s":                     "--wait must not be negative",
		"validate --init suite.yaml":                     "--init takes no arguments",
		"validate beforeAddFriend --reply x --status 99": "--status is an HTTP status",
		"validate --mock --report json=-":                "want format=file",
		"serve --listen 127.0.0.1:99999":                 "invalid port",
		"send beforeAddFriend,beforeAddBlack --mock":     "write a space between callbacks, not a comma: beforeAddFriend beforeAddBlack",
		"send beforeSendMsg --mock":                      `unknown callback "beforeSendMsg": did you mean beforeSendGroupMsg or beforeSendSingleMsg?`,
		"validate testdata/suite.yaml --mock --tag zz":   "--tag zz: no case has ",
		"validate -mock":                                 "-mock has one dash: write --mock",
		"send -url=http://h":                             "-url has one dash: write --url",
		"validate -help":                                 "-help has one dash: write --help",
		"validate --mock --timout 5":                     "unknown flag: --timout: did you mean --timeout?",
		"validate --url":                                 "--url needs a value",
		"validate --mock --timeout 5x":                   `"5x" does not do for --timeout: want a time like 5s, 300ms or 1m30s`,
		"validate --mock --max-failures x":               `"x" does not do for --max-failures: must be an integer`,
		"list --scenarios --phase before":                "--phase and --scenarios exclude each other",
	} {
		code, stdout, stderr := runMain(t, "", splitWords(t, line)...)
		assert.Equal(t, 2, code, line)
		assert.Empty(t, stdout, line)
		assert.Contains(t, stderr, want, line)
	}
}

// Errors end up in the logs of CI, too.
func TestErrorsHideSecrets(t *testing.T) {
	for _, line := range []string{
		"validate beforeAddFriend --wait 1ms --url http://u:hunter2@127.0.0.1:1/?token=hunter2",
		"send beforeAddFriend --url ftp://u:hunter2@h/?token=hunter2", "serve --forward http://u:hunter2@h/?token=hunter2",
	} {
		code, _, stderr := runMain(t, "", splitWords(t, line)...)
		assert.NotZero(t, code, line)
		assert.NotContains(t, stderr, "hunter2", line)
	}
}

func TestSettingsThatClash(t *testing.T) {
	streams, _, errOut := streamsFor(map[string]string{"IMCB_URL": "http://h", "IMCB_MOCK": "1"}, nil)
	assert.Equal(t, 2, cmd.Main(t.Context(), []string{"send", "beforeAddFriend"}, streams))
	assert.Contains(t, errOut.String(), "the environment sets both")

	streams, out, _ := streamsFor(map[string]string{"IMCB_MOCK": "1"}, map[string]string{"imcb.yaml": "url: http://h"})
	assert.Equal(t, 0, cmd.Main(t.Context(), []string{"send", "beforeAddFriend"}, streams))
	assert.Contains(t, out.String(), "built-in receiver", "the environment wins over the file")
}

func TestVersionHelpAndCompletionWorkWhereSettingsAreWrong(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"help", "settings"}, {"completion", "bash"}} {
		streams, _, errOut := streamsFor(nil, map[string]string{"imcb.yaml": "ulr: x"})
		assert.Equal(t, 0, cmd.Main(t.Context(), args, streams), errOut.String())
	}
}

func TestProbesGoWithASuite(t *testing.T) {
	_, stdout, _ := runMain(t, "", "validate", "--mock", "--scenario", "add-friend", "--probe", "--timeout", "500ms")
	assert.Contains(t, stdout, "probe twice: ")
}

// Same results are told once, but in detail each on its own.
func TestProbesOfManyCallbacks(t *testing.T) {
	probe := func(args ...string) string {
		args = append([]string{"validate", "beforeAddFriend", "beforeAddBlack", "beforeSendGroupMsg", "--mock", "--probe", "--cover", "one"}, args...)
		code, stdout, stderr := runMain(t, "", args...)
		assert.Zero(t, code, stdout+stderr)
		return stdout
	}
	assert.Contains(t, probe(), "✓ probe twice: beforeAddFriend and 2 more")
	assert.Contains(t, probe("--format", "json"), `"callbacks":["beforeAddFriend","beforeAddBlack","beforeSendGroupMsg"]`)
	verbose := probe("-v")
	for _, key := range []string{"beforeAddFriend", "beforeAddBlack", "beforeSendGroupMsg"} {
		assert.Contains(t, verbose, "✓ probe twice: "+key+" ")
	}
}

func TestAListAndAnEmptyInput(t *testing.T) {
	code, _, stderr := runMain(t, "", "send", "beforeSendSingleMsg", "--mock", "--set", "atUserList=u1")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, `write atUserList='["u1"]'`)
	code, _, stderr = runMain(t, "\n", "lint", "-")
	assert.Equal(t, 5, code)
	assert.Contains(t, stderr, "standard input is empty")
}
