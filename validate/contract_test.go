package validate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// contractCases are replies that the documents and servers see differently. An
// empty callback is beforeSendSingleMsg.
var contractCases = []struct{ name, callback, reply string }{
	{"allow", "", fixtures.PlainAllow},
	{"refusal", "", `{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"d","nextCode":1}`},
	{"refusal without errDlt", "", `{"actionCode":0,"errCode":5001,"errMsg":"no","nextCode":1}`},
	{"refusal with an empty errDlt", "", `{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`},
	{"refusal without a text", "", `{"actionCode":0,"errCode":5001,"errMsg":"","errDlt":"","nextCode":1}`},
	{"refusal without a code", "", `{"actionCode":0,"errCode":0,"errMsg":"no","errDlt":"d","nextCode":1}`},
	{"refusal below the range", "", `{"actionCode":0,"errCode":4999,"errMsg":"no","errDlt":"d","nextCode":1}`},
	{"refusal above the range", "", `{"actionCode":0,"errCode":10000,"errMsg":"no","errDlt":"d","nextCode":1}`},
	{"refusal in the other range", "", `{"actionCode":0,"errCode":20001,"errMsg":"no","errDlt":"d","nextCode":1}`},
	{"refusal below 0", "", `{"actionCode":0,"errCode":-1,"errMsg":"no","errDlt":"d","nextCode":1}`},
	{"refusal with OpenIM's own code", "", `{"actionCode":0,"errCode":1501,"errMsg":"no","errDlt":"d","nextCode":1}`},
	{"errCode on an allow", "", `{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"d","nextCode":0}`},
	{"errCode 200 on an allow", "", `{"actionCode":0,"errCode":200,"errMsg":"ok","errDlt":"d","nextCode":0}`},
	{"actionCode with errCode", "", `{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"d","nextCode":0}`},
	{"actionCode with errCode out of range", "", `{"actionCode":1,"errCode":1,"errMsg":"no","errDlt":"d","nextCode":0}`},
	{"actionCode without errCode", "", `{"actionCode":1,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`},
	{"actionCode with nextCode", "", `{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"d","nextCode":1}`},
	{"nextCode 2", "", `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":2}`},
	{"quoted nextCode where the page has a number", "", `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":"0"}`},
	{"quoted nextCode as on the page", "beforeUpdateUserInfo", `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":"0"}`},
	{"quoted nextCode 1 as on the page", "beforeUpdateUserInfo", `{"actionCode":0,"errCode":0,"errMsg":"no","errDlt":"d","nextCode":"1"}`},
	{"quoted nextCode that is no number", "beforeUpdateUserInfo", `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":"no"}`},
	{"quoted errCode", "", `{"actionCode":0,"errCode":"5001","errMsg":"no","errDlt":"d","nextCode":1}`},
	{"missing fields", "", `{"actionCode":0,"nextCode":0}`},
	{"no fields", "", `{}`},
	{"a success in a format of its own", "", `{"status":"ok"}`},
	{"an error in a format of its own", "", `{"error":"quota exceeded"}`},
	{"an allow in a wrapper", "", `{"data":{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}}`},
	{"a refusal in a wrapper", "", `{"data":{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"d","nextCode":1}}`},
	{"misspelt fields of an allow", "", `{"action_code":0,"err_code":0,"err_msg":"","err_dlt":"","next_code":0}`},
	{"misspelt fields of a refusal", "", `{"action_code":0,"err_code":5001,"err_msg":"no","err_dlt":"d","next_code":1}`},
	{"letter case", "", `{"ActionCode":0,"ErrCode":0,"ErrMsg":"","ErrDlt":"","NextCode":0}`},
	{"a field that nobody knows", "", `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"traceId":"7f"}`},
	{"a field of the page that no server has", "beforeSetGroupInfoEx", `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"groupInfoForSet":{"groupID":"G002"}}`},
	{"a field of the page that servers throw away", "beforeCreateGroup", `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"ownerUserID":"user01"}`},
	{"a field that the page does not have", "beforeInviteUserToGroup", `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"refusedMembersAccount":["u1"]}`},
	{"an allow that wipes", "beforeSetGroupInfo", fixtures.PlainAllow},
	{"an allow that crashes", "beforeMemberJoinGroup", `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"memberCallbackList":[null]}`},
	{"an error after the event", "afterSendSingleMsg", `{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"d","nextCode":1}`},
	{"an error after the event, in the page's range", "afterUserRegister", `{"actionCode":1,"errCode":20001,"errMsg":"no","errDlt":"d","nextCode":0}`},
	{"no JSON", "", `OK`},
}

