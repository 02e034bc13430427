package suite

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/tidwall/gjson"
)

// Payload builds the step's request, and the headers that the suite, the case
// and the step add to it. Of opts, the server version counts always; the
// kind of message is the step's alone; the operation id and the seed are used
// where the file has none. The repetitions of a case have seeds of their own.
//
// The error, an *Error, says what keeps the request from being built: a path
// that the version's request does not have, which Verify tells beforehand, or
// a value that an earlier reply was to give.
func (s *Step) Payload(opts fixtures.PayloadOptions, c *Captures) (*fixtures.Payload, []validate.Header, error) {
	return s.payload(opts, c, nil)
}

// Covering is Payload for one of the requests that cover the step's callback.
func (s *Step) Covering(k fixtures.Case, opts fixtures.PayloadOptions, c *Captures) (*fixtures.Payload, []validate.Header, error) {
	return s.payload(opts, c, &k)
}

// Edited reports whether the step changes its request.
func (s *Step) Edited() bool { return len(s.edits)+len(s.from)+len(s.ids) > 0 }

func (s *Step) payload(opts fixtures.PayloadOptions, c *Captures, k *fixtures.Case) (*fixtures.Payload, []validate.Header, error) {
	opts.Message, c.step = s.message, s.Number
	opts.Seed = s.messageSeed(s.seed(opts.Seed, c.repetition))
	if err := s.setOperationID(&opts, c); err != nil {
		return nil, nil, err
	}
	build := s.Callback.Payload
	if k != nil {
		build = k.Plain
	}
	p, err := build(opts)
	if err != nil {
		return nil, nil, s.failed(yamlfile.Place{Line: s.Line, Col: 1}, err)
	}
	if c.operationID == "" && s.operationID == nil {
		c.operationID = p.OperationID
	}
	if err := s.edit(p, c, k); err != nil {
		return nil, nil, err
	}
	headers, err := s.renderHeaders(c)
	return p, headers, err
}

// seed is the given seed, or else the file's. The repetitions of a case have
// seeds of their own.
func (s *Step) seed(given *uint64, repetition int) *uint64 {
	if given == nil {
		given = s.suite.Seed
	}
	if given == nil || repetition == 0 {
		return given
	}
	return new(*given + uint64(repetition))
}

// messageSeed is the seed of the message that the step is about: each message has
// ids of its own.
func (s *Step) messageSeed(seed *uint64) *uint64 {
	if g := s.about(); g != nil && seed != nil {
		return new(*seed + uint64(g.offset)<<32)
	}
	return seed
}

// setOperationID takes the step's own id, else that of the steps before.
func (s *Step) setOperationID(opts *fixtures.PayloadOptions, c *Captures) error {
	if s.operationID == nil {
		if c.operationID != "" {
			opts.OperationID = c.operationID
		}
		return nil
	}
	id, err := c.expand(s.operationID)
	if err != nil {
		return s.failed(s.operationID.Place, err)
	}
	opts.OperationID = id
	return nil
}

// edit gives the payload the step's body, or the case's differences and the
// step's edits.
func (s *Step) edit(p *fixtures.Payload, c *Captures, k *fixtures.Case) error {
	if s.data != nil {
		body, err := c.expand(s.data)
		if err != nil {
			return s.failed(s.data.Place, err)
		}
		p.SetBody([]byte(body))
		return nil
	}
	message := s.about()
	if err := s.follow(p, c, message); err != nil {
		return err
	}
	if k != nil {
		if err := k.Apply(p); err != nil {
			return s.failed(yamlfile.Place{Line: s.Line, Col: 1}, err)
		}
		c.keepIDs(k.IDs(c.ordinary))
	}
	for _, e := range s.edits {
		if err := e.apply(p, c); err != nil {
			return s.failed(e.Place, err)
		}
	}
	c.keepMessage(message, p.Body)
	return nil
}

