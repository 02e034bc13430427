package simulator_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// Whatever a journal holds, reading goes on to its end, and what was read can
// be written and read again.
func FuzzReadJournal(f *testing.F) {
	f.Add([]byte("{\"request\":{\"method\":\"POST\",\"url\":\"http://h\",\"body\":\"{}\"},\"reply\":{\"status\":200,\"body\":\"{}\",\"elapsed_ms\":1}}\n"))
	f.Add([]byte("\n{\"torn\":\n{\"request\":{\"url\":\"x\"},\"reply\":{\"error\":\"timeout\",\"elapsed_ms\":5000}}"))
	f.Add([]byte("{\"request\":{\"url\":\"x\",\"bodyBase64\":\"//4=\"}}\n\x00\xff\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var again bytes.Buffer
		w := simulator.NewJournal(&again, simulator.JournalOptions{})
		read := 0
		err := simulator.ReadJournal(bytes.NewReader(text), func(line int, e validate.Exchange, err error) bool {
			if line < 1 || line > bytes.Count(text, []byte("\n"))+1 {
				t.Errorf("line %d of %q", line, text)
			}
			if err != nil {
				return true
			}
			if _, err := json.Marshal(e); err != nil {
				return true // a time in a year that RFC 3339 can't write
			}
			read++
			if err := w.Write(e); err != nil {
				t.Error(err)
			}
			return true
		})
		if err := errors.Join(err, w.Close()); err != nil {
			t.Error(err)
		}
		err = simulator.ReadJournal(&again, func(_ int, _ validate.Exchange, err error) bool {
			if err == nil {
				read--
			}
			return true
		})
		if err != nil || read != 0 {
			t.Errorf("%d lines lost, %v", read, err)
		}
	})
}
