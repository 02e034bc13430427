package serve

import (
	"crypto/rand"
	"io"
	"os"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
)

// readToken is the token of the file; else none on the loopback, and a fresh
// one elsewhere.
func readToken(file string, local bool) (string, error) {
	if file == "" {
		if local {
			return "", nil
		}
		return rand.Text(), nil
	}
	text, err := readUpTo(file, maxToken+1)
	if err != nil {
		return "", shell.Usagef("--token-file: %w", err)
	}
	if len(text) > maxToken {
		return "", shell.Usagef("--token-file: %s is larger than %d bytes", file, maxToken)
	}
	token := strings.TrimSpace(string(text))
	if len(token) < 16 || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", shell.Usagef("--token-file: %s must hold one line of at least 16 printable ASCII characters without spaces", file)
	}
	return token, nil
}

// maxToken is the largest token file, in bytes.
const maxToken = 4096

// readUpTo reads the beginning of a file, which may be a pipe or have no end.
func readUpTo(file string, limit int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}
