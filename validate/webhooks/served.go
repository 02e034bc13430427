package webhooks

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// ParseServed reads the settings as a running server shows them: JSON, with the
// names that they have in its code. They become those of the file, so that
// findings speak of what one would write. The error is as that of Parse.
func ParseServed(name string, text []byte) (*File, error) {
	var lines bytes.Buffer
	if err := json.Indent(&lines, text, "", "  "); err != nil {
		return nil, err
	}
	return Parse(name, servedKey.ReplaceAllFunc(lines.Bytes(), func(line []byte) []byte {
		if bytes.HasSuffix(line, []byte(`"URL":`)) {
			return bytes.ToLower(line)
		}
		key := bytes.IndexByte(line, '"') + 1
		return append(line[:key:key], strings.ToLower(string(line[key:key+1]))+string(line[key+1:])...)
	}))
}

// servedKey is a key at the beginning of a line.
var servedKey = regexp.MustCompile(`(?m)^ *"[A-Z]\w*":`)
