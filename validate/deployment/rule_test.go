package deployment_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/deployment"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ruleCase is a deployment that breaks the rule, once at this place of a file, and
// one like it that doesn't.
type ruleCase struct {
	bad, good files
	at        string
	severity  validate.Severity
}

const (
	urlLine = "IMENV_WEBHOOKS_URL=http://hooks.example.com/cb"
	onLine  = "IMENV_WEBHOOKS_BEFOREADDFRIEND_ENABLE=true"
)

// compose is a deployment of one Compose file.
func compose(text string) files { return files{"compose.yaml": text} }

// with is openim-server with more lines of its own, and more services.
func with(own, more string, lines ...string) files {
	text := server("v3.8.3", lines...)
	return compose(strings.Replace(text, "    environment:", own+"    environment:", 1) + more)
}

var right = compose(server("v3.8.3", urlLine, onLine))

// workload is a Deployment of one of OpenIM's services.
func workload(name, spec string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + "}\nspec:\n  template:\n    spec:\n      volumes: [{name: config, configMap: {name: openim-config}}]\n" +
		"      containers:\n      - image: openim/openim-rpc-" + name + ":v3.8.3\n" + spec + "---\n"
}

const (
	mountsConfig = "        volumeMounts: [{name: config, mountPath: /config}]\n        env:\n        - {name: CONFIG_PATH, value: /config}\n"
	configMap    = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: openim-config}\ndata:\n  webhooks.yml: |\n    url: http://hooks.example.com/cb\n    beforeAddFriend:\n      enable: true\n      timeout: 5\n"
)

