package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hop is a request of one operation, and its reply: with a target a redirect.
func hop(operation, method, path string, status int, target string) validate.Exchange {
	x := validate.Exchange{
		Request: validate.Request{Method: method, URL: "http://h" + path, Headers: []validate.Header{{"Operationid", operation}}},
		Reply:   validate.Reply{Status: status, Elapsed: time.Millisecond},
	}
	if target != "" {
		x.Reply.Headers = []validate.Header{{"Location", target}}
	}
	return x
}

// followed reads the exchanges as a journal.
func followed(t *testing.T, exchanges ...validate.Exchange) (lines []Line) {
	t.Helper()
	var b strings.Builder
	for _, x := range exchanges {
		require.NoError(t, json.NewEncoder(&b).Encode(x))
	}
	for line, err := range Journal(strings.NewReader(b.String())) {
		require.NoError(t, err)
		lines = append(lines, line)
	}
	return lines
}

// TestRedirectsAreFollowed: what came after a redirect is the callback's reply,
// for each operation on its own.
func TestRedirectsAreFollowed(t *testing.T) {
	lines := followed(t,
		hop("a", "POST", "/x", 307, "/y?z=1#top"),
		hop("b", "POST", "/x", 302, "/login"),
		hop("c", "POST", "/y?z=1", 200, ""), // not after a's redirect
		hop("b", "GET", "/login", 405, ""),
		hop("a", "POST", "/y?z=1", 308, "http://h/end"),
		hop("a", "POST", "/end", 201, ""),
		hop("d", "POST", "/x", 303, "http://other/"),
	)
	require.Len(t, lines, 4)
	for i, want := range []struct {
		number, status int
		url            string
		hops           []validate.Redirect
	}{
		{1, 201, "http://h/x", []validate.Redirect{{Status: 307, Location: "/y?z=1#top", Method: "POST"}, {Status: 308, Location: "http://h/end", Method: "POST"}}},
		{2, 405, "http://h/x", []validate.Redirect{{Status: 302, Location: "/login", Method: "GET"}}},
		{3, 200, "http://h/y?z=1", nil},
		{7, 303, "http://h/x", nil}, // nobody knows what came
	} {
		x := lines[i].Exchange
		assert.Equal(t, want.number, lines[i].Number)
		assert.Equal(t, want.status, x.Reply.Status)
		assert.Equal(t, want.url, x.Request.URL)
		assert.Equal(t, want.hops, x.Reply.Redirects)
	}
	assert.Equal(t, 3*time.Millisecond, lines[0].Exchange.Reply.Elapsed)
}

// TestRedirectsWithoutEnd: net/http makes ten requests.
func TestRedirectsWithoutEnd(t *testing.T) {
	var loop []validate.Exchange
	for range validate.MaxRedirects {
		loop = append(loop, hop("a", "POST", "/loop", 307, "/loop"))
	}
	lines := followed(t, loop...)
	require.Len(t, lines, 1)
	assert.Equal(t, validate.Redirects, lines[0].Exchange.Reply.Failure)
	assert.Equal(t, `Post "/loop": stopped after 10 redirects`, lines[0].Exchange.Reply.Detail)
	assert.Len(t, lines[0].Exchange.Reply.Redirects, 9)
}

// TestRedirectsKeepTheOrder: one whose next request never comes holds nothing up
// for long.
func TestRedirectsKeepTheOrder(t *testing.T) {
	var b strings.Builder
	b.WriteString("{}\n")
	start := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	for _, after := range []time.Duration{0, time.Second, validate.MaxTimeout + time.Second} {
		x := hop("a", "POST", "/x", 307, "http://other/")
		x.Time = start.Add(after)
		require.NoError(t, json.NewEncoder(&b).Encode(x))
	}
	var seen []int
	for line, err := range Journal(io.MultiReader(strings.NewReader(b.String()), iotest.ErrReader(io.ErrUnexpectedEOF))) {
		assert.Equal(t, line.Number == 0, err != nil && errors.Is(err, io.ErrUnexpectedEOF))
		seen = append(seen, line.Number)
	}
	assert.Equal(t, []int{1, 2, 3, 4, 0}, seen)
}

// TestManyRedirects: no more than some lines wait.
func TestManyRedirects(t *testing.T) {
	reads := 0
	lines := func(yield func(Line, error) bool) {
		for reads < 2*maxHeld && yield(Line{Number: reads + 1, Exchange: hop(fmt.Sprint(reads), "POST", "/x", 307, "/gone")}, nil) {
			reads++
		}
	}
	for line, err := range follow(lines) {
		require.NoError(t, err)
		assert.Equal(t, 1, line.Number)
		break
	}
	assert.Equal(t, maxHeld, reads)
}
