package simulator

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/validate"
)

func exchange(body string) validate.Exchange {
	return validate.Exchange{
		Time:     time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC),
		Callback: "beforeAddFriend",
		Command:  "callbackBeforeAddFriendCommand",
		Request: validate.Request{Method: "POST", URL: "http://h/cb", Headers: []validate.Header{{"Host", "h"}, {"X", "1"}, {"X", "2"}},
			Body: []byte(body)},
		Reply: validate.Reply{Status: 200, Body: []byte("{}"), Elapsed: 1500 * time.Microsecond},
	}
}

// read collects what ReadJournal yields; a broken line as its error's text.
func read(t *testing.T, r io.Reader, limit int) map[int]any {
	t.Helper()
	got := map[int]any{}
	require.NoError(t, readJournal(r, limit, func(line int, e validate.Exchange, err error) bool {
		if got[line] = e; err != nil {
			got[line] = err.Error()
		}
		return true
	}))
	return got
}

func TestJournalRoundTrip(t *testing.T) {
	failed := exchange("{}\n")
	failed.Reply = validate.Reply{Failure: validate.Timeout, Detail: "context deadline exceeded", Elapsed: 5 * time.Second}
	unanswered := exchange("a\nb")
	unanswered.Reply = validate.Reply{}
	want := []validate.Exchange{exchange("{\"a\":\"<é\u2028>\"}\n"), exchange("\xff\xfe\x00"), failed, unanswered}

	var journal bytes.Buffer
	w := NewJournal(&journal, JournalOptions{})
	for _, e := range want {
		require.NoError(t, w.Write(e))
	}
	require.NoError(t, w.Close())
	assert.Equal(t, len(want), bytes.Count(journal.Bytes(), []byte("\n")), "one line each")
	got := read(t, &journal, maxJournalLine)
	require.Len(t, got, len(want))
	for i, e := range want {
		assert.Equal(t, e, got[i+1])
	}
}

func TestJournalBrokenLines(t *testing.T) {
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
	}, read(t, strings.NewReader(journal), 100<<10))
}

func TestJournalLinesLongerThanTheBuffer(t *testing.T) {
	e := exchange(strings.Repeat("x", 300<<10))
	var journal bytes.Buffer
	w := NewJournal(&journal, JournalOptions{})
	require.NoError(t, w.Write(e))
	require.NoError(t, w.Write(exchange("{}")))
	require.NoError(t, w.Close())
	assert.Equal(t, map[int]any{1: e, 2: exchange("{}")}, read(t, iotest.HalfReader(&journal), maxJournalLine))
}

func TestReadJournalStops(t *testing.T) {
	lines := 0
	err := ReadJournal(strings.NewReader("x\nx\nx\n"), func(int, validate.Exchange, error) bool {
		lines++
		return lines < 2
	})
	require.NoError(t, err)
	assert.Equal(t, 2, lines)
}

func TestReadJournalReportsTheReader(t *testing.T) {
	broken := errors.New("disk on fire")
	err := ReadJournal(iotest.ErrReader(broken), func(int, validate.Exchange, error) bool { return true })
	assert.ErrorIs(t, err, broken)
}

type countingWriter struct {
	bytes.Buffer
	calls int
}

func (w *countingWriter) Write(p []byte) (int, error) {
	w.calls++
	return w.Buffer.Write(p)
}

// fullDisk writes until there is no room left.
type fullDisk struct {
	bytes.Buffer
	room int
}

func (d *fullDisk) Write(p []byte) (int, error) {
	n := min(d.room, len(p))
	d.room -= n
	d.Buffer.Write(p[:n])
	if n < len(p) {
		return n, errors.New("disk full")
	}
	return n, nil
}
