package serve

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/simulator"
)

// journalFile is a journal that is written to a file. When the file is full it
// gets a number, journal.jsonl becomes journal.1.jsonl, and a new one begins.
// Nothing is ever deleted or overwritten.
type journalFile struct {
	*simulator.JournalWriter
	folder *os.Root
	name   string // in the folder
	next   int    // the number to try first
	// durable says that names must outlast a power failure, too.
	durable bool

	mu   sync.Mutex
	file *os.File
}

// openJournalFile opens a journal to append to, and makes it if it is not
// there, readable by its owner only. A symbolic link is followed once, here:
// later files are made beside the one that it names. The options' Size and
// Rotate are set here. The error has an exit code: usage when the path names
// something that can't be a journal, else that of this machine.
func openJournalFile(path string, o simulator.JournalOptions) (*journalFile, error) {
	path, err := journalTarget(path)
	if err != nil {
		return nil, err
	}
	j := &journalFile{name: filepath.Base(path), next: 1, durable: o.Durable}
	if j.folder, err = os.OpenRoot(filepath.Dir(path)); err != nil {
		return nil, unwritable(err)
	}
	if o.Size, err = j.open(path); err != nil {
		j.folder.Close()
		return nil, err
	}
	j.syncFolder()
	if path != os.DevNull {
		o.Rotate = j.rotate
	}
	j.JournalWriter = simulator.NewJournal(j.file, o)
	return j, nil
}

func unwritable(err error) error {
	return shell.Machinef("the journal can't be written: %w", err)
}

// journalTarget follows symbolic links and refuses what is no regular file.
// Whether it is one is known before it is opened: a FIFO would block.
func journalTarget(path string) (string, error) {
	if path == "" || strings.HasSuffix(path, string(filepath.Separator)) {
		return "", shell.Usagef("--journal %q is not the name of a file", path)
	}
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(path); err == nil {
			return "", shell.Usagef("the journal %s is a symbolic link to nothing: name the file itself", path)
		}
		return path, nil
	}
	if err != nil {
		return "", unwritable(err)
	}
	info, err := os.Lstat(target)
	if err != nil {
		return "", unwritable(err)
	}
	return target, checkJournal(target, info.Mode())
}

func checkJournal(path string, mode fs.FileMode) error {
	if mode.IsRegular() || path == os.DevNull {
		return nil
	}
	kinds := map[fs.FileMode]string{
		fs.ModeDir: "folder", fs.ModeNamedPipe: "named pipe", fs.ModeSocket: "socket", fs.ModeDevice: "device", fs.ModeDevice | fs.ModeCharDevice: "device",
	}
	return shell.Usagef("the journal %s is a %s: name a regular file", path, cmp.Or(kinds[mode.Type()], "special file"))
}

// open opens the first file, ends its last line and returns its size.
func (j *journalFile) open(path string) (int64, error) {
	f, err := j.folder.OpenFile(j.name, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return 0, unwritable(err)
	}
	size, err := completeLine(f, path)
	if err != nil {
		f.Close()
		return 0, err
	}
	j.file = f
	return size, nil
}

// completeLine ends the last line of a journal that a crash tore, and returns
// the size of the file.
func completeLine(f *os.File, path string) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, unwritable(err)
	}
	// It may be another file by now than the one that was looked at.
	if err := checkJournal(path, info.Mode()); err != nil || info.Size() == 0 || !info.Mode().IsRegular() {
		return 0, err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err != nil {
		return 0, unwritable(err)
	}
	if last[0] == '\n' {
		return info.Size(), nil
	}
	if _, err := f.Write([]byte{'\n'}); err != nil {
		return 0, unwritable(err)
	}
	return info.Size() + 1, nil
}

// rotate gives the file a number and begins a new one.
func (j *journalFile) rotate() (io.Writer, error) {
	f, err := j.begin()
	if err != nil {
		return nil, fmt.Errorf("the next file can't be begun: %w", err)
	}
	j.syncFolder()
	j.mu.Lock()
	defer j.mu.Unlock()
	old := j.file
	j.file = f
	if j.durable {
		err = old.Sync() // the writer syncs the new one only
	}
	return f, errors.Join(err, old.Close())
}

// begin puts the file aside and makes the next. When it fails, the old one has
// its name still, unless somebody else took that meanwhile.
func (j *journalFile) begin() (*os.File, error) {
	numbered, err := j.reserve()
	if err != nil {
		return nil, err
	}
	if err := j.folder.Rename(j.name, numbered); err != nil {
		removeErr := j.folder.Remove(numbered)
		if !errors.Is(err, fs.ErrNotExist) { // else somebody has put it aside
			return nil, errors.Join(err, removeErr)
		}
		numbered = ""
	}
	f, err := j.folder.OpenFile(j.name, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, errors.Join(err, j.restore(numbered))
	}
	return f, nil
}

// reserve makes an empty file with the next free number, which the rename then
// replaces: a rename alone would overwrite what has the number.
func (j *journalFile) reserve() (string, error) {
	const tries = 100_000
	extension := filepath.Ext(j.name)
	base := strings.TrimSuffix(j.name, extension)
	for range tries {
		name := base + "." + strconv.Itoa(j.next) + extension
		f, err := j.folder.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			return name, f.Close()
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
		j.next++
	}
	return "", errors.New("too many numbered files")
}

// syncFolder makes the new names outlast a power failure, where the system can.
func (j *journalFile) syncFolder() {
	if !j.durable {
		return
	}
	if folder, err := j.folder.Open("."); err == nil {
		_ = folder.Sync()
		folder.Close()
	}
}

// restore gives a numbered file its old name back, unless that is taken.
func (j *journalFile) restore(numbered string) error {
	if numbered == "" {
		return nil
	}
	if _, err := j.folder.Lstat(j.name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return j.folder.Rename(numbered, j.name)
}

// Close writes what was taken and closes the file. The error has the exit code
// of this machine. Closing again does nothing.
func (j *journalFile) Close() error {
	err := j.JournalWriter.Close()
	j.mu.Lock()
	defer j.mu.Unlock()
	if closeErr := j.file.Close(); err == nil && !errors.Is(closeErr, os.ErrClosed) {
		err = closeErr
	}
	j.folder.Close()
	if err != nil {
		return shell.Machine(err)
	}
	return nil
}
