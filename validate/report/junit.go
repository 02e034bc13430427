package report

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/validate"
)

// junitReport writes the XML that Jenkins, GitLab and the readers for GitHub
// share. A testsuite names its totals before its cases, so cases are held
// until their file ends or they become many; a long run is several testsuites.
type junitReport struct {
	form
	suites int
	suite  junitSuite
}

// junitHeld is how much text of cases is held.
const junitHeld = 4 << 20

func newJUnit(f form) Reporter { return &junitReport{form: f} }

type junitSuite struct {
	XMLName    xml.Name        `xml:"testsuite"`
	Name       string          `xml:"name,attr"`
	ID         int             `xml:"id,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr,omitempty"`
	Properties junitProperties `xml:"properties"`
	Cases      []byte          `xml:",innerxml"`

	file string
	part int
	took time.Duration
	text bytes.Buffer
}

type junitProperties struct {
	List []junitProperty `xml:"property"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// junitCase has file and line although Jenkins' schema doesn't: GitLab and the
// readers for GitHub link to them, and Jenkins passes over them.
type junitCase struct {
	XMLName   xml.Name   `xml:"testcase"`
	Name      string     `xml:"name,attr"`
	Classname string     `xml:"classname,attr"`
	Time      string     `xml:"time,attr"`
	File      string     `xml:"file,attr,omitempty"`
	Line      int        `xml:"line,attr,omitempty"`
	Skipped   *junitNote `xml:"skipped"`
	Error     *junitNote `xml:"error"`
	Failure   *junitNote `xml:"failure"`
	Output    *junitNote `xml:"system-out"`
}

// junitNote is an element with text. It writes itself to keep line breaks,
// which encoding/xml would write as references.
type junitNote struct{ kind, message, text string }

func (n junitNote) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	for _, a := range [][2]string{{"type", n.kind}, {"message", n.message}} {
		if a[1] != "" {
			start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: a[0]}, Value: a[1]})
		}
	}
	for _, token := range []xml.Token{start, xml.CharData(n.text), start.End()} {
		if err := e.EncodeToken(token); err != nil {
			return err
		}
	}
	return nil
}

func (j *junitReport) Begin(run Run) error {
	j.run = run
	_, err := io.WriteString(j.w, xml.Header+"<testsuites>\n")
	return err
}

func (j *junitReport) Report(r validate.Result) error {
	s := &j.suite
	file := fileOf(r)
	if s.Tests > 0 && (file != s.file || s.text.Len() > junitHeld) {
		if err := j.flush(); err != nil {
			return err
		}
		if file != s.file {
			s.part = 0
		}
	}
	s.file = file
	c := j.testcase(r)
	text, err := xml.Marshal(c)
	if err != nil {
		return err
	}
	s.add(c, r.Exchange)
	s.text.WriteString("\n    ")
	s.text.Write(text)
	return nil
}

func (s *junitSuite) add(c junitCase, x validate.Exchange) {
	s.Tests++
	s.took += max(x.Reply.Elapsed, 0)
	if s.Timestamp == "" && !x.Time.IsZero() {
		s.Timestamp = x.Time.UTC().Format("2006-01-02T15:04:05")
	}
	switch {
	case c.Skipped != nil:
		s.Skipped++
	case c.Error != nil:
		s.Errors++
	case c.Failure != nil:
		s.Failures++
	}
}

func (j *junitReport) testcase(r validate.Result) junitCase {
	c := junitCase{
		Name: j.run.nameOf(r), Classname: strings.TrimSuffix("imcb."+groupOf(r), "."),
		Time: seconds(r.Exchange.Reply.Elapsed), File: fileOf(r), Line: r.Line,
	}
	ok := r.OK(j.run.FailOn)
	switch {
	case r.Skipped != "":
		c.Skipped = &junitNote{message: clean(r.Skipped, textBound)}
	case !ok && !r.Exchange.Reply.Reached():
		c.Error = j.wrong(r)
	case !ok:
		c.Failure = j.wrong(r)
	case len(r.Findings) > 0 || r.Was != nil || r.Cover != nil:
		c.Output = &junitNote{text: junitFindings(r)}
	}
	return c
}

// wrong is what a person needs to see what is wrong and to repeat it.
func (j *junitReport) wrong(r validate.Result) *junitNote {
	n := &junitNote{text: junitFindings(r)}
	for _, f := range r.Findings {
		if j.run.fails(f) {
			n.kind, n.message = f.Rule, findingText(f)
			break
		}
	}
	for _, line := range stepLines(r) {
		n.text += line + "\n"
	}
	for _, line := range [][2]string{
		{"for", callbacksText(r)}, {"reply", replyLine(r.Exchange.Reply, bodyBound)},
		{"effect", effectText(r)}, {"again", againText(r)},
	} {
		if line[1] != "" {
			n.text += fmt.Sprintf("%s: %s\n", line[0], line[1])
		}
	}
	return n
}

func junitFindings(r validate.Result) string {
	var b strings.Builder
	b.WriteByte('\n')
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s%s: %s %s\n", placePrefix(f), f.Severity, findingText(f), clean(f.Basis(), labelBound))
		if !f.Hint.IsZero() {
			fmt.Fprintf(&b, "  hint: %s\n", hintText(f))
		}
	}
	for _, f := range coverFields(r) {
		fmt.Fprintf(&b, "%s: %s\n", f.name, f.text)
	}
	if was := wasText(r); was != "" {
		fmt.Fprintf(&b, "verdict: %s\n", was)
	}
	return b.String()
}

// flush writes the testsuite that was gathered and begins the next one.
func (j *junitReport) flush() error {
	s := &j.suite
	s.part++
	s.Name, s.ID, s.Time = cmp.Or(s.file, "imcb"), j.suites, seconds(s.took)
	if s.part > 1 {
		s.Name = fmt.Sprintf("%s (%d)", s.Name, s.part)
	}
	s.Properties.List = []junitProperty{{"server", j.run.servers()}, {"target", j.run.target()}}
	s.text.WriteString("\n  ")
	s.Cases = s.text.Bytes()
	j.suites++
	text, err := xml.Marshal(s)
	if err != nil {
		return err
	}
	*s = junitSuite{file: s.file, part: s.part}
	_, err = fmt.Fprintf(j.w, "  %s\n", text)
	return err
}

func (j *junitReport) End(Summary) error {
	if j.suite.Tests > 0 {
		if err := j.flush(); err != nil {
			return err
		}
	}
	_, err := io.WriteString(j.w, "</testsuites>\n")
	return err
}
