package validate_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recordedReply is a row of testdata/receivers.jsonl: what a real receiver
// answered, and what a validator should say of it.
type recordedReply struct {
	Receiver, Case, Command string
	Status                  int
	Body                    string
	Outcome                 string `json:"openim_outcome"`
	Code                    *int   `json:"openim_code"`
	Expect                  string
}

func TestRecordedReceivers(t *testing.T) {
	rows := 0
	readLines(t, "testdata/receivers.jsonl", func(line []byte) {
		var row recordedReply
		require.NoError(t, json.Unmarshal(line, &row))
		rows++
		for _, server := range []fixtures.Release{fixtures.V383, fixtures.DefaultRelease} {
			t.Run(row.Receiver+"/"+row.Case+"/"+server.String(), func(t *testing.T) { row.check(t, server) })
		}
	})
	assert.Equal(t, 25, rows)
}

func (r recordedReply) check(t *testing.T, server fixtures.Release) {
	callback, err := fixtures.Lookup(r.Command)
	require.NoError(t, err)
	x := validate.Exchange{Command: r.Command, Reply: validate.Reply{Status: r.Status, Body: []byte(r.Body)}}
	v := validate.NewJudge(callback, validate.Options{Server: validate.On(server)}).Judge(&x)

	assert.Equal(t, r.severity(v), v.Worst(), "%v", v.Findings)
	for _, f := range v.Findings {
		assertFinding(t, f)
	}
	if callback.Phase == fixtures.After {
		assert.Equal(t, validate.Nothing, v.Outcome)
		return
	}
	outcomes := map[string]validate.Outcome{"continue": validate.Proceed, "refused": validate.Refuse, "data-error": validate.Fail}
	assert.Equal(t, outcomes[r.Outcome], v.Outcome)
	if r.Code != nil {
		assert.Equal(t, *r.Code, v.Client.ErrCode)
	} else {
		assert.Zero(t, v.Client.ErrCode)
	}
}

// severity is what the row expects. The rows were written for a validator that
// lets any errCode pass; imcb is stricter.
func (r recordedReply) severity(v validate.Verdict) validate.Severity {
	switch {
	case v.Outcome == validate.Refuse && (v.Client.ErrCode < 5000 || v.Client.ErrCode > 9999):
		return validate.Error
	case r.Expect == "ok":
		return validate.Off
	default:
		return validate.Severity(r.Expect)
	}
}

// Callbacks for the table below.
const (
	send = "beforeSendSingleMsg"
	sent = "afterSendSingleMsg"
)

