package shell

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// never is a pace at which nothing is seen but what the system tells of.
const never = time.Hour

// watched watches a file that says "1", and sends what it is told of.
func watched(t *testing.T, name string, every time.Duration) <-chan string {
	t.Helper()
	told := make(chan string, 100)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		last := ""
		Watch(t.Context(), []string{filepath.Join(t.TempDir(), "other.yaml"), name}, every, func() {
			if text, err := os.ReadFile(name); err == nil && string(text) != last {
				last = string(text)
				told <- last
			}
		})
	}()
	t.Cleanup(func() { <-ended }) // the context ends before
	write(t, name, "watching")
	await(t, told, "watching")
	return told
}

// await waits for a text; others may come before.
func await(t *testing.T, told <-chan string, text string) {
	t.Helper()
	tooLong := time.After(time.Minute)
	for {
		select {
		case got := <-told:
			if got == text {
				return
			}
		case <-tooLong:
			require.Fail(t, "nobody told of "+text)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}

// folder makes a folder with the file in it.
func folder(t *testing.T, name, text string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(name, 0o700))
	write(t, filepath.Join(name, "rules.yaml"), text)
	return name
}

func TestEditorsWriteInManyWays(t *testing.T) {
	t.Parallel()
	dir := folder(t, t.TempDir(), "1")
	file := filepath.Join(dir, "rules.yaml")
	told := watched(t, file, never)

	write(t, file, "in place")
	await(t, told, "in place")

	write(t, file+"~", "renamed over it")
	require.NoError(t, os.Rename(file+"~", file))
	await(t, told, "renamed over it")

	require.NoError(t, os.Rename(file, file+".bak"))
	write(t, file, "the old one was put aside")
	await(t, told, "the old one was put aside")

	require.NoError(t, os.Remove(file))
	write(t, file, "removed and made anew")
	await(t, told, "removed and made anew")
}

func TestTheFolderIsReplaced(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "rules")
	told := watched(t, filepath.Join(folder(t, dir, "1"), "rules.yaml"), never)
	for _, text := range []string{"another folder", "and one more"} {
		folder(t, dir+".new", text)
		require.NoError(t, os.Rename(dir, dir+".old"))
		require.NoError(t, os.Rename(dir+".new", dir))
		await(t, told, text)
		require.NoError(t, os.RemoveAll(dir+".old"))
		write(t, filepath.Join(dir, "rules.yaml"), text+", changed")
		await(t, told, text+", changed")
	}
}

// A ConfigMap of Kubernetes: the file is a link to ..data/rules.yaml, and
// ..data one to a folder, which is put in place of the old one.
func TestLinksToLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder(t, filepath.Join(dir, "..1"), "1")
	if err := os.Symlink("..1", filepath.Join(dir, "..data")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	require.NoError(t, os.Symlink(filepath.Join("..data", "rules.yaml"), filepath.Join(dir, "rules.yaml")))
	told := watched(t, filepath.Join(dir, "rules.yaml"), never)
	for _, name := range []string{"..2", "..3"} {
		folder(t, filepath.Join(dir, name), name)
		require.NoError(t, os.Symlink(name, filepath.Join(dir, "..tmp")))
		require.NoError(t, os.Rename(filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data")))
		await(t, told, name)
		write(t, filepath.Join(dir, name, "rules.yaml"), name+" in place")
		await(t, told, name+" in place")
	}
}

func TestALinkElsewhere(t *testing.T) {
	t.Parallel()
	there, here := folder(t, t.TempDir(), "1"), t.TempDir()
	link := filepath.Join(here, "link.yaml")
	if err := os.Symlink(filepath.Join(there, "rules.yaml"), link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	told := watched(t, link, never)
	write(t, filepath.Join(there, "rules.yaml"), "where it leads to")
	await(t, told, "where it leads to")
}

// What the system does not tell of is seen at the next look.
func TestPollingWhereNothingIsTold(t *testing.T) {
	t.Parallel()
	above := t.TempDir()
	dir := filepath.Join(above, "a", "b", "c")
	told := watched(t, filepath.Join(folder(t, dir, "1"), "rules.yaml"), time.Millisecond)
	require.NoError(t, os.Rename(filepath.Join(above, "a"), filepath.Join(above, "old")))
	folder(t, dir, "another folder far above")
	await(t, told, "another folder far above")
}

func TestWaysThatLeadNowhere(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	assert.Equal(t, []string{filepath.Join(dir, "none"), filepath.Join(dir, "none", "rules.yaml")}, steps(filepath.Join(dir, "none", "rules.yaml")))
	circle := filepath.Join(dir, "circle")
	if err := os.Symlink("circle", circle); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	assert.LessOrEqual(t, len(steps(circle)), 2*maxSteps)
	(&way{files: []string{circle}}).follow()
}