// Each finding says what it rests on, and --contract takes those that rest on
// what is asked for.
func TestContracts(t *testing.T) {
	var b strings.Builder
	for _, tt := range contractCases {
		usual, onMain := contractLines(t, tt.callback, tt.reply, fixtures.DefaultRelease.String()), contractLines(t, tt.callback, tt.reply, "main")
		fmt.Fprintf(&b, "%s\n%s", tt.name, usual)
		if onMain != strings.ReplaceAll(usual, fixtures.DefaultRelease.String(), "main") {
			fmt.Fprintf(&b, "%s, main\n%s", tt.name, onMain)
		}
	}
	assertGolden(t, "contracts.golden.txt", []byte(b.String()))
}

// contractLines are the findings under each contract, one a line.
func contractLines(t *testing.T, callback, reply, server string) string {
	t.Helper()
	var b strings.Builder
	for _, contract := range validate.Contracts() {
		for _, f := range underContract(t, callback, reply, contract, server).Findings {
			assert.True(t, contract.Counts(f.Contract), "%s", f)
			assertFinding(t, f)
			fmt.Fprintf(&b, "  %-9s  %-7s %s (%s)\n", contract, f.Severity, f.Message, f.Contract)
		}
	}
	return b.String()
}

// underContract judges a reply to the request of the server.
func underContract(t *testing.T, callback, reply string, contract validate.Contract, server string) validate.Verdict {
	t.Helper()
	x, c, err := validate.Example{Callback: callback, Reply: body(reply)}.Exchange()
	require.NoError(t, err)
	s, err := validate.ParseServer(server)
	require.NoError(t, err)
	return validate.NewJudge(c, validate.Options{Server: s, Contract: contract}).Judge(&x)
}

// The rest of the verdict is the server's under every contract.
func TestContractLeavesTheOutcome(t *testing.T) {
	for _, tt := range contractCases {
		both := underContract(t, tt.callback, tt.reply, validate.Both, "main")
		for _, contract := range validate.Contracts() {
			v := underContract(t, tt.callback, tt.reply, contract, "main")
			v.Findings = both.Findings
			assert.Equal(t, both, v, "%s, %s", tt.name, contract)
		}
	}
}

// What does not count explains nothing: a code that is OpenIM's own is out of
// the documents' range, too.
func TestContractBeforeExplanation(t *testing.T) {
	const reply = `{"actionCode":0,"errCode":1501,"errMsg":"no","errDlt":"d","nextCode":1}`
	assert.Equal(t, "error errcode-reserved", found(underContract(t, "", reply, validate.Both, "main")))
	assert.Equal(t, "error errcode-reserved", found(underContract(t, "", reply, validate.Running, "main")))
	assert.Equal(t, "error errcode-range", found(underContract(t, "", reply, validate.Documents, "main")))
}

// No release changes what the documents say.
func TestDocumentsAreOfNoRelease(t *testing.T) {
	for _, tt := range contractCases {
		want := underContract(t, tt.callback, tt.reply, validate.Documents, validate.ServerNames()[0]).Findings
		for _, server := range validate.ServerNames() {
			assert.Equal(t, saidIn(want), saidIn(underContract(t, tt.callback, tt.reply, validate.Documents, server).Findings), "%s, %s", tt.name, server)
		}
	}
}

// Every rule rests on something.
func TestRulesHaveAContract(t *testing.T) {
	for _, r := range validate.Rules() {
		assert.Contains(t, validate.Contracts(), r.Contract, r.ID)
	}
}

func TestContractOf(t *testing.T) {
	all := []validate.Finding{{Rule: "a", Contract: validate.Documents}, {Rule: "b", Contract: validate.Running}, {Rule: "c", Contract: validate.Both}, {Rule: "d"}}
	rules := func(c validate.Contract) (ids string) {
		for _, f := range c.Of(all) {
			ids += f.Rule
		}
		return ids
	}
	assert.Equal(t, "acd", rules(validate.Documents))
	assert.Equal(t, "bcd", rules(validate.Running))
	assert.Equal(t, "abcd", rules(validate.Both))
	assert.Equal(t, "abcd", rules(""))
}

// What pages show, judged by the documents alone: where that finds something, the
// page is at odds with itself.
func TestPagesKeepTheDocuments(t *testing.T) {
	var b strings.Builder
	for _, c := range fixtures.All() {
		page := c.Page()
		if page == nil {
			continue
		}
		x := validate.Exchange{Request: validate.Request{Body: page.Request}, Reply: body(string(page.Reply))}
		for _, f := range validate.NewJudge(c, validate.Options{Contract: validate.Documents}).Judge(&x).Findings {
			fmt.Fprintf(&b, "%s: %s\n", c.Key, f)
		}
	}
	assertGolden(t, "pages.golden.txt", []byte(b.String()))
}
