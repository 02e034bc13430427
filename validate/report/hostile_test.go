package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hostileBound is what the hostile results may take of a report for people;
// their bodies alone have 30 MB.
const hostileBound = 2 << 20

func TestHostileTextIsPrintable(t *testing.T) {
	all := hostile(t)
	for _, format := range report.Names() {
		results := slices.Clone(all)
		if strings.HasPrefix(format, "json") { // which hold the whole exchange
			results = results[:3]
		}
		text := writeAll(t, format, options, results)
		assert.True(t, utf8.ValidString(text), format)
		bad := strings.IndexFunc(text, func(r rune) bool {
			return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
		})
		assert.Equal(t, -1, bad, format)
		assert.Less(t, len(text), hostileBound, format)
		assert.NotContains(t, text, "s3cret", format)
	}
}

func TestHostileJUnit(t *testing.T) {
	d := readJUnit(t, writeAll(t, "junit", options, hostile(t)))
	require.Len(t, d.Suites, 2)
	assert.Contains(t, d.Suites[0].Cases[0].Failure.Text, `]]>\x07<b onclick=x>`)
	assert.Contains(t, d.Suites[1].Cases[2].Failure.Text, "… (10485760 bytes)")
}

func TestHostileSARIF(t *testing.T) {
	d := readSARIF(t, writeAll(t, "sarif", options, hostile(t)))
	for _, r := range d.Runs[0].Results {
		assert.NotRegexp(t, `[^\\]\]\(`, r.Message.Text, "a link in a message")
		assert.Regexp(t, `^[!-~]+$`, r.Locations[0].PhysicalLocation.ArtifactLocation.URI)
	}
}

// Every line of a TAP report is one of these, and every scalar reads as a
// quoted string.
var (
	tapLine   = regexp.MustCompile(`^(TAP version 14|# .*|(not )?ok \d+ - .*|1\.\.\d+|  ---|  \.\.\.|  (findings|at):|( {2}| {4}| {4}- | {6})[a-z]+: (".*"|\d+))$`)
	tapScalar = regexp.MustCompile(`: (".*")$`)
)

func TestHostileTAP(t *testing.T) {
	text := writeAll(t, "tap", options, hostile(t))
	tests := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		require.Regexp(t, tapLine, cutTo(line, 300), "not TAP")
		if m := tapScalar.FindStringSubmatch(line); m != nil && strings.HasPrefix(line, " ") {
			_, err := strconv.Unquote(m[1])
			require.NoError(t, err)
		}
		if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "not ok ") {
			tests++
			directives := regexp.MustCompile(`[^\\]#`).FindAllString(line, -1)
			assert.LessOrEqual(t, len(directives), 1, line)
		}
	}
	assert.Equal(t, 4, tests)
	assert.Contains(t, text, "1..4\n")
}

// cutTo shortens a line for a message, and keeps its quotes in pairs.
func cutTo(line string, n int) string {
	if len(line) <= n {
		return line
	}
	return line[:n] + `"`
}

var command = regexp.MustCompile(`^::(error|warning|notice) ((file=[^:,]*,)?(line=\d+,)?title=[^:,]*)::[^\r\n]*$`)

func TestHostileGitHub(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(writeAll(t, "github", options, hostile(t)), "\n"), "\n")
	for _, line := range lines[:len(lines)-1] {
		assert.Regexp(t, command, line)
		assert.NotRegexp(t, `%(?:$|[^2]|2[^5]|25[^0])`, strings.NewReplacer("%0A→", "", "%25", "%250", "%3A", "", "%2C", "").Replace(line), "an unescaped %")
	}
}

func TestHostileStepSummary(t *testing.T) {
	var b bytes.Buffer
	o := options
	o.StepSummary = &b
	writeAll(t, "github", o, hostile(t))
	rows := 0
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		rows++
		assert.Equal(t, 6, strings.Count(line, "|"), "the cells of a row")
		text := strings.NewReplacer("<br>", "", "**error**", "", "**warning**", "", "---:", "").Replace(line)
		text = regexp.MustCompile("\\(`[a-z0-9-]+`\\)").ReplaceAllString(text, "")
		assert.NotRegexp(t, "[`*_<>\\[\\]@:!]", text)
	}
	assert.Equal(t, 6, rows)
}

// The page holds no element and no attribute that a reply brought in.
func TestHostileHTML(t *testing.T) {
	for name, text := range map[string]string{
		"hostile": writeAll(t, "html", options, hostile(t)), "samples": writeAll(t, "html", options, samples(t)),
	} {
		d := xml.NewDecoder(strings.NewReader(withoutScript(t, text)))
		d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err, name)
			element, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			assert.NotContains(t, []string{"b", "script", "img", "a", "iframe", "link"}, element.Name.Local)
			for _, a := range element.Attr {
				assert.False(t, strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" || a.Name.Local == "src" || a.Name.Local == "href", a.Name.Local)
			}
		}
	}
}

// withoutScript takes the page's own style and script out, and checks that the
// page's policy allows them and no others.
func withoutScript(t *testing.T, text string) string {
	t.Helper()
	for _, element := range []string{"style", "script"} {
		found := regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllStringSubmatch(text, -1)
		require.Len(t, found, 1)
		sum := sha256.Sum256([]byte(found[0][1]))
		hash := base64.StdEncoding.EncodeToString(sum[:])
		assert.Contains(t, text, element+"-src &#39;sha256-"+hash+"&#39;")
		text = strings.Replace(text, found[0][0], "", 1)
	}
	return text
}

func TestHTMLSaysWhatItLeavesOut(t *testing.T) {
	text := writeAll(t, "html", options, many(t, 1000))
	assert.Equal(t, 1000, strings.Count(text, "<li"))
	assert.Contains(t, text, "requests and replies of 670 results are left out")
	assert.NotContains(t, writeAll(t, "html", options, samples(t)), "To keep the page small")
	const left = "Request and reply are left out: the page has too many."
	assert.NotContains(t, text, left, "what is well has no details then")
	assert.Contains(t, writeAll(t, "html", options, broken(t, 600, 40<<10)), `<p class="dim">`+left+"</p>")

	wordy := judged(t, "beforeAddFriend", replied(fixtures.PlainAllow, time.Millisecond))
	for range 40 {
		long := strings.Repeat("why ", 2<<10)
		wordy.Findings = append(wordy.Findings, validate.Finding{Rule: "other-rule", Severity: validate.Note, Message: words.Plain(long), Hint: words.Plain(long)})
	}
	text = writeAll(t, "html", options, slices.Repeat([]validate.Result{wordy}, 150))
	assert.Less(t, len(text), 40<<20)
	assert.Regexp(t, "Not listed: the last [0-9]+ results", text)
}
