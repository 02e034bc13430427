package cmd_test

import (
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// offRange is a refusal that servers pass on and the documents do not allow.
const offRange = `{"actionCode":0,"errCode":4000,"errMsg":"no","errDlt":"d","nextCode":1}`

// The environment and imcb.yaml choose the contract, too.
func TestContractSettings(t *testing.T) {
	for _, tt := range []struct {
		env, file, flag string
		want            string // the finding's contract
	}{
		{"", "", "", "documents"},
		{"server", "", "", ""},
		{"", "contract: server\n", "", ""},
		{"server", "contract: server\n", "--contract=both", "documents"},
		{"", "", "--contract=documents", "documents"},
	} {
		streams, out, errOut := streamsFor(map[string]string{"IMCB_CONTRACT": tt.env}, map[string]string{"imcb.yaml": tt.file})
		streams.In = strings.NewReader(offRange)
		cmd.Main(t.Context(), strings.Fields("validate beforeAddFriend --reply - --format json "+tt.flag), streams)
		assert.Equal(t, tt.want, gjson.Get(out.String(), "results.0.findings.0.contract").String(), "%v: %s", tt, errOut)
	}
}

// A suite may choose the contract; the flag wins.
func TestSuiteContract(t *testing.T) {
	receiver := startReceivers(t)["{actioncode}"] // allows with an actionCode of 1, which servers ignore
	for contract, want := range map[string]string{"both": "both", "documents": "documents", "server": "server"} {
		suite := "url: " + receiver + "\ncontract: " + contract + "\ncases: [{send: beforeAddFriend}]\n"
		run := func(flags ...string) string {
			streams, out, errOut := streamsFor(nil, map[string]string{"suite.yaml": suite})
			cmd.Main(t.Context(), append([]string{"validate", "suite.yaml", "--format", "json"}, flags...), streams)
			require.True(t, gjson.Valid(out.String()), errOut)
			return gjson.Get(out.String(), "contract").String()
		}
		assert.Equal(t, want, run())
		assert.Equal(t, "server", run("--contract", "server"))
	}
}

func TestContractCompletes(t *testing.T) {
	for _, command := range []string{"send", "validate", "serve"} {
		_, offered, _ := runMain(t, "", "__complete", command, "--contract", "")
		assert.Equal(t, []string{"documents", "server", "both", ":4"}, strings.Fields(offered), command)
	}
	_, offered, _ := runMain(t, "", "__complete", "validate", "--request", "")
	assert.Contains(t, offered, "page\tthe documents' own\n:0", "files complete as well")
}
