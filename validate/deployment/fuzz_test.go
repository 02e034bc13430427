package deployment_test

import (
	"testing"

	"github.com/imcb-dev/imcb/validate/deployment"
	"github.com/imcb-dev/imcb/validate/webhooks"
)

// No file, however wrong, ends the program.
func FuzzRead(f *testing.F) {
	for _, tt := range threads {
		f.Add(tt.files[tt.open], tt.files[".env"])
	}
	for _, cases := range ruleCases {
		for _, c := range cases {
			f.Add(c.bad["compose.yaml"], c.bad[".env"])
		}
	}
	f.Fuzz(func(t *testing.T, text, env string) {
		file := deployment.File{Name: "compose.yaml", Text: []byte(text)}
		kind, err := deployment.KindOf(file)
		if err != nil || kind == deployment.Webhooks {
			return
		}
		all, err := deployment.Read(kind, []deployment.File{file}, deployment.Options{Read: files{".env": env, "webhooks.yml": text, "variables": env}.read})
		if err != nil {
			return
		}
		for _, one := range all {
			one.Lint(webhooks.LintOptions{})
		}
	})
}