// TestFrameworks judges what frameworks and homemade envelopes answer when
// nobody has thought of OpenIM. want lists the findings as "severity rule".
func TestFrameworks(t *testing.T) {
	tests := []struct {
		name, callback string
		status         int
		body           string
		outcome        validate.Outcome
		want           string
	}{
		// No handler at the path: JSON opens the gate, text closes it.
		{"NestJS 404", send, 404, `{"statusCode":404,"message":"Cannot POST /cb/callbackBeforeSendSingleMsgCommand","error":"Not Found"}`, validate.Proceed, "error no-route"},
		{"Spring Boot 404", send, 404, `{"timestamp":"2026-01-05T09:00:00.123+00:00","status":404,"error":"Not Found","path":"/cb/x"}`, validate.Proceed, "error no-route"},
		{"Spring Boot 405", send, 405, `{"timestamp":"2026-01-05T09:00:00.123+00:00","status":405,"error":"Method Not Allowed","path":"/cb/x"}`, validate.Proceed, "error no-route"},
		{"Spring, own handler, 500", send, 500, `{"code":500,"msg":"No static resource cb/callbackBeforeSendSingleMsgCommand.","data":null}`, validate.Proceed, "error no-route"},
		{"Spring, own handler, 200", send, 200, `{"code":500,"msg":"No static resource cb/callbackBeforeSendSingleMsgCommand.","data":null}`, validate.Proceed, "error no-route"},
		{"FastAPI 404", send, 404, `{"detail":"Not Found"}`, validate.Proceed, "error no-route"},
		{"FastAPI 405", send, 405, `{"detail":"Method Not Allowed"}`, validate.Proceed, "error no-route"},
		{"Laravel JSON 404", send, 404, `{"message":"The route cb/x could not be found.","exception":"Symfony\\Component\\HttpKernel\\Exception\\NotFoundHttpException"}`, validate.Proceed, "error no-route"},
		{"Laravel JSON 405", send, 405, `{"message":"The POST method is not supported for route cb/x. Supported methods: GET, HEAD."}`, validate.Proceed, "error no-route"},
		{"ASP.NET 404", send, 404, `{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.5","title":"Not Found","status":404,"traceId":"00-1"}`, validate.Proceed, "error no-route"},
		{"Rails 404", send, 404, `{"status":404,"error":"Not Found"}`, validate.Proceed, "error no-route"},
		{"Django REST 404", send, 404, `{"detail":"Not found."}`, validate.Proceed, "error no-route"},
		{"Fastify 404", send, 404, `{"message":"Route POST:/cb/x not found","error":"Not Found","statusCode":404}`, validate.Proceed, "error no-route"},
		{"Echo 404", send, 404, `{"message":"Not Found"}`, validate.Proceed, "error no-route"},
		{"404 in a 200", send, 200, `{"code":404,"message":"Not Found","data":null}`, validate.Proceed, "error no-route"},
		{"404 of an after callback", sent, 404, `{"statusCode":404,"message":"Cannot POST /x"}`, validate.Nothing, "error no-route"},
		{"gin 404", send, 404, "404 page not found", validate.Fail, "error no-route"},
		{"net/http 405", send, 405, "Method Not Allowed\n", validate.Fail, "error no-route"},
		{"aiohttp 404", send, 404, "404: Not Found", validate.Fail, "error no-route"},
		{"Express 404", send, 404, "<!DOCTYPE html>\n<html lang=\"en\">\n<body>\n<pre>Cannot POST /cb/x</pre>\n</body>\n</html>\n", validate.Fail, "error no-route"},
		{"Flask 404", send, 404, "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n", validate.Fail, "error no-route"},
		{"nginx 404", send, 404, "<html>\r\n<head><title>404 Not Found</title></head>\r\n</html>\r\n", validate.Fail, "error no-route"},
		{"JSON string 404", send, 404, `"Not Found"`, validate.Fail, "error no-route"},
		{"gin 404, after", sent, 404, "404 page not found", validate.Nothing, "error no-route"},
		{"empty 404", send, 404, "", validate.Fail, "error empty-body"},

		// A handler that fails in the framework's own words.
		{"NestJS 401", send, 401, `{"statusCode":401,"message":"Unauthorized"}`, validate.Proceed, "error http-status"},
		{"NestJS 500", send, 500, `{"statusCode":500,"message":"Internal server error"}`, validate.Proceed, "error http-status"},
		{"Spring Boot 500", send, 500, `{"timestamp":"2026-01-05T09:00:00.123+00:00","status":500,"error":"Internal Server Error","path":"/cb/x"}`, validate.Proceed, "error http-status"},
		{"FastAPI 422", send, 422, `{"detail":[{"type":"missing","loc":["body","x"],"msg":"Field required","input":{}}]}`, validate.Proceed, "error http-status"},
		{"ASP.NET 400", send, 400, `{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"traceId":"00-1"}`, validate.Proceed, "error http-status"},
		{"envelope 500", send, 500, `{"code":500,"msg":"dial tcp: no route to host","data":null}`, validate.Proceed, "error http-status"},
		{"empty object 500", send, 500, `{}`, validate.Proceed, "error http-status"},
		{"user could not be found", send, 500, `{"message":"User could not be found"}`, validate.Proceed, "error http-status"},
		{"500 of an after callback", sent, 500, `{"code":500,"msg":"db down"}`, validate.Nothing, "error http-status"},
		{"allow on 404", send, 404, fixtures.PlainAllow, validate.Proceed, "error http-status"},
		{"refusal on 404", send, 404, `{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`, validate.Refuse, "warning http-status"},
		{"wrong type on 404", send, 404, `{"errCode":"404","errMsg":"not found"}`, validate.Fail, "error type-mismatch"},
		{"allow on 500", send, 500, fixtures.PlainAllow, validate.Proceed, "error http-status"},
		{"ack on 500", sent, 500, fixtures.PlainAllow, validate.Nothing, "warning http-status"},
		{"refusal on 403", send, 403, `{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`, validate.Refuse, "warning http-status"},
		{"broken refusal on 401", send, 401, `{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`, validate.Proceed, "error refusal-ineffective"},
		{"text 500", send, 500, "Internal Server Error", validate.Fail, "error not-json"},
		{"aiohttp 500", send, 500, "500 Internal Server Error\n\nServer got itself in trouble", validate.Fail, "error not-json"},
		{"text 502", send, 502, "502 Bad Gateway", validate.Fail, "error not-json"},
		{"two numbers", send, 200, "0 1", validate.Fail, "error not-json"},
		{"no braces", send, 200, "\"actionCode\": 0,\n\"errCode\": 0,\n\"nextCode\": 0\n", validate.Fail, "error not-json"},
		{"no route to host", send, 502, "dial tcp: no route to host", validate.Fail, "error not-json"},
		{"nginx 502", send, 502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>\r\n", validate.Fail, "error not-json"},
		{"HTML 200", send, 200, "<!doctype html><html><body>Sign in</body></html>", validate.Fail, "error not-json"},
		{"XML", send, 200, `<?xml version="1.0"?><xml><return_code>SUCCESS</return_code></xml>`, validate.Fail, "error not-json"},
		{"PHP warning", send, 200, "<br />\n<b>Warning</b>:  Undefined variable $x in <b>/srv/cb.php</b> on line <b>3</b><br />\n" + fixtures.PlainAllow, validate.Fail, "error not-json"},
		{"PHP notice", send, 200, "PHP Notice:  Undefined index: x\n" + fixtures.PlainAllow, validate.Fail, "error not-json"},
		{"trailing comma", send, 200, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,}`, validate.Fail, "error not-json"},
		{"cut off", send, 200, `{"actionCode":0,"errCode":0`, validate.Fail, "error not-json"},
		{"OK", send, 200, "OK", validate.Fail, "error not-json"},
		{"success", sent, 200, "success", validate.Nothing, "error not-json"},
		{"empty", send, 200, "", validate.Fail, "error empty-body"},
		{"empty 204", sent, 204, "", validate.Nothing, "note empty-body"},
		{"empty 500", sent, 500, "", validate.Nothing, "error empty-body"},
		{"white space", send, 200, " \n\t", validate.Fail, "error empty-body"},
		{"list", send, 200, `[]`, validate.Fail, "error not-object"},
		{"number", send, 200, `0`, validate.Fail, "error not-object"},
		{"JSON text", send, 200, `"ok"`, validate.Fail, "error not-object"},
		{"BOM", send, 200, "\ufeff" + fixtures.PlainAllow, validate.Fail, "error bom"},
		{"UTF-16", send, 200, "\xff\xfe{\x00}\x00", validate.Fail, "error bom"},
		{"BOM on 404", send, 404, "\ufeff" + `{"message":"Not Found"}`, validate.Fail, "error no-route"},
		{"two documents", send, 200, fixtures.PlainAllow + "\n" + fixtures.PlainAllow, validate.Fail, "error trailing-data"},
		{"text after", send, 200, fixtures.PlainAllow + "ok", validate.Fail, "error trailing-data"},
		{"newline after", send, 200, fixtures.PlainAllow + "\r\n", validate.Proceed, ""},

		// Formats of one's own. A success works by default, an error does not.
		{"null", send, 200, `null`, validate.Proceed, "warning no-contract-field"},
		{"empty object", send, 200, `{}`, validate.Proceed, "warning no-contract-field"},
		{"success true", send, 200, `{"success":true}`, validate.Proceed, "warning no-contract-field"},
		{"success false", send, 200, `{"success":false,"message":"blocked"}`, validate.Proceed, "error no-contract-field"},
		{"code 0", send, 200, `{"code":0,"msg":"success","data":null}`, validate.Proceed, "warning no-contract-field"},
		{"code 200", send, 200, `{"code":200,"message":"操作成功","data":null}`, validate.Proceed, "warning no-contract-field"},
		{"code 201", send, 200, `{"code":201,"message":"created"}`, validate.Proceed, "warning no-contract-field"},
		{"code 20000", send, 200, `{"code":20000,"message":"ok"}`, validate.Proceed, "warning no-contract-field"},
		{"code 401", send, 200, `{"code":401,"msg":"token expired","data":null}`, validate.Proceed, "error no-contract-field"},
		{"code -1", send, 200, `{"code":-1,"msg":"denied"}`, validate.Proceed, "error no-contract-field"},
		{"error text", send, 200, `{"error":"quota exceeded"}`, validate.Proceed, "error no-contract-field"},
		{"no error", send, 200, `{"error":null,"result":"ok"}`, validate.Proceed, "warning no-contract-field"},
		{"code 404 of a handler", send, 200, `{"code":404,"msg":"user not found"}`, validate.Proceed, "error no-contract-field"},
		{"code 500, after", sent, 200, `{"code":500,"msg":"db down"}`, validate.Nothing, "warning no-contract-field"},
		{"code 0, after", sent, 201, `{"code":0,"message":"ok"}`, validate.Nothing, "warning no-contract-field"},
		{"allow in data", send, 200, `{"code":0,"msg":"ok","data":{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}}`, validate.Proceed, "error envelope"},
		{"refusal in result", send, 200, `{"result":{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}}`, validate.Proceed, "error envelope"},
		{"refusal in data on 403", send, 403, `{"code":403,"data":{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}}`, validate.Proceed, "error envelope"},
		{"ack in data", sent, 200, `{"code":0,"data":{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}}`, validate.Nothing, "warning envelope"},
		{"snake case allow", send, 200, `{"action_code":0,"err_code":0,"err_msg":"","err_dlt":"","next_code":0}`, validate.Proceed, "error misspelt-field"},
		{"snake case refusal on 403", send, 403, `{"action_code":0,"err_code":5001,"err_msg":"no","err_dlt":"","next_code":1}`, validate.Proceed, "error misspelt-field"},
		{"snake case ack", sent, 200, `{"action_code":0,"err_code":0,"err_msg":"","err_dlt":"","next_code":0}`, validate.Nothing, "warning misspelt-field"},
		{"Go names", send, 200, `{"ActionCode":0,"ErrCode":5001,"ErrMsg":"no","ErrDlt":"d","NextCode":1}`, validate.Refuse, "warning key-case"},
		{"chat server's ack", sent, 200, `{"errCode":0,"errMsg":"","errDlt":"","data":{}}`, validate.Nothing, "warning missing-field, note unknown-field"},
		{"chat server's allow", send, 200, `{"errCode":0,"errMsg":"","errDlt":""}`, validate.Proceed, "warning missing-field"},
		{"chat server's error", send, 200, `{"errCode":20013,"errMsg":"RefuseFriend","errDlt":"state 2"}`, validate.Proceed, "error refusal-ineffective"},
		{"chat server's error, after", sent, 200, `{"errCode":1001,"errMsg":"ArgsError","errDlt":"missing key"}`, validate.Nothing, "warning refusal-on-after"},
		{"uncoded error, after", sent, 200, `{"actionCode":0,"errCode":0,"errMsg":"no","errDlt":"","nextCode":1}`, validate.Nothing, "warning refusal-on-after"},
		{"error on an after callback", sent, 500, `{"actionCode":0,"errCode":5001,"errMsg":"audit failed","errDlt":"","nextCode":1}`, validate.Nothing, "warning refusal-on-after"},
		{"unknown field", send, 200, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"data":{}}`, validate.Proceed, "note unknown-field"},
		{"unknown null", send, 200, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"data":null}`, validate.Proceed, ""},

		// Codes.
		{"actionCode 1, nextCode 1", send, 200, `{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`, validate.Proceed, "error refusal-ineffective"},
		{"actionCode 1, nextCode 1, no code", send, 200, `{"actionCode":1,"errCode":0,"errMsg":"no","errDlt":"","nextCode":1}`, validate.Proceed, "error refusal-ineffective"},
		{"actionCode 1 alone", send, 200, `{"actionCode":1,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`, validate.Proceed, "error actioncode-value"},
		{"actionCode 1 and a code", send, 200, `{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":0}`, validate.Proceed, "error refusal-ineffective"},
		{"actionCode 1 beside a success", send, 200, `{"actionCode":1,"errCode":0,"errMsg":"success","errDlt":"","nextCode":0}`, validate.Proceed, "warning actioncode-value"},
		{"a code alone", send, 200, `{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":0}`, validate.Proceed, "error refusal-ineffective"},
		{"nextCode 2 and a code", send, 200, `{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":2}`, validate.Proceed, "error refusal-ineffective"},
		{"nextCode 2", send, 200, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":2}`, validate.Proceed, "warning nextcode-value"},
		{"200 success", send, 200, `{"actionCode":0,"errCode":200,"errMsg":"success","errDlt":"","nextCode":0}`, validate.Proceed, "warning errcode-on-allow"},
		{"200 success, after", sent, 200, `{"actionCode":0,"errCode":200,"errMsg":"ok","errDlt":"","nextCode":0}`, validate.Nothing, "warning errcode-on-allow"},
		{"no code", send, 200, `{"actionCode":0,"errCode":0,"errMsg":"no","errDlt":"","nextCode":1}`, validate.Refuse, "error errcode-missing"},
		{"403", send, 200, `{"actionCode":0,"errCode":403,"errMsg":"forbidden","errDlt":"","nextCode":1}`, validate.Refuse, "error errcode-range"},
		{"1002", send, 200, `{"actionCode":0,"errCode":1002,"errMsg":"no permission","errDlt":"","nextCode":1}`, validate.Refuse, "error errcode-reserved"},
		{"10001", send, 200, `{"actionCode":0,"errCode":10001,"errMsg":"no","errDlt":"","nextCode":1}`, validate.Refuse, "error errcode-range"},
		{"20013", send, 200, `{"actionCode":0,"errCode":20013,"errMsg":"no","errDlt":"","nextCode":1}`, validate.Refuse, "warning errcode-range"},
		{"73001", send, 200, `{"actionCode":0,"errCode":73001,"errMsg":"no","errDlt":"","nextCode":1}`, validate.Refuse, "error errcode-range"},
		{"negative", send, 200, `{"actionCode":0,"errCode":-1,"errMsg":"no","errDlt":"","nextCode":1}`, validate.Refuse, "error errcode-range"},
		{"too large", send, 200, `{"actionCode":0,"errCode":3000000000,"errMsg":"no","errDlt":"","nextCode":1}`, validate.Fail, "error int-range"},
		{"quoted nextCode", send, 200, `{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":"1"}`, validate.Fail, "error type-mismatch"},
		{"fraction", send, 200, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":1.0}`, validate.Fail, "error type-mismatch"},
		{"boolean", send, 200, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":true}`, validate.Fail, "error type-mismatch"},
		{"number for a text", send, 200, `{"actionCode":0,"errCode":0,"errMsg":123,"errDlt":"","nextCode":0}`, validate.Fail, "error type-mismatch"},
		{"nulls", send, 200, `{"actionCode":null,"errCode":null,"errMsg":null,"errDlt":null,"nextCode":null}`, validate.Proceed, ""},
		{"no message", send, 200, `{"actionCode":0,"errCode":5001,"errMsg":"","errDlt":"d","nextCode":1}`, validate.Refuse, "warning errmsg-missing"},
		{"leak", send, 200, `{"actionCode":0,"errCode":5001,"errMsg":"Error: Duplicate entry '7' for key 'PRIMARY'","errDlt":"","nextCode":1}`, validate.Refuse, "warning errmsg-leak"},
		{"no leak", send, 200, `{"actionCode":0,"errCode":5001,"errMsg":"Select a friend from Mongolia","errDlt":"panic","nextCode":1}`, validate.Refuse, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := judged(t, validate.Example{Callback: tt.callback, Reply: validate.Reply{Status: tt.status, Body: []byte(tt.body)}})
			assert.Equal(t, tt.want, found(v))
			assert.Equal(t, tt.outcome, v.Outcome)
			for _, f := range v.Findings {
				assertFinding(t, f)
			}
		})
	}
}

// found lists a verdict's findings as "severity rule", worst first.
func found(v validate.Verdict) string {
	var list []string
	for _, f := range v.Findings {
		list = append(list, string(f.Severity)+" "+f.Rule)
	}
	return strings.Join(list, ", ")
}

// TestMissingRouteInOneLine: the line says what happens, why, and what to do.
func TestMissingRouteInOneLine(t *testing.T) {
	reply := validate.Reply{Status: 404, Body: []byte(`{"statusCode":404,"message":"Cannot POST /x"}` + "\n")}
	v := judged(t, validate.Example{Reply: reply})
	require.Len(t, v.Findings, 1)
	assert.Equal(t, "error: no handler for this path: OpenIM ignores status 404, reads this JSON as an allow and lets every message through; "+
		"route POST …/callbackBeforeSendSingleMsgCommand [no-route] documents, server", v.Findings[0].String())
	assert.Equal(t, `OpenIM posts to the url of webhooks.yml + "/" + the command, here to http://127.0.0.1:10006/callbackExample/callbackBeforeSendSingleMsgCommand`, v.Findings[0].Hint.String())
}

// TestLinesStayShort judges the replies with the longest messages, for the
// callbacks with the longest names.
func TestLinesStayShort(t *testing.T) {
	long := strings.Repeat("好", 300)
	replies := []validate.Reply{
		{Status: 404, Body: []byte(`{"statusCode":404,"message":"Cannot POST /x"}`)},
		{Status: 404, Body: []byte("404 page not found")},
		{Status: 503, Body: []byte("\x00")},
		{Status: 200, Redirects: []validate.Redirect{{Status: 302, Location: "https://example.com/" + long, Method: "GET"}}},
		{Failure: validate.Network, Detail: long},
		{Status: 500, Body: []byte(`{"actionCode":-2147483648,"errCode":-2147483648,"errMsg":"` + long + `","nextCode":1,"` + long + `":1}`)},
		{Status: 200, Body: []byte(`{"actionCode":0,"errCode":2147483647,"errMsg":"dial tcp ` + long + `","nextCode":1,"next_code":"` + long + `"}`)},
		{Status: 200, Body: []byte(`{"nextCode":"` + long + `"}`)},
		{Status: 200, Body: []byte(`{"` + long + `":{"nextCode":1,"errCode":` + strings.Repeat("9", 300) + `}}`)},
		{Status: 200, Body: []byte(`{"memberCallbackList":[{"userID":"` + long + `","roleLevel":-2147483648,"ex":null}]}`)},
	}
	for _, callback := range fixtures.All() {
		for _, server := range fixtures.Releases() {
			for _, reply := range replies {
				for _, f := range verdictOf(t, callback.Key, reply, validate.Options{Server: validate.On(server), StopOnFailure: true}).Findings {
					assertFinding(t, f)
				}
			}
		}
	}
}
