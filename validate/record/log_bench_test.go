package record

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"testing"
)

// BenchmarkLog reads logs, and beside them does what `grep -c webhook` does: of
// what running servers write, with a callback in every fourth record, and of a log
// with none.
func BenchmarkLog(b *testing.B) {
	one := recorded(b, "main.level4.ok.log")
	var other []byte
	for line := range bytes.Lines(one) {
		if !bytes.Contains(line, webhook) {
			other = append(other, line...)
		}
	}
	for _, log := range []struct {
		name string
		text []byte
	}{{"callbacks", one}, {"others", other}} {
		text := bytes.Repeat(log.text, 10<<20/len(log.text))
		b.Run(log.name+"/read", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				readLog(b, text)
			}
		})
		b.Run(log.name+"/count", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				countLines(bytes.NewReader(text))
			}
		})
	}
}

func readLog(b *testing.B, text []byte) {
	b.Helper()
	source, err := Open(bytes.NewReader(text))
	if err != nil {
		b.Fatal(err)
	}
	for _, err := range source.Lines {
		if err != nil {
			b.Fatal(err)
		}
	}
}

// countLines counts the lines with "webhook".
func countLines(r io.Reader) (n int) {
	lines := bufio.NewReaderSize(r, bufferSize)
	for {
		line, err := lines.ReadSlice('\n')
		if bytes.Contains(line, webhook) {
			n++
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return n
		}
	}
}
