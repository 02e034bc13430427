package record

import (
	"bytes"
	"encoding/json"
	"testing"
)

// Whatever a log holds, reading goes on to its end, each exchange has the number of
// a line and can be written, and no token gets into one.
func FuzzLog(f *testing.F) {
	for _, name := range []string{"main.level6-json.fail", "v3.8.3.level4.push", "main.level3"} {
		text := recorded(f, name+".log")
		f.Add(text[:min(len(text), 8<<10)])
	}
	log := asked(0, "a", "beforeAddFriend", body)
	f.Add([]byte(log + failing(3, "1", "a", "applyToAddFriend", "5003 no why")))
	f.Add([]byte("server  | " + log + "server  | 2026-01-05 09:00:00.002\tWARN\t[PID:1]\topenim-x\t[v3.8.3\nserver  | ]\t[a]\tpush failed\t{\"error\":\"5001 no\"}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		source, err := Open(bytes.NewReader(text))
		if err != nil || source.Log == nil {
			return
		}
		lines := bytes.Count(text, []byte("\n")) + 1
		for line, err := range source.Lines {
			if err != nil {
				continue // of what is packed
			}
			if text[0] != 0x1f && (line.Number < 1 || line.Number > lines) {
				t.Errorf("line %d of %d", line.Number, lines)
			}
			if _, err := json.Marshal(line.Exchange); err != nil {
				t.Error(err)
			}
			if x := line.Exchange; x.Answered() == x.Lacks("reply") {
				t.Errorf("neither answered nor without a reply: %v", x)
			}
		}
	})
}
