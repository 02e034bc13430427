package deployment_test

import (
	"io/fs"
	"path"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/deployment"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// files are those of a deployment, by name.
type files map[string]string

func (f files) read(name string) ([]byte, error) {
	body, ok := f[path.Clean(name)]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(body), nil
}

// open reads the deployment whose first file has the name.
func (f files) open(t *testing.T, names ...string) []*deployment.OpenIM {
	t.Helper()
	var all []deployment.File
	for _, name := range names {
		all = append(all, deployment.File{Name: name, Text: []byte(f[name])})
	}
	kind, err := deployment.KindOf(all[0])
	require.NoError(t, err)
	read, err := deployment.Read(kind, all, deployment.Options{Read: f.read})
	require.NoError(t, err)
	return read
}

// lint are the findings of a deployment, and those of a webhooks.yml alone.
func (f files) lint(t *testing.T, name string, v fixtures.Release) []validate.Finding {
	t.Helper()
	file := deployment.File{Name: name, Text: []byte(f[name])}
	if kind, err := deployment.KindOf(file); err == nil && kind == deployment.Webhooks {
		parsed, err := webhooks.Parse(name, file.Text)
		require.NoError(t, err)
		return parsed.Lint(webhooks.LintOptions{Server: v})
	}
	return f.open(t, name)[0].Lint(webhooks.LintOptions{})
}

// server is a Compose file with openim-server and these lines of environment.
func server(image string, lines ...string) string {
	text := "services:\n  openim-server:\n    image: openim/openim-server:" + image + "\n    environment:\n      - IMENV_MONGODB_ADDRESS=mongo:27017\n"
	for _, line := range lines {
		text += "      - " + line + "\n"
	}
	return text
}

const (
	sendOn = "beforeSendSingleMsg:\n  enable: true\n  timeout: 5\n  failedContinue: true\n"
	// lists are from a newer webhooks.yml, as people copy it.
	listsOn = "afterSendSingleMsg:\n  enable: true\n  timeout: 5\n  attentionIds: []\n  deniedTypes: []\n"
)

// What people asked OpenIM's makers because no callback came, rebuilt from their
// descriptions, and the rule that names what turned out to be the reason. The
// threads are open-im-server's (S) and openim-docker's (D).
var threads = []struct {
	thread string
	v      fixtures.Release
	files  files
	open   string
	rule   string
	says   string
}{
	{
		// The receiver heard nothing until its url ended in a path of its own.
		thread: "S2324", v: fixtures.V37, open: "webhooks.yml", rule: "lint-url-no-path", says: "http://192.168.1.8:3000/callbackBeforeSendSingleMsgCommand",
		files: files{"webhooks.yml": "url: http://192.168.1.8:3000\n" + sendOn},
	},
	{
		// The file was edited, and the container never had it.
		thread: "S2555, the deployment", open: "compose.yaml", rule: "lint-file-not-mounted",
		files: files{"compose.yaml": server("release-v3.8"), "webhook.yml": "url: \"http://10.10.40.205:9503/openImCallback\"\n" + sendOn + listsOn},
	},
	{
		// In the container, its empty list would have silenced the callback.
		thread: "S2555, the file", v: fixtures.V380, open: "webhooks.yml", rule: "lint-attentionids-empty",
		files: files{"webhooks.yml": "url: \"http://10.10.40.205:9503/openImCallback\"\n" + sendOn + "afterSendSingleMsg:\n  enable: true\n  timeout: 5\n  attentionIds: []\n"},
	},
	{
		// As the documents had it then: below "callback:".
		thread: "S2629", v: fixtures.V380, open: "webhooks.yml", rule: "lint-callback-wrapper",
		files: files{"webhooks.yml": "callback:\n  url: http://127.0.0.1:8080/callbackExample\n  beforeSendSingleMsg:\n    enable: true\n    timeout: 5\n  afterSendSingleMsg:\n    enable: true\n    timeout: 5\n"},
	},
	{
		// Someone else in the thread had written the variables into .env.
		thread: "S2629, the second", open: "compose.yaml", rule: "lint-env-not-passed",
		files: files{"compose.yaml": server("v3.8.1"), ".env": "LOG_LEVEL=3\nIMENV_WEBHOOKS_URL=http://10.0.0.5:8080/callbackExample\nIMENV_WEBHOOKS_BEFORESENDSINGLEMSG_ENABLE=true\n"},
	},
	{
		// The server skipped it whenever the sender got the message, too.
		thread: "S2715", v: fixtures.V381, open: "webhooks.yml", rule: "lint-push-synced",
		files: files{"webhooks.yml": "url: http://192.168.1.8:8080/callback\nbeforeOfflinePush:\n  enable: true\n  timeout: 5\n  failedContinue: true\nbeforeOnlinePush:\n  enable: true\n  timeout: 5\n  failedContinue: true\n"},
	},
	{
		// Callbacks came until compose.yaml was changed. Nobody in the thread found out
		// why; the variables were in the container, as the lists have them.
		thread: "S3324", open: "compose.yaml", rule: "lint-env-quotes",
		files: files{"compose.yaml": server("v3.8.1", `IMENV_WEBHOOKS_URL="http://10.0.0.5:8080/callback"`, "IMENV_WEBHOOKS_BEFORESENDSINGLEMSG_ENABLE=true")},
	},
	{
		// A POST to the url arrived, one from OpenIM did not: it goes elsewhere.
		thread: "S3417", v: fixtures.V381, open: "webhooks.yml", rule: "lint-url-no-path", says: "http://192.168.1.8:8080/callbackAfterCreateGroupCommand",
		files: files{"webhooks.yml": "url: http://192.168.1.8:8080\nafterCreateGroup:\n  enable: true\n  timeout: 5\n"},
	},
	{
		thread: "S3605", v: fixtures.V381, open: "webhooks.yml", rule: "lint-attentionids-empty",
		files: files{"webhooks.yml": "url: https://api.example.com/pushCallback\nbeforeSendSingleMsg:\n  enable: false\n  timeout: 5\n  failedContinue: true\n  deniedTypes: []\n" + listsOn},
	},
	{
		thread: "S3321", open: "compose.yaml", rule: "lint-attentionids-value",
		files: files{
			"compose.yaml": server("v3.8.3", "IMENV_WEBHOOKS_URL=http://10.0.0.5:8080/cb", "IMENV_WEBHOOKS_AFTERSENDSINGLEMSG_ENABLE=${WEBHOOKS_ENABLE}", "IMENV_WEBHOOKS_AFTERSENDSINGLEMSG_ATTENTIONIDS=${WEBHOOKS_IDS}"),
			".env":         "WEBHOOKS_ENABLE=true\nWEBHOOKS_IDS=[\"10000\",\"10001\",\"19997\"]\n",
		},
	},
	{
		thread: "D150", open: "compose.yaml", rule: "lint-nothing-set",
		files: files{"compose.yaml": server("v3.8.0")},
	},
	{
		thread: "D151", open: "compose.yaml", rule: "lint-file-not-mounted",
		files: files{"compose.yaml": server("v3.7.0"), "config/webhooks.yml": "url: http://10.0.0.5:8080/callback\n" + sendOn},
	},
	{
		thread: "D178", open: "compose.yaml", rule: "lint-url-no-path", says: "http://10.0.0.5:8090/callbackBeforeSendSingleMsgCommand",
		files: files{"compose.yaml": server("v3.8.2", "IMENV_WEBHOOKS_URL=http://10.0.0.5:8090", "IMENV_WEBHOOKS_BEFORESENDSINGLEMSG_ENABLE=true", "IMENV_LOG_REMAINLOGLEVEL=3")},
	},
	{
		// The file in that image has an empty list, which silences the callback.
		thread: "D199", open: "compose.yaml", rule: "lint-attentionids-empty",
		files: files{"compose.yaml": server("v3.8.1", "IMENV_WEBHOOKS_URL=http://10.0.0.5:8000/callbackExample", "IMENV_WEBHOOKS_AFTERSENDSINGLEMSG_ENABLE=true")},
	},
	{
		// The admin's page has no place for it: only files and variables have.
		thread: "D255", open: "compose.yaml", rule: "lint-nothing-set",
		files: files{"compose.yaml": server("v3.8.3", "IMENV_LOG_REMAINLOGLEVEL=3") + "  openim-admin-front:\n    image: openim/openim-admin-front:release-v1.8.4\n"},
	},
}

func TestThreadsFindTheirReason(t *testing.T) {
	for _, tt := range threads {
		findings := tt.files.lint(t, tt.open, tt.v)
		if assert.NotEmpty(t, findings, tt.thread) {
			assert.Equal(t, tt.rule, findings[0].Rule, "%s: %s", tt.thread, findings[0].Message)
			assert.Contains(t, findings[0].Message.String(), tt.says, tt.thread)
			assert.NotEmpty(t, findings[0].Hint.String(), tt.thread)
		}
	}
}