var ruleCases = map[string][]ruleCase{
	"lint-env-unread": {
		{bad: compose(server("main", urlLine, onLine)), good: right, at: "compose.yaml:6:9", severity: "error"},
		{bad: compose(server("v3.6.0", urlLine)), good: right, at: "compose.yaml:6:9", severity: "error"},
	},
	"lint-env-name":   {{bad: compose(server("v3.8.3", "IMENV_WEBHOOK_URL=http://x/y")), good: right, at: "compose.yaml:6:9", severity: "error"}},
	"lint-env-no-key": {{bad: files{"compose.yaml": with("    volumes: ['./w.yml:/openim-server/config/webhooks.yml']\n", "", onLine)["compose.yaml"], "w.yml": "url: http://x/y\n"}, good: right, at: "compose.yaml:7:9", severity: "error"}},
	"lint-env-not-passed": {
		{bad: files{"compose.yaml": right["compose.yaml"], ".env": "A=b\nIMENV_WEBHOOKS_AFTERADDFRIEND_ENABLE=true\n"}, good: files{"compose.yaml": server("v3.8.3", urlLine, "IMENV_WEBHOOKS_BEFOREADDFRIEND_ENABLE"), ".env": "\n\n"}, at: ".env:2:1", severity: "error"},
		{bad: files{"compose.yaml": right["compose.yaml"], ".env": "WEBHOOK_URL=http://x/y\n"}, good: files{"compose.yaml": server("v3.8.3", "IMENV_WEBHOOKS_URL=${WEBHOOK_URL}", onLine), ".env": "WEBHOOK_URL=http://x/y\n"}, at: ".env:1:1", severity: "error"},
	},
	"lint-env-other-program": {
		{bad: with("", "  openim-chat:\n    image: openim/openim-chat:v1.8.4\n    environment:\n      IMENV_WEBHOOKS_URL: http://x/y\n", urlLine, onLine), good: right, at: "compose.yaml:11:27", severity: "error"},
		{bad: files{"compose.yaml": workload("friend", "") + workload("auth", "        env:\n        - name: "+strings.Replace(onLine, "=true", "\n          value: 'true'\n", 1))}, good: right, at: "compose.yaml:22:18", severity: "error"},
	},
	"lint-env-quotes": {
		{bad: compose(server("v3.8.3", urlLine, `IMENV_WEBHOOKS_BEFOREADDFRIEND_ENABLE="true"`)), good: right, at: "compose.yaml:7:9", severity: "error"},
		{bad: compose(server("v3.8.3", onLine, `IMENV_WEBHOOKS_URL='http://x/y'`)), good: right, at: "compose.yaml:7:9", severity: "error"},
	},
	"lint-env-empty":       {{bad: compose(server("v3.8.3", "IMENV_WEBHOOKS_URL=", onLine)), good: right, at: "compose.yaml:6:9", severity: "warning"}},
	"lint-env-placeholder": {{bad: compose(server("v3.8.3", "IMENV_WEBHOOKS_URL=${HOOKS}", onLine)), good: compose(server("v3.8.3", "IMENV_WEBHOOKS_URL=${HOOKS:-http://x/y}", onLine, "OTHER=${NO}")), at: "compose.yaml:6:9", severity: "warning"}},
	"lint-env-no-text":     {{bad: compose(workload("friend", "        env:\n        - name: IMENV_WEBHOOKS_BEFOREADDFRIEND_ENABLE\n          value: true\n")), good: right, at: "compose.yaml:12:18", severity: "error"}},
	"lint-file-not-mounted": {
		{bad: files{"compose.yaml": right["compose.yaml"], "webhooks.yml": "url: http://x/y\nbeforeAddFriend: {enable: true}\n"}, good: right, at: "webhooks.yml:1:6", severity: "error"},
		{bad: files{"compose.yaml": right["compose.yaml"], "config/webhooks.yml": "url: http://x/y\n"}, good: files{"compose.yaml": with("    volumes: ['./config:/openim-server/config']\n", "")["compose.yaml"], "config/webhooks.yml": "url: http://x/y\n"}, at: "config/webhooks.yml:1:6", severity: "warning"},
		{bad: compose(workload("friend", "") + configMap), good: compose(workload("friend", mountsConfig) + configMap), at: "compose.yaml:16:10", severity: "error"},
	},
	"lint-mount-place": {
		{bad: files{"compose.yaml": with("    volumes:\n      - ./webhooks.yml:/openim-server/webhooks.yml\n", "")["compose.yaml"], "webhooks.yml": "url: http://x/y\n"}, good: right, at: "compose.yaml:5:9", severity: "error"},
		{bad: files{"compose.yaml": with("    volumes:\n      - {type: bind, source: ./c, target: /app/config}\n", "")["compose.yaml"], "c/webhooks.yml": "url: http://x/y\n"}, good: right, at: "compose.yaml:5:9", severity: "error"},
	},
	"lint-mount-missing": {
		{bad: with("    volumes:\n      - ./config:/openim-server/config\n", ""), good: right, at: "compose.yaml:5:9", severity: "warning"},
		{bad: compose(workload("friend", mountsConfig)), good: compose(workload("friend", mountsConfig) + configMap), at: "compose.yaml:10:24", severity: "warning"},
	},
	"lint-nothing-set":   {{bad: compose(server("v3.8.3")), good: right, at: "compose.yaml:3:12", severity: "warning"}},
	"lint-image-version": {{bad: compose(server("latest", urlLine, onLine)), good: right, at: "compose.yaml:3:12", severity: "note"}},
	"lint-config-center": {{bad: compose(strings.ReplaceAll(workload("friend", mountsConfig)+configMap, "v3.8.3", "main")), good: right, at: "compose.yaml:9:16", severity: "note"}},
	"lint-not-followed": {
		{bad: compose("include: [other.yaml]\n" + right["compose.yaml"]), good: right, at: "compose.yaml:1:10", severity: "note"},
		{bad: with("    extends: {file: base.yaml, service: openim}\n", "", urlLine), good: right, at: "compose.yaml:4:14", severity: "note"},
		{bad: with("    env_file: variables\n", "", urlLine), good: files{"compose.yaml": with("    env_file: variables\n", "")["compose.yaml"], "variables": urlLine}, at: "compose.yaml:4:15", severity: "note"},
		{bad: with("    ports: !reset []\n", "", urlLine), good: right, at: "compose.yaml:4:12", severity: "note"},
	},
	"lint-url-default": {{bad: compose(server("v3.8.3", onLine)), good: with("    network_mode: host\n", "", onLine), at: "compose.yaml:3:12", severity: "error"}},
	"lint-host-network": {
		{bad: with("    networks: [im]\n", "  hooks:\n    image: hooks\n    networks: {web: {aliases: [receiver]}}\n", "IMENV_WEBHOOKS_URL=http://receiver:80/cb", onLine), good: with("    networks: [im, web]\n", "  hooks:\n    image: hooks\n    networks: [web]\n", "IMENV_WEBHOOKS_URL=http://hooks:80/cb", onLine), at: "compose.yaml:7:9", severity: "error"},
		{bad: with("    network_mode: host\n", "  hooks:\n    image: hooks\n", "IMENV_WEBHOOKS_URL=http://hooks:80/cb", onLine), good: right, at: "compose.yaml:7:9", severity: "error"},
	},
	"lint-host-port":    {{bad: with("", "  hooks:\n    image: hooks\n    ports: ['8080:80']\n", "IMENV_WEBHOOKS_URL=http://hooks:8080/cb", onLine), good: with("", "  hooks:\n    image: hooks\n    ports: ['8080:80']\n", "IMENV_WEBHOOKS_URL=http://hooks:80/cb", onLine), at: "compose.yaml:6:9", severity: "warning"}},
	"lint-host-unknown": {{bad: compose(server("v3.8.3", "IMENV_WEBHOOKS_URL=http://hooks/cb", onLine)), good: with("    extra_hosts: ['hooks:10.0.0.5']\n", "", "IMENV_WEBHOOKS_URL=http://hooks/cb", onLine), at: "compose.yaml:6:9", severity: "warning"}},
	"lint-host-gateway": {{bad: compose(server("v3.8.3", "IMENV_WEBHOOKS_URL=http://host.docker.internal:8080/cb", onLine)), good: with("    extra_hosts: {host.docker.internal: host-gateway}\n", "", "IMENV_WEBHOOKS_URL=http://host.docker.internal:8080/cb", onLine), at: "compose.yaml:6:9", severity: "warning"}},
	"lint-external-ip": {
		{bad: compose(server("v3.8.3", "IMENV_WEBHOOKS_URL=http://external_ip:8080/cb", onLine)), good: right, at: "compose.yaml:6:9", severity: "error"},
		{bad: compose(server("v3.8.3", urlLine, "IMENV_MINIO_EXTERNALADDRESS=http://external_ip:10005")), good: right, at: "compose.yaml:7:9", severity: "note"},
	},
	"lint-log-level": {{bad: compose(server("v3.8.3", urlLine, "IMENV_LOG_REMAINLOGLEVEL=3")), good: compose(server("v3.8.3", urlLine, "IMENV_LOG_REMAINLOGLEVEL=4")), at: "compose.yaml:7:9", severity: "note"}},
	"lint-log-value": {{bad: compose(server("v3.8.3", urlLine, "IMENV_LOG_REMAINLOGLEVEL=debug")), good: right, at: "compose.yaml:7:9", severity: "error"}},
	"lint-log-name":  {{bad: compose(server("v3.8.3", urlLine, "IMENV_LOG_LEVEL=6")), good: compose(server("v3.8.3", urlLine, "IMENV_LOG_ISJSON=true")), at: "compose.yaml:7:9", severity: "warning"}},
}

