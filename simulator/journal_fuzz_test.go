package simulator_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate/record"
)

// Whatever a journal holds, reading goes on to its end, and what was read can
// be written and read again.
func FuzzJournal(f *testing.F) {
	f.Add([]byte("{\"request\":{\"method\":\"POST\",\"url\":\"http://h\",\"body\":\"{}\"},\"reply\":{\"status\":200,\"body\":\"{}\",\"elapsed_ms\":1}}\n"))
	f.Add([]byte("\n{\"torn\":\n{\"request\":{\"url\":\"x\"},\"reply\":{\"error\":\"timeout\",\"elapsed_ms\":5000}}"))
	f.Add([]byte("{\"request\":{\"url\":\"x\",\"bodyBase64\":\"//4=\"}}\n\x00\xff\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var again bytes.Buffer
		w := simulator.NewJournal(&again, simulator.JournalOptions{})
		read := 0
		for line, err := range record.Journal(bytes.NewReader(text)) {
			if line.Number < 1 || line.Number > bytes.Count(text, []byte("\n"))+1 {
				t.Errorf("line %d of %q: %v", line.Number, text, err)
			}
			if err != nil {
				continue
			}
			if _, err := json.Marshal(line.Exchange); err != nil {
				continue // a time in a year that RFC 3339 can't write
			}
			read++
			if err := w.Write(line.Exchange); err != nil {
				t.Error(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		for line, err := range record.Journal(&again) {
			if err == nil {
				read--
			} else if line.Number == 0 {
				t.Error(err)
			}
		}
		if read != 0 {
			t.Errorf("%d lines lost", read)
		}
	})
}
