package simulator

import (
	"bytes"
	"io"
)

// journalFile is the file that a JournalWriter writes to.
type journalFile struct {
	w      io.Writer
	size   int64
	max    int64
	rotate func() (io.Writer, error)
	torn   bool // the last line was not written to its end
}

// writeLines writes whole lines, of which there are count, to one file or
// several. After an error the rest is lost: who waits for a disk to recover
// can't answer requests.
func (f *journalFile) writeLines(lines []byte, count int) (lost int, err error) {
	for len(lines) > 0 {
		part, full := f.part(lines)
		if full {
			next, rotateErr := f.rotate()
			if err == nil {
				err = rotateErr
			}
			if part = lines; next != nil { // else rather a large file than none
				f.w, f.size, f.torn = next, 0, false
				part, _ = f.part(lines)
			}
		}
		written, writeErr := f.write(part)
		if writeErr != nil {
			return count - bytes.Count(part[:written], newline), writeErr
		}
		count -= bytes.Count(part, newline)
		lines = lines[len(part):]
	}
	return 0, err
}

var newline = []byte{'\n'}

// part is the beginning of lines that the file has room for, the first line at
// least. Full says that not even that has room, and the file is not empty.
func (f *journalFile) part(lines []byte) (part []byte, full bool) {
	room := f.max - f.size
	if f.torn {
		room-- // for the newline that ends the torn line
	}
	if f.max <= 0 || f.rotate == nil || room >= int64(len(lines)) {
		return lines, false
	}
	if end := bytes.LastIndexByte(lines[:max(room, 0)], '\n'); end >= 0 {
		return lines[:end+1], false
	}
	return lines[:bytes.IndexByte(lines, '\n')+1], f.size > 0
}

// write writes lines with one call and returns how many bytes of them were
// written. After a torn line it begins a new one.
func (f *journalFile) write(lines []byte) (int, error) {
	text, extra := lines, 0
	if f.torn {
		text, extra = append([]byte{'\n'}, lines...), 1
	}
	n, err := f.w.Write(text)
	n = min(max(n, 0), len(text))
	f.size += int64(n)
	if err == nil && n < len(text) {
		err = io.ErrShortWrite
	}
	if n > 0 {
		f.torn = text[n-1] != '\n'
	}
	return max(n-extra, 0), err
}