func TestRules(t *testing.T) {
	for _, r := range deployment.Rules() {
		require.NotEmpty(t, ruleCases[r.ID], "%s has no case", r.ID)
		assert.NotEmpty(t, r.Title, r.ID)
		for _, c := range ruleCases[r.ID] {
			about := func(f validate.Finding) bool { return f.Rule != r.ID }
			found := slices.DeleteFunc(c.bad.open(t, "compose.yaml")[0].Lint(webhooks.LintOptions{}), about)
			if assert.Len(t, found, 1, "%s in\n%s", r.ID, c.bad["compose.yaml"]) {
				p := found[0].Place
				assert.Equal(t, c.at, p.File+":"+strconv.Itoa(p.Line)+":"+strconv.Itoa(p.Column), "%s in\n%s", r.ID, c.bad["compose.yaml"])
				assert.Equal(t, c.severity, found[0].Severity, r.ID)
				assert.NotEmpty(t, found[0].Hint.String(), r.ID)
				assert.Equal(t, strings.Split(c.bad[p.File], "\n")[p.Line-1], found[0].Excerpt, r.ID)
			}
			good := c.good.open(t, "compose.yaml")[0].Lint(webhooks.LintOptions{})
			assert.Empty(t, slices.DeleteFunc(good, about), "%s in\n%s", r.ID, c.good["compose.yaml"])
		}
	}
	assert.Len(t, ruleCases, len(deployment.Rules()))
}
