package record

import (
	"bytes"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// stampLayout is how OpenIM's log writes a time, local and without a zone.
const stampLayout = "2006-01-02 15:04:05.000"

// jsonStart begins a record of a log in JSON.
const jsonStart = `{"level":"`

// entry is a record of OpenIM's log that may be about a callback.
type entry struct {
	line    int
	at      time.Time
	pid     string
	message string
	// operation is the operationID.
	operation string
	// Of a callback: url, input (JSON text), response, timeout in seconds.
	url, input, response string
	timeout              int64
	// Of an operation: the RPC's method, its error, what it is about, and what its
	// caller was answered.
	method, failure, about, answer string
}

// logScanner finds the records of OpenIM's log that may be about callbacks in its
// lines. A record begins where a line begins with a time and a TAB, whatever
// stands before: what Docker Compose and `docker logs --timestamps` put there.
type logScanner struct {
	// halves are the first lines of records that a version with a newline in its
	// name writes on two lines, by what stands before them.
	halves map[string][]byte
	// answers: records with the answer of OpenIM's API are wanted, too.
	answers bool
	// records counts those that began, failures those of level WARN and worse.
	records, failures int
	// last is the time of the last one.
	last []byte
	// found is what scan returns.
	found entry
}

// scan returns the entry that the line ends, until the next call; nil: it is none.
// What it returns shares nothing with the line.
func (s *logScanner) scan(number int, line []byte) *entry {
	start := recordStart(line)
	if start < 0 {
		return s.secondHalf(number, line)
	}
	s.records++
	text := line[start:]
	if text[0] == '{' {
		return s.json(number, text)
	}
	s.last = append(s.last[:0], text[:len(stampLayout)]...)
	bad := isBad(text[len(stampLayout)+1:])
	if bad {
		s.failures++
	}
	if len(text) < maxHalf && text[len(text)-1] != '}' && bytes.Count(text, tab) == halfTabs {
		s.keepHalf(line[:start], text)
		return nil
	}
	if !s.wanted(text, bad) {
		return nil
	}
	return s.text(number, string(text))
}

// maxHalf is how long the first line of a record on two lines is at most. It has
// so many TABs.
const (
	maxHalf   = 400
	halfTabs  = 4
	maxHalves = 64
)

var (
	tab      = []byte("\t")
	webhook  = []byte("webhook")
	answered = []byte(answerMessage)
)

// wanted reports whether the record may be about a callback. It is asked of each
// record, so it does not look closely.
func (s *logScanner) wanted(text []byte, bad bool) bool {
	return bad || bytes.Contains(text, webhook) || s.answers && bytes.Contains(text, answered)
}

func (s *logScanner) keepHalf(before, text []byte) {
	if s.halves == nil || len(s.halves) >= maxHalves {
		s.halves = make(map[string][]byte)
	}
	name := service(before)
	s.halves[string(name)] = append(s.halves[string(name)][:0], text...)
}

// secondHalf takes the second line of a record: "]", blanks, a TAB.
func (s *logScanner) secondHalf(number int, line []byte) *entry {
	head := line[:min(len(line), maxHalf)]
	end := bytes.IndexByte(head, '\t')
	if len(s.halves) == 0 || end < 0 {
		return nil
	}
	bracket := bytes.LastIndexByte(head[:end], ']')
	if bracket < 0 {
		return nil
	}
	half := s.halves[string(service(head[:bracket]))]
	if len(half) == 0 || !s.wanted(line, isBad(half[len(stampLayout)+1:])) {
		return nil
	}
	return s.text(number, string(half)+string(line[bracket:]))
}

// service is the name that Docker Compose puts before a line; the time after it
// differs from line to line.
func service(before []byte) []byte {
	name, _, found := bytes.Cut(before, []byte("|"))
	if !found {
		return nil
	}
	return name
}

// recordStart is where a record begins in the line; -1: it does not.
func recordStart(line []byte) int {
	if isStamp(line) || isJSON(line) {
		return 0
	}
	if len(line) > 0 && line[0] == ']' {
		return -1
	}
	head := line[:min(len(line), maxHalf)]
	if i := bytes.IndexByte(head, '\t') - len(stampLayout); i > 0 && isStamp(head[i:]) {
		return i
	}
	if i := bytes.Index(head, []byte(jsonStart)); i > 0 && isJSON(head[i:]) && bytes.IndexByte(head[:i], '\t') < 0 {
		return i
	}
	return -1
}

// isJSON reports whether the text begins a record in JSON. Others who log so, like
// etcd, write their levels in small letters.
func isJSON(text []byte) bool {
	return len(text) > len(jsonStart) && 'A' <= text[len(jsonStart)] && text[len(jsonStart)] <= 'Z' && bytes.HasPrefix(text, []byte(jsonStart))
}

// isStamp reports whether the text begins with a time and a TAB. It is asked of
// each line, so it looks at little: what it takes for a time is parsed later.
func isStamp(text []byte) bool {
	return len(text) > len(stampLayout) && text[len(stampLayout)] == '\t' && text[4] == '-' && text[7] == '-' && text[10] == ' ' &&
		text[13] == ':' && text[16] == ':' && text[19] == '.' && isDigit(text[0]) && isDigit(text[22])
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isBad reports whether a level is WARN or worse. It may have a color.
func isBad(level []byte) bool {
	if bytes.HasPrefix(level, []byte("\x1b[")) {
		level = level[min(len(level), len("\x1b[31m")):]
	}
	return len(level) > 0 && strings.IndexByte("WEPF", level[0]) >= 0
}

// Fields of a record in text, apart by TABs.
const (
	timeField = iota
	levelField
	pidField
	moduleField
	versionField
	callerField
	messageField
	dataField
	textFields
)

// fields are those of a record in text; false: it does not have all.
func fields(record string) (f [textFields]string, ok bool) {
	for i := range textFields - 1 {
		if f[i], record, ok = strings.Cut(record, "\t"); !ok {
			return f, false
		}
	}
	f[dataField] = record
	return f, true
}

func (s *logScanner) text(number int, record string) *entry {
	f, ok := fields(record)
	if !ok {
		return nil
	}
	at, err := time.Parse(stampLayout, f[timeField])
	data := strings.TrimSpace(f[dataField])
	if err != nil || !strings.HasPrefix(data, "{") || !strings.HasSuffix(data, "}") {
		return nil
	}
	pid := strings.TrimSuffix(strings.TrimPrefix(plain(f[pidField]), "[PID:"), "]")
	s.found = entry{line: number, at: at, pid: pid, message: strings.TrimSpace(f[messageField])}
	return s.filled(gjson.Parse(data))
}

// plain is a field without its color and padding.
func plain(field string) string {
	if _, rest, ok := strings.Cut(field, "m"); ok && strings.HasPrefix(field, "\x1b[") {
		field, _, _ = strings.Cut(rest, "\x1b[")
	}
	return strings.TrimSpace(field)
}

func (s *logScanner) json(number int, text []byte) *entry {
	bad := isBad(text[len(jsonStart):])
	if bad {
		s.failures++
	}
	if stamp := jsonStamp(text); stamp != nil {
		s.last = append(s.last[:0], stamp...)
	}
	if !s.wanted(text, bad) || text[len(text)-1] != '}' {
		return nil
	}
	s.found = entry{line: number}
	return s.filled(gjson.Parse(string(text)))
}

// jsonStamp is the time of a record in JSON; nil: it has none at its beginning.
func jsonStamp(text []byte) []byte {
	_, rest, _ := bytes.Cut(text[:min(len(text), 100)], []byte(`"time":"`))
	if len(rest) < len(stampLayout) {
		return nil
	}
	return rest[:len(stampLayout)]
}

// filled is what was found with the members of a record's JSON. Of those with the
// same name the first counts: a message's own fields come after the record's.
func (s *logScanner) filled(members gjson.Result) *entry {
	e := &s.found
	members.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "time":
			if e.at.IsZero() {
				e.at, _ = time.Parse(stampLayout, value.Str)
			}
		case "PID":
			e.pid = value.Raw
		case "input":
			e.input = value.Raw
		case "config":
			e.timeout = value.Int()
		default:
			if to := e.member(key.Str); to != nil && *to == "" {
				*to = value.Str
			}
		}
		return true
	})
	e.message = strings.TrimSpace(e.message)
	if e.message == "" {
		return nil
	}
	return e
}

// member is where a text of the record goes; nil: nowhere, as tokens do.
func (e *entry) member(name string) *string {
	switch name {
	case "msg":
		if e.message != "" {
			return &e.about // what a failed push is about
		}
		return &e.message
	case "operationID":
		return &e.operation
	case "url":
		return &e.url
	case "response":
		return &e.response
	case "method", "funcName":
		return &e.method
	case "error":
		return &e.failure
	case "req":
		return &e.about
	case "respBody":
		return &e.answer
	default:
		return nil
	}
}
