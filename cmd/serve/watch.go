package serve

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/imcb-dev/imcb/simulator/rules"
)

// ruleFile is the file of --rules as it was last looked at.
type ruleFile struct {
	name string
	text []byte
	away bool // it could not be read
}

const (
	// lookEvery is how often the file is looked at where the system tells of no
	// change: on a network drive, or when it has nothing to tell with.
	lookEvery = 500 * time.Millisecond
	// writing is how long a change is left alone: programs empty a file before
	// they write it, or move it away before they put another there.
	writing = 20 * time.Millisecond
)

// watch tells of each change of the file until ctx is done: soon after the
// system has told of it, or else within every. A file that can't be read is
// told of at every look.
func (f *ruleFile) watch(ctx context.Context, every time.Duration, tell func(text []byte, err error)) {
	changes := watchWay(f.name)
	defer changes.close()
	tick := time.NewTicker(every)
	defer tick.Stop()
	written := time.After(0) // it may have changed before anybody watched
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-changes.events:
			if written == nil && changes.concern(e) {
				written = time.After(writing)
			}
			continue
		case <-changes.errors: //nolint:errcheck // events may be lost, so look
		case <-written:
			written = nil
		case <-tick.C:
		}
		changes.follow()
		if text, ok, err := f.changed(); ok || err != nil {
			tell(text, err)
		}
	}
}

// changed returns the file's text if it is another one than at the last look,
// or if the file was away then.
func (f *ruleFile) changed() (text []byte, ok bool, err error) {
	text, err = f.read()
	if ok = err == nil && (f.away || !bytes.Equal(text, f.text)); ok {
		f.text = text
	}
	f.away = err != nil
	return text, ok, err
}

func (f *ruleFile) read() ([]byte, error) {
	info, err := os.Stat(f.name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("--rules: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("--rules %s is not a file", f.name)
	case info.Size() == 0: // an editor may be about to write it
		return nil, fmt.Errorf("--rules %s is empty; `imcb serve --init` writes an example", f.name)
	case info.Size() > rules.MaxSize:
		return nil, fmt.Errorf("--rules %s is larger than %d bytes", f.name, rules.MaxSize)
	}
	return os.ReadFile(f.name)
}
