package validate

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
)

func (r *reader) fit(f *fieldSpec) token {
	t := token{kind: r.scan.peek()}
	t.start = r.scan.at
	switch {
	case t.kind == kindObject && f.Type == fixtures.Object:
		r.fitMembers(f)
	case t.kind == kindObject && f.Type == fixtures.BoolMap:
		r.fitMap(f)
	case t.kind == kindArray && f.element != nil && f.Type != fixtures.BoolMap:
		r.fitList(f)
	default:
		t = r.scan.next()
		r.fitScalar(f, t)
	}
	t.end = r.scan.at
	return t
}

func (r *reader) fitMembers(f *fieldSpec) {
	next := 0
	for r.scan.open(); r.scan.more(); {
		if i, _ := r.find(r.scan.key(), f.fields, next); i >= 0 {
			r.fit(&f.fields[i])
			next = i + 1
		} else {
			r.scan.next()
		}
	}
}

func (r *reader) fitList(f *fieldSpec) {
	known := r.into.mismatch
	position := 0
	for r.scan.open(); r.scan.more(); position++ {
		r.fit(f.element)
		if r.into.mismatch != known {
			known = r.into.mismatch
			known.pointer = f.at(position) + strings.TrimPrefix(known.pointer, f.pointer)
		}
	}
}

func (f *fieldSpec) at(position int) string { return f.pointer + "/" + strconv.Itoa(position) }

func (r *reader) fitMap(f *fieldSpec) {
	known := r.into.mismatch
	for r.scan.open(); r.scan.more(); {
		key := r.scan.key()
		r.fit(f.element)
		if r.into.mismatch != known {
			known = r.into.mismatch
			known.pointer = f.pointer + "/" + escapePointer(r.textOf(key))
		}
	}
}

func (r *reader) fitScalar(f *fieldSpec, t token) {
	if t.kind == kindNull {
		return
	}
	switch f.Type {
	case fixtures.String:
		if t.kind == kindString {
			return
		}
	case fixtures.Bool:
		if t.kind == kindBool {
			return
		}
	case anyType:
		return
	case fixtures.Int32, fixtures.Int64, uint8Type:
		if f.quoted && t.kind == kindString {
			if _, err := wholeNumber(f.digits(r.scan.text[t.start:t.end]), f.Type); err == nil {
				return
			}
			break
		}
		if t.kind == kindNumber || f.Wrapped {
			if _, err := wholeNumber(r.scan.text[t.start:t.end], f.Type); err != nil {
				r.misread(f, t, err)
			}
			return
		}
	case fixtures.Bytes:
		if t.kind == kindString {
			if _, err := base64.StdEncoding.DecodeString(r.textOf(t)); err != nil {
				r.misread(f, t, err)
			}
			return
		}
	}
	r.misfit(f, t)
}

func wholeNumber(digits []byte, as fixtures.Type) (n int64, err error) {
	switch as {
	case uint8Type:
		_, err = strconv.ParseUint(string(digits), 10, 8)
	case fixtures.Int32:
		n, err = strconv.ParseInt(string(digits), 10, 32)
	case fixtures.Uint32:
		_, err = strconv.ParseUint(string(digits), 10, 32)
	default:
		n, err = strconv.ParseInt(string(digits), 10, 64)
	}
	return n, err
}
