package record

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// Source is what was recorded, as its content shows: a journal or OpenIM's own
// log, in text or JSON, perhaps compressed with gzip.
type Source struct {
	// Lines are the exchanges, as Journal yields them.
	Lines iter.Seq2[Line, error]
	// Log is what is known of OpenIM's log; nil: the source is a journal.
	Log *Log
}

// Log is what OpenIM's log is beside its callbacks. What it counts is whole when
// the source's lines are read.
type Log struct {
	// Server is the OpenIM that wrote it; the zero value: it does not say.
	Server validate.Server
	// Records counts what was logged, Failures that of level WARN and worse.
	Records, Failures int
	// Callbacks counts the records that begin or end a callback. Unnamed counts
	// failures of callbacks that do not say of which.
	Callbacks, Unnamed int
}

// bufferSize is how much is read at once, and looked at for what it is.
const bufferSize = 256 << 10

// Open finds out what the files hold, which are read as one: a callback that begins
// in one log may end in the next. The error is that of the first file or of its
// compression.
func Open(files ...io.Reader) (*Source, error) {
	var kinds kinds
	var all []io.Reader
	for i, file := range files {
		p := &part{r: file, kinds: &kinds}
		if i > 0 {
			all = append(all, strings.NewReader("\n")) // the one before may lack it
		} else if err := p.open(); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	buffered := bufio.NewReaderSize(io.MultiReader(all...), bufferSize)
	head, isLog := look(buffered)
	if !isLog {
		return &Source{Lines: Journal(buffered)}, nil
	}
	log := &Log{Server: writer(head)}
	return &Source{Lines: log.lines(buffered), Log: log}, nil
}

// kinds are those of the files that were opened.
type kinds struct{ log, journal bool }

// part is a file that is opened when it is read.
type part struct {
	r      io.Reader
	kinds  *kinds
	opened bool
}

func (p *part) Read(b []byte) (int, error) {
	if !p.opened {
		if err := p.open(); err != nil {
			return 0, err
		}
	}
	return p.r.Read(b)
}

func (p *part) open() error {
	p.opened = true
	buffered := bufio.NewReaderSize(p.r, bufferSize)
	if magic, _ := buffered.Peek(2); string(magic) == "\x1f\x8b" {
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return fmt.Errorf("gzip: %w", err)
		}
		buffered = bufio.NewReaderSize(unpacked, bufferSize)
	}
	p.r = buffered
	head, isLog := look(buffered)
	p.kinds.log = p.kinds.log || isLog
	p.kinds.journal = p.kinds.journal || !isLog && bytes.Contains(head, []byte(`"request"`))
	if p.kinds.log && p.kinds.journal {
		return errMixed
	}
	return nil
}

// errMixed is the error of files that are no parts of one record.
var errMixed = errors.New("the files are journals and logs of OpenIM: take one kind at a time")

// look reads what is there until a line tells what it is of, and no more: who
// writes a log may be still at work.
func look(r *bufio.Reader) (head []byte, isLog bool) {
	for n := 1; ; n = len(head) + 1 {
		_, err := r.Peek(min(n, bufferSize))
		head, _ = r.Peek(r.Buffered())
		whole := head
		if err == nil {
			whole = head[:bytes.LastIndexByte(head, '\n')+1]
		}
		for line := range bytes.Lines(whole) {
			switch line = bytes.TrimSpace(line); {
			case recordStart(line) >= 0:
				return whole, true
			case len(line) > 0 && line[0] == '{' && bytes.Contains(line, []byte(`"request"`)):
				return whole, false
			}
		}
		if err != nil || len(head) >= bufferSize {
			return whole, false
		}
	}
}

// writer is the OpenIM that wrote the first record in a text whose version is
// one: others log in the same form.
func writer(head []byte) validate.Server {
	for line := range bytes.Lines(head) {
		start := recordStart(line)
		if start < 0 {
			continue
		}
		module, version := signature(string(bytes.TrimSpace(line[start:])))
		if module != oneProcess && !strings.HasPrefix(module, oneProcess+"-") {
			continue
		}
		if server, err := validate.ParseServer(version); err == nil {
			server.Deployment = validate.Services
			if module == oneProcess {
				server.Deployment = validate.OneProcess
			}
			return server.OrDefault()
		}
	}
	return validate.Server{}
}

// oneProcess is the module of an OpenIM that is one process. Services have names
// that begin so.
const oneProcess = "openim"

// signature is the module and the version that a record names.
func signature(record string) (module, version string) {
	if record[0] == '{' {
		get := gjson.GetMany(record, "logger", "version")
		return get[0].Str, strings.TrimSpace(get[1].Str)
	}
	f := strings.SplitN(record, "\t", textFields)
	if len(f) <= versionField {
		return "", ""
	}
	return plain(f[moduleField]), strings.Trim(f[versionField], "[] ")
}

// lines reads the log with as much memory as the callbacks take that are under
// way.
func (l *Log) lines(r *bufio.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		lines := lineReader{r: r, limit: maxLine}
		var scan logScanner
		var found pairs
		for number := 1; ; number++ {
			text, _, err := lines.next()
			if err != nil && !errors.Is(err, io.EOF) {
				yield(Line{}, fmt.Errorf("line %d: %w", number, err))
				return
			}
			if e := scan.scan(number, text); e != nil {
				l.Callbacks += e.callbacks()
				found.add(e)
				scan.answers = found.wantsAnswers()
				if !found.ready(yield) {
					return
				}
			}
			l.Records, l.Failures, l.Unnamed = scan.records, scan.failures, found.unnamed
			if err != nil {
				end, _ := time.Parse(stampLayout, string(scan.last))
				found.giveUp(end)
				found.ready(yield)
				return
			}
		}
	}
}
