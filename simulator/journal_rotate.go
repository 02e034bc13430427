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
		part, rotateErr := f.part(lines)
		if rotateErr != nil && err == nil {
			err = rotateErr
		}
		written, writeErr := f.write(part)
		if writeErr != nil {
			return count - bytes.Count(part[:written], newline), writeErr
		}
		if len(part) < len(lines) {
			count -= bytes.Count(part, newline)
		}
		lines = lines[len(part):]
	}
	return 0, err
}

var newline = []byte{'\n'}

// part is the beginning of lines that goes into the current file, at least one
// line. When not even one has room it goes on to the next file.
func (f *journalFile) part(lines []byte) ([]byte, error) {
	if f.max <= 0 || f.rotate == nil {
		return lines, nil
	}
	if part := f.fitting(lines); len(part) > 0 {
		return part, nil
	}
	if f.size == 0 {
		return firstLine(lines), nil
	}
	next, err := f.rotate()
	if next == nil {
		return lines, err // rather a large file than none
	}
	f.w, f.size, f.torn = next, 0, false
	if part := f.fitting(lines); len(part) > 0 {
		return part, err
	}
	return firstLine(lines), err
}

func firstLine(lines []byte) []byte { return lines[:bytes.IndexByte(lines, '\n')+1] }

// fitting is as many lines as the file has room for.
func (f *journalFile) fitting(lines []byte) []byte {
	room := f.max - f.size
	if f.torn {
		room-- // for the newline that ends the torn line
	}
	if room >= int64(len(lines)) {
		return lines
	}
	return lines[:bytes.LastIndexByte(lines[:max(room, 0)], '\n')+1]
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
	if err == nil {
		f.torn = false
		return len(lines), nil
	}
	if n > 0 {
		f.torn = text[n-1] != '\n'
	}
	return max(n-extra, 0), err
}
