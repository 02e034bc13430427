package simulator

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/imcb-dev/imcb/validate"
)

// maxJournalLine is the longest line that ReadJournal takes, in bytes.
const maxJournalLine = 64 << 20

// ReadJournal reads a journal line by line and yields the exchange of each,
// with the line's number from 1 on, until yield returns false. A broken line
// is yielded with an error that says what is wrong with it, and reading goes
// on; a last line that a crash tore is such a line. Blank lines are skipped. The result is the error of r, if it failed.
func ReadJournal(r io.Reader, yield func(line int, e validate.Exchange, err error) bool) error {
	return readJournal(r, maxJournalLine, yield)
}

func readJournal(r io.Reader, limit int, yield func(int, validate.Exchange, error) bool) error {
	lines := lineReader{r: bufio.NewReaderSize(r, 64<<10), limit: limit}
	for number := 1; ; number++ {
		line, tooLong, err := lines.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("journal: line %d: %w", number, err)
		}
		if len(line) > 0 || tooLong {
			e, lineErr := parseLine(line, tooLong, limit)
			if syntax := new(json.SyntaxError); err != nil && errors.As(lineErr, &syntax) {
				lineErr = errTornLine
			}
			if !yield(number, e, lineErr) {
				return nil
			}
		}
		if err != nil {
			return nil
		}
	}
}

// errTornLine is the error of a last line that has no newline and is no JSON: a
// crash, or a writer at work, leaves it so.
var errTornLine = errors.New("the line was not written to its end")

func parseLine(line []byte, tooLong bool, limit int) (validate.Exchange, error) {
	if tooLong {
		return validate.Exchange{}, fmt.Errorf("longer than %d bytes", limit)
	}
	var e validate.Exchange
	if err := json.Unmarshal(line, &e); err != nil {
		return validate.Exchange{}, fmt.Errorf("not an exchange: %w", err)
	}
	if e.Request.Method == "" && e.Request.URL == "" && e.Request.Body == nil {
		return validate.Exchange{}, errors.New(`not an exchange: it has no "request"`)
	}
	return e, nil
}

// lineReader cuts a stream into lines of limited length.
type lineReader struct {
	r     *bufio.Reader
	limit int
	line  []byte
}

// next returns the next line without the space around it, valid until the next
// call. Of a line over the limit it keeps nothing. The last line comes with
// io.EOF.
func (l *lineReader) next() (line []byte, tooLong bool, err error) {
	l.line = l.line[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		if tooLong = tooLong || len(l.line)+len(part) > l.limit; tooLong {
			l.line = l.line[:0]
		} else {
			l.line = append(l.line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSpace(l.line), tooLong, err
		}
	}
}
