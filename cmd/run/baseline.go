package run

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"slices"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/validate"
)

// Baseline is a file of findings that are known: only new ones fail a run. The
// zero value knows none.
type Baseline struct {
	known map[knownFinding]bool
	// file is where to write the findings of this run; empty: nowhere.
	file  string
	found map[knownFinding]bool
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
	b := &Baseline{file: write, found: make(map[knownFinding]bool), known: make(map[knownFinding]bool)}
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
	for i := range r.Findings {
		f := &r.Findings[i]
		if !f.Severity.AtLeast(limit) {
			continue
		}
		f.Known = true // unless it is new with one of the callbacks
		for _, callback := range callbacksOf(*r) {
			known := knownFinding{callback, r.Case, f.Rule, f.Place.Pointer}
			if b.file != "" {
				b.found[known] = true
			}
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
func (b *Baseline) Save(err error) error {
	if code := shell.ExitCode(err, io.Discard); b.file == "" || code != shell.ExitOK && code != shell.ExitBroken {
		return err
	}
	file := baselineFile{Schema: 1, Findings: []knownFinding{}}
	for f := range b.found {
		file.Findings = append(file.Findings, f)
	}
	slices.SortFunc(file.Findings, func(x, y knownFinding) int {
		return cmp.Or(cmp.Compare(x.Callback, y.Callback), cmp.Compare(x.Case, y.Case), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Path, y.Path))
	})
	text, _ := json.MarshalIndent(file, "", "  ") // texts always encode
	if err := os.WriteFile(b.file, append(text, '\n'), 0o644); err != nil {
		return shell.Machinef("--write-baseline: %w", err)
	}
	return err
}
