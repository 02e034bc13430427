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
	"github.com/imcb-dev/imcb/validate/record"
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

// read collects the lines of a journal; a broken line as its error's text.
func read(r io.Reader) map[int]any {
	got := map[int]any{}
	for line, err := range record.Journal(r) {
		if got[line.Number] = line.Exchange; err != nil {
			got[line.Number] = err.Error()
		}
	}
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
	got := read(&journal)
	require.Len(t, got, len(want))
	for i, e := range want {
		assert.Equal(t, e, got[i+1])
	}
}

func TestJournalLinesLongerThanTheBuffer(t *testing.T) {
	e := exchange(strings.Repeat("x", 300<<10))
	var journal bytes.Buffer
	w := NewJournal(&journal, JournalOptions{})
	require.NoError(t, w.Write(e))
	require.NoError(t, w.Write(exchange("{}")))
	require.NoError(t, w.Close())
	assert.Equal(t, map[int]any{1: e, 2: exchange("{}")}, read(iotest.HalfReader(&journal)))
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
