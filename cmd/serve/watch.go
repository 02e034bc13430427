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

// lookEvery is how often the file is looked at for changes.
const lookEvery = 500 * time.Millisecond

// watch tells of each change of the file until ctx is done. A file that can't
// be read is told of at every look.
func (f *ruleFile) watch(ctx context.Context, tell func(text []byte, err error)) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if text, ok, err := f.changed(); ok || err != nil {
				tell(text, err)
			}
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
