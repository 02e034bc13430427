package shell

import (
	"context"
	"time"
)

const (
	// LookEvery is how often watched files are looked at where the system tells of
	// no change: on a network drive, or when it has nothing to tell with.
	LookEvery = 500 * time.Millisecond
	// writing is how long a change is left alone: programs empty a file before
	// they write it, or move it away before they put another there.
	writing = 20 * time.Millisecond
)

// Watch looks at the beginning, soon after the system has told of a change of
// one of the files, and else within every, until ctx is done.
func Watch(ctx context.Context, files []string, every time.Duration, look func()) {
	changes := watchWay(files)
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
		look()
	}
}
