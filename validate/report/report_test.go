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

func write(t *testing.T, format string, o report.Options) string {
	t.Helper()
	var b bytes.Buffer
	o.Servers, o.Target = []string{"3.8.3-patch.16"}, "http://h/cb"
	r, err := report.New(format, &b, o)
	require.NoError(t, err)
	var sum validate.Summary
	for _, result := range results(t) {
		sum.Add(result)
		require.NoError(t, r.Report(result))
	}
	require.NoError(t, r.Close(sum))
	return b.String()
}

func TestNoFormatShowsSecrets(t *testing.T) {
	for _, format := range report.Names() {
		text := write(t, format, report.Options{Verbose: true, Detail: true, FailOn: validate.Error})
		assert.NotContains(t, text, "s3cret", format)
		if format != "github" { // which shows no request
			assert.Contains(t, text, "***", format)
		}
	}
}

func TestNoTextSteersTheTerminal(t *testing.T) {
	for _, format := range report.Names() {
		for _, o := range []report.Options{{}, {Verbose: true}, {Quiet: true}} {
			text := write(t, format, o)
			assert.NotContains(t, text, "\x1b", format)
			assert.NotContains(t, text, "\a", format)
			for line := range strings.Lines(text) {
				assert.False(t, strings.HasPrefix(line, "::") && format != "github", line)
			}
		}
	}
	colored := write(t, "text", report.Options{Color: true})
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
	require.NoError(t, json.Unmarshal([]byte(write(t, "json", report.Options{})), &document))
	assert.Equal(t, report.Schema, document.Schema)
	assert.Equal(t, "3.8.3-patch.16", document.Server)
	require.Len(t, document.Results, 3)
	assert.Equal(t, map[string]int{
		"results": 3, "proceed": 2, "refuse": 1, "fail": 0, "crash": 0, "ignored": 0, "errors": 1, "warnings": 1, "notes": 0, "skipped": 0,
	}, document.Summary)
	for _, key := range []string{"callback", "command", "phase", "case", "outcome", "client", "applied", "findings", "exchange"} {
		assert.Contains(t, document.Results[0], key)
	}
	assert.Equal(t, []any{}, document.Results[0]["findings"], "a list, not null")

	lines := strings.Split(strings.TrimSpace(write(t, "jsonl", report.Options{})), "\n")
	require.Len(t, lines, 3)
	for i, line := range lines {
		var result map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &result))
		assert.Equal(t, document.Results[i], result)
	}
}

func TestAnEmptyRunIsStillADocument(t *testing.T) {
	var b bytes.Buffer
	r, err := report.New("json", &b, report.Options{Servers: []string{"main"}})
	require.NoError(t, err)
	require.NoError(t, r.Close(validate.Summary{}))
	assert.True(t, json.Valid(b.Bytes()), b.String())
}

func TestUnknownFormatNamesTheFormats(t *testing.T) {
	_, err := report.New("xml", nil, report.Options{})
	assert.EqualError(t, err, `unknown format "xml": use one of `+strings.Join(report.Names(), ", "))
}

func TestMask(t *testing.T) {
	for url, want := range map[string]string{
		"http://h/cb":                            "http://h/cb",
		"http://u:pw@h/cb":                       "http://u:***@h/cb",
		"http://h/cb?token=a&x=1":                "http://h/cb?token=***&x=1",
		"http://h/cb?access_token=a":             "http://h/cb?access_token=***",
		"http://h/cb?key=abc":                    "http://h/cb?key=***",
		"http://h/cb?key=eyJzZW5kSUQiOiIxIn0%3D": "http://h/cb?key=eyJzZW5kSUQiOiIxIn0%3D",
		"::not a url":                            "::not a url",
	} {
		x := report.Mask(validate.Exchange{Request: validate.Request{URL: url}})
		assert.Equal(t, want, x.Request.URL)
	}
	original := validate.Exchange{
		Request: validate.Request{
			URL:     "http://h",
			Headers: []validate.Header{{"Cookie", "a=b"}, {"X-Api-Key", "k"}, {"Operationid", "1"}},
			Body:    []byte(`{"callbackCommand":"callbackBeforeUserRegisterCommand","secret":"openIM123","users":[]}`),
		},
		Reply: validate.Reply{Headers: []validate.Header{{"Set-Cookie", "a=b"}}, Redirects: []validate.Redirect{{Status: 302, Location: "http://h/?token=a"}}, Failure: validate.Refused, Detail: `Post "http://u:pw@h/cb": refused`},
	}
	x := report.Mask(original)
	assert.Equal(t, []validate.Header{{"Cookie", "***"}, {"X-Api-Key", "***"}, {"Operationid", "1"}}, x.Request.Headers)
	assert.Equal(t, `{"callbackCommand":"callbackBeforeUserRegisterCommand","secret":"***","users":[]}`, string(x.Request.Body))
	assert.Equal(t, []validate.Header{{"Set-Cookie", "***"}}, x.Reply.Headers)
	assert.Equal(t, `Post "http://u:***@h/cb": refused`, x.Reply.Detail)
	assert.Equal(t, "http://h/?token=***", x.Reply.Redirects[0].Location)
	assert.Equal(t, "http://h/?token=a", original.Reply.Redirects[0].Location)
	assert.Equal(t, "Cookie", original.Request.Headers[0][0])
	assert.Equal(t, "a=b", original.Request.Headers[0][1], "the original is left alone")
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
		assert.Equal(t, []string{"-sS", "http://h/cb?a=1&b=2", "-H", "X-A: b c", "--data-binary", body}, words)
	}
}
