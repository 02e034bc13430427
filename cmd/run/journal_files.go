package run

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
)

// recorded are the files that --from names, in the order in which they are read.
func (f *Flags) recorded() (names []string, err error) {
	for _, from := range f.From {
		files, err := filesOf(from)
		if err != nil {
			return nil, err
		}
		names = append(names, files...)
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, shell.Usagef("--from names %s twice", name)
		}
	}
	return names, nil
}

// filesOf are the files of a folder or a pattern, the oldest of those that were
// rotated first, or the file itself.
func filesOf(from string) ([]string, error) {
	if from == "-" {
		return []string{from}, nil
	}
	info, err := os.Stat(from)
	switch {
	case err == nil && info.IsDir():
		from = filepath.Join(from, "*")
	case err == nil:
		return []string{from}, nil
	case !strings.ContainsAny(from, "*?["):
		_, err = os.Open(from)
		return nil, err
	}
	found, err := filepath.Glob(from)
	if err != nil {
		return nil, shell.Usagef("--from %s: %w", from, err)
	}
	found = slices.DeleteFunc(found, func(name string) bool {
		info, err := os.Stat(name)
		return err != nil || !info.Mode().IsRegular() || strings.HasPrefix(filepath.Base(name), ".")
	})
	if len(found) == 0 {
		return nil, shell.Usagef("--from %s: there is no such file", from)
	}
	slices.SortStableFunc(found, byAge)
	return found, nil
}

// byAge puts openim.log.2.gz before openim.log.1, and that before openim.log;
// names with dates are in order as they are.
func byAge(a, b string) int {
	aName, aTurn := rotated(a)
	bName, bTurn := rotated(b)
	return cmp.Or(strings.Compare(aName, bName), cmp.Compare(bTurn, aTurn))
}

// rotated is the name before the rotations, and how many there were.
func rotated(name string) (before string, turns int) {
	name = strings.TrimSuffix(name, ".gz")
	if n, err := strconv.Atoi(strings.TrimPrefix(filepath.Ext(name), ".")); err == nil {
		return strings.TrimSuffix(name, filepath.Ext(name)), n
	}
	return name, 0
}

// lateFile is a file that is opened when it is read, and closed at its end.
type lateFile struct {
	name string
	file *os.File
	end  error // of reading
}

func (l *lateFile) Read(p []byte) (n int, err error) {
	if l.end != nil {
		return 0, l.end
	}
	if l.file == nil {
		if l.file, err = os.Open(l.name); err != nil {
			return 0, err
		}
	}
	if n, l.end = l.file.Read(p); l.end != nil {
		l.file.Close()
	}
	return n, l.end
}
