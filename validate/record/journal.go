package record

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// maxLine is the longest line that is read, in bytes.
const maxLine = 64 << 20

// Line is one line of a record, and the exchange that it holds.
type Line struct {
	// Number counts from 1.
	Number   int
	Exchange validate.Exchange
}

// Journal yields the lines of a journal, each with the error that says why it
// holds no exchange; reading goes on after such a line. A last line that a crash
// tore is one. Blank lines are left out. A redirect and the requests that follow it
// are one exchange, where the redirect stood. The error of r, if it fails, comes last, with a Line whose
// number is 0.
func Journal(r io.Reader) iter.Seq2[Line, error] { return follow(journal(r, maxLine)) }

func journal(r io.Reader, limit int) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		lines := lineReader{r: bufio.NewReaderSize(r, 64<<10), limit: limit}
		if start, _ := lines.r.Peek(2); string(start) == "\xff\xfe" || string(start) == "\xfe\xff" {
			yield(Line{}, errUTF16)
			return
		}
		for number := 1; ; number++ {
			text, tooLong, err := lines.next()
			if err != nil && !errors.Is(err, io.EOF) {
				yield(Line{}, fmt.Errorf("journal: line %d: %w", number, err))
				return
			}
			if len(text) > 0 || tooLong {
				x, broken := parseLine(text, tooLong, limit)
				if syntax := new(json.SyntaxError); err != nil && errors.As(broken, &syntax) {
					broken = errTornLine
				}
				if !yield(Line{number, x}, broken) {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}
}

// errUTF16 is the error of a file as some editors and PowerShell's ">" write it.
var errUTF16 = errors.New("journal: it is in UTF-16: save it as UTF-8")

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
	part, err := l.r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) && len(part) <= l.limit {
		return bytes.TrimSpace(part), false, err
	}
	l.line = append(l.line[:0], part...)
	tooLong = len(l.line) > l.limit
	for errors.Is(err, bufio.ErrBufferFull) {
		part, err = l.r.ReadSlice('\n')
		if tooLong = tooLong || len(l.line)+len(part) > l.limit; tooLong {
			l.line = l.line[:0]
		} else {
			l.line = append(l.line, part...)
		}
	}
	if tooLong {
		return nil, true, err
	}
	return bytes.TrimSpace(l.line), false, err
}

// CallbackOf finds the callback of a recorded exchange: by its key, its command,
// the URL or the body. The error says that it names none, or, as a
// *words.UnknownError, the first name that it has.
func CallbackOf(x validate.Exchange) (*fixtures.Callback, error) {
	var first error
	for name := range namesIn(&x) {
		if name == "" {
			continue
		}
		c, err := fixtures.Lookup(name)
		if err == nil {
			return c, nil
		}
		first = cmp.Or(first, err)
	}
	return nil, cmp.Or(first, errors.New("it names no callback"))
}

// namesIn yields the names that an exchange may have of its callback, each made
// only when the ones before did not do.
func namesIn(x *validate.Exchange) iter.Seq[string] {
	return func(yield func(string) bool) {
		if yield(x.Callback) && yield(x.Command) && yield(x.Request.URLCommand()) && fixtures.ValidJSON(x.Request.Body) {
			yield(gjson.GetBytes(x.Request.Body, "callbackCommand").String())
		}
	}
}
