package report_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// results are one kept, one broken and one hostile reply.
func results(t *testing.T) []validate.Result {
	t.Helper()
	var all []validate.Result
	for _, body := range []string{
		fixtures.PlainAllow,
		`{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`,
		"{\"actionCode\":0,\"errCode\":5001,\"errMsg\":\"\\u001b[31m]]>\\u0007<b>&\\n::error::x\",\"errDlt\":\"\xff\",\"nextCode\":1}",
	} {
		c, err := fixtures.Lookup("beforeAddFriend")
		require.NoError(t, err)
		x := validate.Exchange{
			Callback: c.Key, Command: c.Command(fixtures.DefaultRelease),
			Request: validate.Request{Method: "POST", URL: "http://h/cb/x?token=s3cret", Headers: []validate.Header{{"Authorization", "Bearer s3cret"}}, Body: []byte("{}\n")},
			Reply:   validate.Reply{Status: 200, Body: []byte(body), Elapsed: 1500 * time.Microsecond},
		}
		j := validate.NewJudge(c, validate.Options{Server: validate.On(fixtures.DefaultRelease)})
		all = append(all, validate.Result{Verdict: j.Judge(&x), Exchange: x})
	}
	return all
}

func write(t *testing.T, format string, o setup) string {
	t.Helper()
	o.Servers, o.Target = []validate.Server{validate.On(fixtures.DefaultRelease)}, "http://h/cb"
	return writeAll(t, format, o, results(t))
}

func TestNoFormatShowsSecrets(t *testing.T) {
	for _, format := range report.Names() {
		text := write(t, format, setup{report.Options{Verbose: true, Detail: true}, report.Run{FailOn: validate.Error}})
		assert.NotContains(t, text, "s3cret", format)
		if strings.Contains(text, "token=") {
			assert.Contains(t, text, "token=***", format)
		}
	}
}

func TestNoTextSteersTheTerminal(t *testing.T) {
	for _, format := range report.Names() {
		for _, o := range []report.Options{{}, {Verbose: true}, {Quiet: true}} {
			text := write(t, format, setup{Options: o})
			assert.NotContains(t, text, "\x1b", format)
			assert.NotContains(t, text, "\a", format)
			for line := range strings.Lines(text) {
				assert.False(t, strings.HasPrefix(line, "::") && format != "github", line)
			}
		}
	}
	colored := write(t, "text", setup{Options: report.Options{Color: true}})
	assert.NotContains(t, colored, "\x1b[31m]]>")
	assert.Contains(t, colored, "\x1b[")
}

func TestJSONIsWhatTheREADMEPromises(t *testing.T) {
	var document struct {
		Schema  int
		Server  string
		Results []map[string]any
		Summary map[string]int
	}
	require.NoError(t, json.Unmarshal([]byte(write(t, "json", setup{})), &document))
	assert.Equal(t, report.Schema, document.Schema)
	assert.Equal(t, "3.8.3-patch.16", document.Server)
	require.Len(t, document.Results, 3)
	assert.Equal(t, map[string]int{
		"results": 3, "proceed": 2, "refuse": 1, "fail": 0, "crash": 0, "ignored": 0, "errors": 1, "warnings": 1, "notes": 0, "skipped": 0, "requests": 3,
	}, document.Summary)
	for _, key := range []string{"callback", "command", "phase", "case", "outcome", "client", "applied", "findings", "exchange"} {
		assert.Contains(t, document.Results[0], key)
	}
	assert.Equal(t, []any{}, document.Results[0]["findings"], "a list, not null")

	lines := strings.Split(strings.TrimSpace(write(t, "jsonl", setup{})), "\n")
	require.Len(t, lines, 3)
	for i, line := range lines {
		var result map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &result))
		assert.Equal(t, document.Results[i], result)
	}
}

func TestAnEmptyRunIsStillADocument(t *testing.T) {
	for _, format := range []string{"json", "sarif"} {
		assert.True(t, json.Valid([]byte(writeAll(t, format, options, nil))), format)
	}
	assert.Empty(t, readJUnit(t, writeAll(t, "junit", options, nil)).Suites)
	assert.Contains(t, writeAll(t, "html", options, nil), "</html>")
}

func TestInterruptedRunSaysHowFarItCame(t *testing.T) {
	for format, want := range map[string]string{
		"text": "; interrupted: 1 of 46\n", "github": "; interrupted: 1 of 46\n", "html": "; interrupted: 1 of 46</h1>",
		"json": `,"interrupted":true,"planned":46}}`,
	} {
		var b bytes.Buffer
		r := begin(t, format, &b, options)
		require.NoError(t, r.Report(results(t)[0]))
		require.NoError(t, r.End(report.Summary{Summary: validate.Summary{Results: 1}, Interrupted: true, Planned: 46}))
		assert.Contains(t, b.String(), want, format)
	}
}

func TestUnknownFormatNamesTheFormats(t *testing.T) {
	_, err := report.New("xml", nil, report.Options{})
	assert.EqualError(t, err, `unknown format "xml": use one of `+strings.Join(report.Names(), ", "))
}

// A shell takes the printed line apart into the very words that were meant.
func TestCurlLineSurvivesAShell(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash on this machine to read the line")
	}
	for _, body := range []string{`{"a":"it's"}`, `{"a":"$HOME \"quoted\" ` + "`id`" + ` \\"}`, "{\"a\":\"tab\\t\x01\xff\"}", "multi\nline", "中文 & <b>"} {
		line := report.Curl(validate.Request{Method: "POST", URL: "http://h/cb?a=1&b=2", Headers: []validate.Header{{"X-A", "b c"}, {"Host", "h"}}, Body: []byte(body)})
		assert.NotContains(t, line, "\n")
		out, err := exec.Command(shell, "-c", strings.Replace(line, "curl", `printf '%s\037'`, 1)).Output()
		require.NoError(t, err, line)
		words := strings.Split(strings.TrimSuffix(string(out), "\x1f"), "\x1f")
		assert.Equal(t, []string{"-sS", "--noproxy", "*", "http://h/cb?a=1&b=2", "-H", "X-A: b c", "--data-binary", body}, words)
	}
}

// What the client of main as one process sees has no errCode after a panic, and
// keeps its text beside errCode 0.
func TestEffectInOneProcess(t *testing.T) {
	for reply, want := range map[string]string{
		`{"actionCode":0,"errCode":0,"errMsg":"no","errDlt":"why","nextCode":1}`: `OpenIM refuses; the client sees errCode 0 "no" (why), success`,
		`{"actionCode":0,"errCode":0,"nextCode":1}`:                              `OpenIM refuses; the client sees errCode 0, success`,
		`{"memberCallbackList":[null]}`:                                          `OpenIM's handler panics; the client sees HTTP status 500 and no body`,
	} {
		c, err := fixtures.Lookup("beforeMemberJoinGroup")
		require.NoError(t, err)
		x := validate.Exchange{Reply: validate.Reply{Status: 200, Body: []byte(reply)}}
		assert.Equal(t, want, report.Effect(validate.NewJudge(c, validate.Options{Server: validate.On(fixtures.Main)}).Judge(&x)))
	}
}
