package cmd

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// watched are the files whose change starts another run.
func (o *validateOptions) watched() (files []string) {
	for _, name := range o.Names {
		if run.IsSuite(name) {
			files = append(files, name)
		}
	}
	if o.webhooks != "" && o.webhooks != "-" {
		files = append(files, o.webhooks)
	}
	return files
}

// runAgain runs once, and then whenever a watched file has changed, until ctx is
// done. Its exit code is the last run's.
func (o *validateOptions) runAgain(ctx context.Context) error {
	files := o.watched()
	for {
		before := textsOf(files)
		once := *o // a run may fill in what its files say
		code := shell.ExitCode(once.run(ctx), o.App.Err)
		if ctx.Err() == nil {
			fmt.Fprintf(o.App.Err, "imcb: waiting for a change of %s; Ctrl-C stops\n", words.List(files, "or"))
			awaitChange(ctx, files, before)
		}
		if ctx.Err() != nil {
			return shell.Silent(code)
		}
	}
}

// awaitChange returns when the files hold something else than before, or ctx is
// done. A file that is away or empty is about to be written.
func awaitChange(ctx context.Context, files []string, before [][]byte) {
	ctx, changed := context.WithCancel(ctx)
	defer changed()
	shell.Watch(ctx, files, shell.LookEvery, func() {
		now := textsOf(files)
		away := slices.ContainsFunc(now, func(text []byte) bool { return len(text) == 0 })
		if !away && !slices.EqualFunc(now, before, bytes.Equal) {
			changed()
		}
	})
}

// textsOf reads the files; nil stands for one that can't be read, or only once,
// like a pipe.
func textsOf(files []string) [][]byte {
	texts := make([][]byte, len(files))
	for i, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			texts[i], _ = os.ReadFile(file)
		}
	}
	return texts
}
