package shell

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fsnotify/fsnotify"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// way is what leads to files, and the system's word of changes there. A file
// has another text when it is written, or when another one is put in its place,
// in that of its folder, or in that of a symbolic link on the way: a mounted
// ConfigMap of Kubernetes is a link to a link. So the folders are watched.
type way struct {
	files   []string
	watcher *fsnotify.Watcher // nil: the system tells nothing
	// events and errors are the watcher's; without one nothing ever comes.
	events <-chan fsnotify.Event
	errors <-chan error
	// steps are the names whose change counts.
	steps []string
}

func watchWay(files []string) *way {
	w := &way{files: files}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return w
	}
	w.watcher, w.events, w.errors = watcher, watcher.Events, watcher.Errors
	w.follow()
	return w
}

func (w *way) close() {
	if w.watcher != nil {
		w.watcher.Close()
	}
}

// concern reports whether an event is about the way; folders have many others.
func (w *way) concern(e fsnotify.Event) bool { return slices.Contains(w.steps, e.Name) }

// follow watches the way as it is now. What can't be watched is not: who looks
// now and then finds its changes, too.
func (w *way) follow() {
	if w.watcher == nil {
		return
	}
	w.steps = nil
	for _, file := range w.files {
		w.steps = append(w.steps, steps(file)...)
	}
	folders := words.Names(w.steps, filepath.Dir)
	for _, old := range w.watcher.WatchList() {
		if !slices.Contains(folders, old) {
			_ = w.watcher.Remove(old)
		}
	}
	for _, folder := range folders {
		_ = w.watcher.Add(folder)
	}
}

// maxSteps ends a way that leads in a circle.
const maxSteps = 100

// steps are the file, the symbolic links that lead to it, and the folder of
// each.
func steps(name string) (found []string) {
	name, err := filepath.Abs(name)
	if err != nil {
		return nil
	}
	at, rest := root(name)
	for range maxSteps {
		if len(rest) == 0 {
			break
		}
		step := filepath.Join(at, rest[0])
		rest = rest[1:]
		target, err := os.Readlink(step)
		if err != nil && len(rest) > 0 {
			at = step
			continue
		}
		found = append(found, at, step)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(at, target)
		}
		var more []string
		at, more = root(target)
		rest = append(more, rest...)
	}
	return found
}

// root splits an absolute path into its root and the names below.
func root(path string) (at string, names []string) {
	volume := filepath.VolumeName(path)
	names = strings.FieldsFunc(path[len(volume):], func(r rune) bool { return r < utf8.RuneSelf && os.IsPathSeparator(uint8(r)) })
	return volume + string(filepath.Separator), names
}
