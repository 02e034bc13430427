package shell

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Example is a file that --init writes.
type Example struct {
	Name string
	Text []byte
}

// WriteExamples writes the files, but none that is there already, and says how
// to try the first.
func (a *App) WriteExamples(try string, files ...Example) error {
	for _, f := range files {
		err := writeNew(f.Name, f.Text)
		if errors.Is(err, fs.ErrExist) {
			return Usagef("%s is there already; move it away first", f.Name)
		}
		if err != nil {
			return Machine(err)
		}
		fmt.Fprintf(a.Err, "wrote %s\n", f.Name)
	}
	fmt.Fprintf(a.Err, "try it: imcb "+try+"\n", files[0].Name)
	return nil
}

func writeNew(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
