package deployment_test

import (
	"bufio"
	"encoding/json"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/deployment"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// started is how a server was started, and what it did.
type started struct {
	Server string
	Set    map[string]string
	File   string
	Seen   string
	On     []string
	Posts  string
	Path   string
	Wait   float64
	Ends   bool
	Types  map[string]bool
	To     map[string]bool
	Rule   string
	Hint   string
}

// lint is what imcb says of it: of the variables in a mapping, whose quotes YAML
// takes off.
func (s started) lint(t *testing.T) (*webhooks.File, []validate.Finding, fixtures.Release) {
	t.Helper()
	of, err := validate.ParseServer(s.Server)
	require.NoError(t, err)
	if s.File != "" {
		f, err := webhooks.Parse("webhooks.yml", []byte(s.File))
		require.NoError(t, err)
		return f, f.Lint(webhooks.LintOptions{Server: of.Release}), of.Release
	}
	text := "services:\n  openim-server:\n    image: openim/openim-server:" + s.Server + "\n    environment:\n      TZ: UTC\n"
	for name, value := range s.Set {
		if !strings.HasPrefix(strings.ToUpper(name), "IMENV") {
			name = webhooks.EnvPrefix + name
		}
		quoted, err := json.Marshal(value)
		require.NoError(t, err)
		text += "      " + name + ": " + string(quoted) + "\n"
	}
	text += "  h:\n    image: receiver\n"
	one := files{"compose.yaml": text}.open(t, "compose.yaml")[0]
	return one.Webhooks, one.Lint(webhooks.LintOptions{}), of.Release
}

// What running servers did with their environment and their files, and that imcb
// says so.
func TestEnvironmentAsServersTakeIt(t *testing.T) {
	f, err := os.Open("testdata/environment.jsonl")
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	n := 0
	for ; lines.Scan(); n++ {
		var s started
		require.NoError(t, json.Unmarshal(lines.Bytes(), &s))
		t.Run(strconv.Itoa(n+1), func(t *testing.T) {
			file, findings, v := s.lint(t)
			s.checkFindings(t, findings)
			if !s.Ends {
				s.checkCallbacks(t, file, v)
			}
		})
	}
	assert.Greater(t, n, 90)
}

func (s started) checkFindings(t *testing.T, findings []validate.Finding) {
	t.Helper()
	about := func(f validate.Finding) bool { return f.Rule == s.Rule }
	isBad := func(f validate.Finding) bool { return f.Severity.AtLeast(validate.Warning) }
	if s.Rule == "" {
		assert.NotContains(t, rulesOf(findings, isBad), "lint-", "%v: %s", s.Set, s.Seen)
	} else {
		i := slices.IndexFunc(findings, about)
		if assert.GreaterOrEqual(t, i, 0, "%s: %v %s: %s", s.Rule, s.Set, s.File, rulesOf(findings, isBad)) {
			assert.Contains(t, findings[i].Hint.String(), s.Hint)
		}
	}
	fatal := slices.ContainsFunc(findings, func(f validate.Finding) bool { return f.Fatal })
	assert.Equal(t, s.Ends, fatal, "%v %s: %s", s.Set, s.File, s.Seen)
}

// rulesOf are the rules of some findings.
func rulesOf(findings []validate.Finding, which func(validate.Finding) bool) (all string) {
	for _, f := range findings {
		if which(f) {
			all += f.Rule + " "
		}
	}
	return all
}

func (s started) checkCallbacks(t *testing.T, file *webhooks.File, v fixtures.Release) {
	t.Helper()
	on := []string{}
	for _, e := range file.SwitchedOn(v) {
		on = append(on, e.Key)
		if s.Wait != 0 {
			assert.InDelta(t, s.Wait, e.ConfigCallback.Wait, 0, "%v", s.Set)
		}
		for contentType, passes := range s.Types {
			n, err := strconv.Atoi(contentType)
			require.NoError(t, err)
			assert.Equal(t, passes, e.Sends(n, "u0", "u1", ""), "%v: %d", s.Set, n)
		}
		for to, passes := range s.To {
			assert.Equal(t, passes, e.Sends(101, "u0", to, ""), "%v: to %s", s.Set, to)
		}
	}
	if s.On != nil {
		slices.Sort(on)
		assert.Equal(t, s.On, on, "%v %s", s.Set, s.File)
	}
	if s.Path != "" {
		u, err := url.Parse(file.URL() + "/callbackBeforeAddFriendCommand")
		require.NoError(t, err)
		assert.Equal(t, s.Path, u.RequestURI())
	}
	if s.Posts != "" {
		assert.Equal(t, s.Posts, file.URL()+"/callbackBeforeAddFriendCommand")
	}
}

// Each line that imcb prints is one item of YAML, whose $ Compose leaves.
func TestEnvironmentLinesAreRead(t *testing.T) {
	values := []string{"A=b", "B=x: y", "C=it's #1", "D=", "E= b ", "F=[1]", `G="q"`, "H=http://h:1/a?b=c&d=%20", "I=a:", "J=$HOME ${X}", "K=a,b", "L=- x"}
	text := server("v3.8.3")
	for i, line := range deployment.Environment(values) {
		if i > 0 {
			text += "    " + line + "\n"
		}
	}
	var got []string
	for _, v := range compose(text).open(t, "compose.yaml")[0].Variables()[1:] {
		got = append(got, v.Name+"="+v.Value)
	}
	assert.Equal(t, values, got)
}