// follow gives the payload what the steps before it say: ids, those of its
// message, and what they changed.
func (s *Step) follow(p *fixtures.Payload, c *Captures, message *group) error {
	for _, id := range s.ids {
		is, err := c.expand(id.is)
		if err != nil {
			return s.failed(id.is.Place, err)
		}
		c.keepIDs(map[string]string{id.old: is})
	}
	c.renameIDs(p)
	err := c.sameMessage(message, p)
	c.ordinary = p.Body
	if err == nil {
		err = c.carry(s.from, p)
	}
	if err != nil {
		return s.failed(yamlfile.Place{Line: s.Line, Col: 1}, err)
	}
	return nil
}

func (e edit) apply(p *fixtures.Payload, c *Captures) error {
	if e.op == "unset" {
		return p.Unset(e.path)
	}
	if e.op == "set" && e.value.Raw != nil && e.value.Kind != yamlfile.List && e.value.Kind != yamlfile.Mapping {
		return setScalar(p, e.path, e.value)
	}
	if e.op == "setString" {
		s, err := c.text(e.value)
		if err != nil {
			return err
		}
		return p.SetString(e.path, s)
	}
	raw, err := c.render(e.value)
	switch {
	case err != nil:
		return err
	case e.op == "add":
		return p.Add(e.path, raw)
	case e.value.Text != nil && e.value.Text.Whole() == nil && !c.dry:
		return setText(p, e.path, gjson.ParseBytes(raw).Str)
	default:
		return p.SetJSON(e.path, raw)
	}
}

// setScalar sets a value as the command line's --set does: a field that is a
// string takes 0123 as it is written.
func setScalar(p *fixtures.Payload, path string, v *value) error {
	switch v.Kind {
	case yamlfile.Null:
		return p.SetJSON(path, json.RawMessage("null"))
	case yamlfile.Text:
		return setText(p, path, v.Written)
	default:
		return p.SetText(path, v.Written)
	}
}

// setText sets a text, which stays one where SetText would take it for null
// or for a quoted string.
func setText(p *fixtures.Payload, path, s string) error {
	if s == "null" || (strings.HasPrefix(s, `"`) && json.Valid([]byte(s))) {
		return p.SetString(path, s)
	}
	return p.SetText(path, s)
}

// text returns a scalar as text.
func (c *Captures) text(v *value) (string, error) {
	if v.Text != nil {
		return c.expand(v.Text)
	}
	return v.Written, nil
}

func (s *Step) renderHeaders(c *Captures) ([]validate.Header, error) {
	var headers []validate.Header
	for _, h := range s.headers {
		v, err := c.expand(h.value)
		if err == nil && !yamlfile.IsHeaderValue(v) {
			err = say("header", "name", h.name).Err()
		}
		if err != nil {
			return nil, s.failed(h.value.Place, err)
		}
		headers = append(headers, validate.Header{h.name, v})
	}
	return headers, nil
}

// error places an error in the file. Its text may hold what a secret is part
// of.
func (s *Step) failed(p yamlfile.Place, err error) error {
	return s.suite.source.Error(p, words.Of(err).Map(s.suite.Redact))
}

// Unsent turns Payload's error into the step's finding.
func (s *Step) Unsent(err error) []validate.Finding {
	p, problem := yamlfile.Place{Line: s.Line}, words.Of(err)
	if located, ok := errors.AsType[*Error](err); ok {
		p.Line, problem = located.Line, located.Message
	}
	f := s.missed(p, say("expect.unsent", "problem", problem))
	if problem.ID() == "no-value" {
		f.Hint = say("expect.hint-source")
	}
	return []validate.Finding{f}
}

// Verify builds every request once, with any value in place of those that
// replies are to give, and returns what is wrong as Errors: paths that the
// requests of this server version do not have.
func (s *Suite) Verify(opts fixtures.PayloadOptions) error {
	var all Errors
	for _, c := range s.Cases {
		for _, step := range c.sent(opts.Server) {
			_, _, err := step.Payload(opts, &Captures{dry: true})
			if located, ok := errors.AsType[*Error](err); ok {
				all = append(all, located)
			}
			if len(all) >= yamlfile.MaxProblems {
				return all
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}
