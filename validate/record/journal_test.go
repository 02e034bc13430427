package record

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// read collects the lines of a journal; a broken line as its error's text.
func read(r io.Reader, limit int) map[int]any {
	got := map[int]any{}
	for line, err := range journal(r, limit) {
		if got[line.Number] = line.Exchange; err != nil {
			got[line.Number] = err.Error()
		}
	}
	return got
}

func posted(body string) validate.Exchange {
	return validate.Exchange{Command: "callbackBeforeAddFriendCommand", Request: validate.Request{Method: "POST", URL: "http://h/cb", Body: []byte(body)}}
}

// text is a line of a journal.
func text(body string) string {
	line, _ := json.Marshal(posted(body)) // has no time that can't be written
	return string(line) + "\n"
}

func TestBrokenLines(t *testing.T) {
	good := `{"request":{"method":"POST","url":"http://h/","body":"{}"}}`
	long := `{"request":{"url":"` + strings.Repeat("x", 200<<10) + `"}}`
	journal := strings.Join([]string{good, "", "  \r", "{broken", long, `{"reply":{"status":200}}`, "null", good + "\r",
		`{"request":{"url":"u","body":"a","bodyBase64":"YQ=="}}`, good[:20]}, "\n")
	e := validate.Exchange{Request: validate.Request{Method: "POST", URL: "http://h/", Body: []byte("{}")}}
	assert.Equal(t, map[int]any{
		1:  e,
		4:  "not an exchange: invalid character 'b' looking for beginning of object key string",
		5:  "longer than 102400 bytes",
		6:  `not an exchange: it has no "request"`,
		7:  `not an exchange: it has no "request"`,
		8:  e,
		9:  "not an exchange: request: both body and bodyBase64",
		10: "the line was not written to its end",
	}, read(strings.NewReader(journal), 100<<10))
}

func TestReadingStops(t *testing.T) {
	lines := 0
	for _, err := range Journal(strings.NewReader("x\nx\nx\n")) {
		require.Error(t, err)
		if lines++; lines == 2 {
			break
		}
	}
	assert.Equal(t, 2, lines)
}

func TestTheReadersErrorComesLast(t *testing.T) {
	broken := errors.New("disk on fire")
	var failures []error
	for line, err := range Journal(io.MultiReader(strings.NewReader(text("{}")), iotest.ErrReader(broken))) {
		if line.Number == 0 {
			failures = append(failures, err)
			continue
		}
		assert.Equal(t, Line{1, posted("{}")}, line)
		require.NoError(t, err)
		assert.Empty(t, failures)
	}
	require.Len(t, failures, 1)
	require.ErrorIs(t, failures[0], broken)
	assert.EqualError(t, failures[0], "journal: line 2: disk on fire")
}

// A torn last line is reported as such; the lines before it are read, whatever
// bytes are among them.
func TestJournalWithATornLastLine(t *testing.T) {
	lines := text("1") + "\x00\x00\xff\n" + text("2")
	got := read(strings.NewReader(lines+text("3")[:40]), maxLine)
	assert.Equal(t, map[int]any{
		1: posted("1"),
		2: "not an exchange: invalid character '\\x00' looking for beginning of value",
		3: posted("2"),
		4: "the line was not written to its end",
	}, got)
	whole := strings.TrimSuffix(text("3"), "\n")
	assert.Equal(t, map[int]any{1: posted("3")}, read(strings.NewReader(whole), maxLine), "only its newline is missing")
	invalid := read(strings.NewReader(`{"request":{"url":"`+"\xff\x00"+`"}}`+"\n"+`{"request":{"url":"`+"\xff"+`"}}`), maxLine)
	assert.IsType(t, "", invalid[1], "a control character")
	assert.Equal(t, validate.Exchange{Request: validate.Request{URL: "\ufffd"}}, invalid[2])
}

// One mistake is one error, however many lines there are.
func TestJournalInUTF16(t *testing.T) {
	assert.Equal(t, map[int]any{0: "journal: it is in UTF-16: save it as UTF-8"}, read(strings.NewReader("\xff\xfe{\x00}\x00\n\x00{\x00}\x00\n\x00"), maxLine))
}

func TestCallbackOf(t *testing.T) {
	for name, x := range map[string]validate.Exchange{
		"its key":         {Callback: "beforeAddFriend", Command: "other"},
		"its command":     {Command: "callbackBeforeAddFriendCommand"},
		"the URL":         {Request: validate.Request{URL: "http://h/cb/callbackBeforeAddFriendCommand?key=1"}},
		"the URL's query": {Request: validate.Request{URL: "http://h/cb?command=callbackBeforeAddFriendCommand"}},
		"the body":        {Callback: "gone", Request: validate.Request{URL: "http://h/cb", Body: []byte(`{"callbackCommand":"callbackBeforeAddFriendCommand"}`)}},
	} {
		c, err := CallbackOf(x)
		require.NoError(t, err, name)
		want, _ := fixtures.Find("beforeAddFriend")
		assert.Same(t, want, c, name)
	}
	_, err := CallbackOf(validate.Exchange{Callback: "gone", Command: "far"})
	unknown, ok := errors.AsType[*words.UnknownError](err)
	require.True(t, ok)
	assert.Equal(t, "gone", unknown.Name, "the first")
	_, err = CallbackOf(validate.Exchange{})
	assert.EqualError(t, err, "it names no callback")
}
