package deployment

import (
	"regexp"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// Kind is what a file holds.
type Kind int

// The kinds.
const (
	// Webhooks is OpenIM's webhooks.yml, or its config.yaml of 3.5 and 3.6.
	Webhooks Kind = iota + 1
	// Compose is a file of a Compose project.
	Compose
	// Manifests are Kubernetes manifests.
	Manifests
)

// maxBytes is the size of a file of a deployment, at most.
const maxBytes = 4 << 20

// KindOf says what a file holds, by its content. The error says what it looks
// like instead. What is no YAML is Webhooks, whose reader says what is wrong.
func KindOf(f File) (Kind, error) {
	if len(f.Text) > maxBytes {
		return 0, newSource(File{Name: f.Name}).fail(yamlfile.Place{}, say("size", "mb", maxBytes>>20))
	}
	documents, problems := yamlfile.ReadAll(f.Text)
	switch {
	case isVariables(f.Text):
		return 0, newSource(f).fail(yamlfile.Place{}, say("kind.env"))
	case slices.ContainsFunc(documents, func(n *yamlfile.Node) bool { return n.Get("kind") != nil && n.Get("apiVersion") != nil }):
		return Manifests, nil
	case len(documents) == 0, len(problems) > 0 && documents[0].Get("services") == nil, documents[0].Kind != yamlfile.Mapping:
		return Webhooks, nil
	}
	root := documents[0]
	switch services := root.Get("services"); {
	case services != nil && (services.Kind == yamlfile.Mapping || services.Kind == yamlfile.Null):
		return Compose, nil
	case len(root.Entries) == 0 || slices.ContainsFunc(root.Entries, isWebhooks):
		return Webhooks, nil
	default:
		return 0, newSource(f).fail(root.Place, say("kind", "looks", looksLike(root)))
	}
}

// isWebhooks reports whether an entry is one of webhooks.yml's.
func isWebhooks(e yamlfile.Entry) bool {
	_, known := fixtures.Find(e.Key.Text)
	return known || slices.Contains([]string{"url", "callback"}, strings.ToLower(e.Key.Text)) ||
		get(e.Value, "enable") != nil || get(e.Value, "failedContinue") != nil || len(words.Nearest(e.Key.Text, callbackKeys())) > 0
}

func callbackKeys() (keys []string) {
	for _, c := range fixtures.All() {
		keys = append(keys, c.Key)
	}
	return keys
}

// assignments is a file of nothing but lines NAME=value.
var assignments = regexp.MustCompile(`^(\s*|#.*|(export )?[A-Za-z_][A-Za-z0-9_.]*=.*)$`)

func isVariables(text []byte) bool {
	lines := yamlfile.Lines(text)
	return slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "=") }) &&
		!slices.ContainsFunc(lines, func(line string) bool { return !assignments.MatchString(strings.TrimRight(line, "\r")) })
}

// lookalikes are keys by which one knows other files.
var lookalikes = []struct {
	keys []string
	text words.Text
}{
	{[]string{"storageLocation", "remainLogLevel"}, say("looks.log")},
	{[]string{"secret", "imAdminUserID", "imAdmin", "multiLogin"}, say("looks.openim", "file", "share.yml")},
	{[]string{"rpcRegisterName", "discovery", "prometheus", "rpc", "api", "etcd", "redisMode", "producerAck"}, say("looks.openim", "file", "another file of OpenIM's")},
	{[]string{"image", "environment", "container_name", "env_file"}, say("looks.service")},
	{[]string{"replicaCount", "imagePullSecrets"}, say("looks.helm")},
	{[]string{"on", "jobs", "steps", "stages"}, say("looks.ci")},
	{[]string{"rules"}, say("looks.rules")},
	{[]string{"cases", "suite"}, say("looks.suite")},
}

// looksLike says what a mapping is instead of settings.
func looksLike(root *yamlfile.Node) words.Text {
	for _, l := range lookalikes {
		if slices.ContainsFunc(l.keys, func(key string) bool { return root.Get(key) != nil }) {
			return l.text
		}
	}
	var keys []string
	for _, e := range root.Entries {
		keys = append(keys, e.Key.Text)
	}
	return say("looks.keys", "keys", words.Shorten(words.FewOf(keys, 5), 100))
}
