package run

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// Baseline is a file of findings that are known: only new ones fail a run. The
// zero value knows none.
type Baseline struct {
	known map[knownFinding]bool
	// file is where to write the findings of this run; empty: nowhere.
	file  string
	found map[knownFinding]bool
	// Whole: the run checks all that the baseline was made of, as far as it has
	// the callbacks; only then is what does not occur gone.
	Whole   bool
	err     io.Writer
	checked map[string]bool // callbacks
}

// knownFinding tells a finding from others, however its message is worded.
type knownFinding struct {
	Callback string `json:"callback"`
	Case     string `json:"case,omitempty"`
	Rule     string `json:"rule"`
	Path     string `json:"path,omitempty"`
}

type baselineFile struct {
	Schema   int            `json:"schema"`
	Findings []knownFinding `json:"findings"`
}

// OpenBaseline reads the baseline, if one is given, and prepares to write one.
func OpenBaseline(s shell.Streams, read, write string) (*Baseline, error) {
	b := &Baseline{file: write, found: make(map[knownFinding]bool), known: make(map[knownFinding]bool), err: s.Err, checked: make(map[string]bool)}
	if read == "" {
		return b, nil
	}
	text, err := s.ReadFile(read)
	if err != nil {
		return nil, shell.Usagef("--baseline: %w\n  --write-baseline %s makes it", err, read)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var file baselineFile
	if err := dec.Decode(&file); err != nil || file.Schema != 1 {
		return nil, shell.Usagef("--baseline: %s is not a baseline that --write-baseline made", read)
	}
	for _, f := range file.Findings {
		b.known[f] = true
	}
	return b, nil
}

// Apply turns known findings into notes, and all of those that would fail the
// run when they are to be written: a run can't say yet that they will be known.
func (b *Baseline) Apply(r *validate.Result, limit validate.Severity) {
	if len(b.known) == 0 && b.file == "" || limit == validate.Off {
		return
	}
	for _, callback := range callbacksOf(*r) {
		b.checked[callback] = true
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if !f.Severity.AtLeast(limit) {
			continue
		}
		f.Known = true // unless it is new with one of the callbacks
		for _, callback := range callbacksOf(*r) {
			known := knownFinding{callback, r.Case, f.Rule, f.Place.Pointer}
			b.found[known] = true
			f.Known = f.Known && b.known[known]
		}
		if f.Known || b.file != "" {
			f.Severity = validate.Note
		}
	}
}

// callbacksOf are the keys of the callbacks that have the result.
func callbacksOf(r validate.Result) []string {
	if len(r.Callbacks) > 0 {
		return r.Callbacks
	}
	return []string{r.Verdict.Callback.Key}
}

// Save writes the findings of a run that ended with err as the new baseline,
// unless there was more wrong than the receiver: a part of the findings is no
// baseline. It returns err, or why the file can't be written.
// It tells which known findings do not occur any more.
func (b *Baseline) Save(err error) error {
	code := shell.ExitCode(err, io.Discard)
	if code != shell.ExitOK && code != shell.ExitBroken {
		return err
	}
	if b.tellGone(); b.file == "" {
		return err
	}
	file := baselineFile{Schema: 1, Findings: sorted(maps.Keys(b.found))}
	text, _ := json.MarshalIndent(file, "", "  ") // texts always encode
	if err := os.WriteFile(b.file, append(text, '\n'), 0o644); err != nil {
		return shell.Machinef("--write-baseline: %w", err)
	}
	return err
}

// tellGone names the known findings of the callbacks that were checked that did
// not occur.
func (b *Baseline) tellGone() {
	if !b.Whole {
		return
	}
	for _, f := range sorted(maps.Keys(b.known)) {
		if b.checked[f.Callback] && !b.found[f] {
			fmt.Fprintf(b.err, "imcb: note: the baseline has %s, which does not occur any more\n", words.Printable(f.String()))
		}
	}
}

func (f knownFinding) String() string {
	parts := slices.DeleteFunc([]string{f.Callback, f.Case, f.Rule, f.Path}, func(part string) bool { return part == "" })
	return strings.Join(parts, " ")
}

func sorted(all iter.Seq[knownFinding]) []knownFinding {
	list := slices.SortedFunc(all, func(x, y knownFinding) int {
		return cmp.Or(cmp.Compare(x.Callback, y.Callback), cmp.Compare(x.Case, y.Case), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Path, y.Path))
	})
	return append([]knownFinding{}, list...) // empty, not null, in JSON
}
