package validate

import "slices"

// Mapper changes the texts of a result that came from elsewhere: over the wire,
// out of a file, from the environment. It is the one walk over them, so that
// what hides or changes texts forgets none. What it is given stays as it is.
type Mapper struct {
	// Text changes names, values and sentences.
	Text func(string) string
	// URL changes an address.
	URL func(string) string
	// Header changes the value of a header.
	Header func(name, value string) string
	// Body changes a body. It must not change the bytes that it is given.
	Body func([]byte) []byte
}

// MapEvery is the mapper that changes every text in one way.
func MapEvery(change func(string) string) Mapper {
	return Mapper{
		Text: change, URL: change,
		Header: func(_, value string) string { return change(value) },
		Body:   func(body []byte) []byte { return []byte(change(string(body))) },
	}
}

// Result changes a result.
func (m Mapper) Result(r Result) Result {
	r.Case, r.Skipped = m.Text(r.Case), m.Text(r.Skipped)
	r.Verdict = m.Verdict(r.Verdict)
	r.Exchange = m.Exchange(r.Exchange)
	if r.Was != nil {
		was := m.Verdict(*r.Was)
		r.Was = &was
	}
	if r.Config != nil {
		config := m.config(*r.Config)
		r.Config = &config
	}
	r.Steps = each(r.Steps, func(s Step) Step {
		s.Text = s.Text.Map(m.Text)
		return s
	})
	return r
}

func (m Mapper) config(c Config) Config {
	c.URL = m.URL(c.URL)
	c.Callbacks = each(c.Callbacks, func(on ConfigCallback) ConfigCallback {
		on.Command, on.URL, on.Never = m.Text(on.Command), m.URL(on.URL), on.Never.Map(m.Text)
		on.AttentionIDs, on.DeniedTypes, on.AllowedTypes = each(on.AttentionIDs, m.Text), each(on.DeniedTypes, m.Text), each(on.AllowedTypes, m.Text)
		return on
	})
	return c
}

// Verdict changes a verdict.
func (m Mapper) Verdict(v Verdict) Verdict {
	v.Client.ErrMsg, v.Client.ErrDlt = m.Text(v.Client.ErrMsg), m.Text(v.Client.ErrDlt)
	v.Applied, v.Ignored, v.Wiped = each(v.Applied, m.Text), each(v.Ignored, m.Text), each(v.Wiped, m.Text)
	v.Changes = each(v.Changes, func(c Change) Change {
		return Change{Path: m.Text(c.Path), Before: m.Text(c.Before), After: m.Text(c.After)}
	})
	if v.Unless != nil {
		unless := *v.Unless
		unless.If, unless.Applied, unless.Ignored = unless.If.Map(m.Text), each(unless.Applied, m.Text), each(unless.Ignored, m.Text)
		v.Unless = &unless
	}
	v.Findings = m.Findings(v.Findings)
	return v
}

// Findings changes findings.
func (m Mapper) Findings(findings []Finding) []Finding {
	return each(findings, func(f Finding) Finding {
		f.Place.Pointer, f.Got, f.Excerpt = m.Text(f.Place.Pointer), m.Text(f.Got), m.Text(f.Excerpt)
		f.Fix = m.Text(f.Fix)
		f.Want, f.Message, f.Hint = f.Want.Map(m.Text), f.Message.Map(m.Text), f.Hint.Map(m.Text)
		return f
	})
}

// Exchange changes an exchange.
func (m Mapper) Exchange(x Exchange) Exchange {
	header := func(h Header) Header { return Header{h[0], m.Header(h[0], h[1])} }
	x.Command = m.Text(x.Command)
	x.Request.URL, x.Request.Body = m.URL(x.Request.URL), m.Body(x.Request.Body)
	x.Request.Headers = each(x.Request.Headers, header)
	x.Reply.Detail, x.Reply.Body = m.Text(x.Reply.Detail), m.Body(x.Reply.Body)
	x.Reply.Headers = each(x.Reply.Headers, header)
	x.Reply.Redirects = each(x.Reply.Redirects, func(r Redirect) Redirect {
		r.Location = m.URL(r.Location)
		return r
	})
	return x
}

// each is a list with every member changed.
func each[T any](all []T, change func(T) T) []T {
	all = slices.Clone(all)
	for i := range all {
		all[i] = change(all[i])
	}
	return all
}
