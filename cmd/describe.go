package cmd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
)

// description is a callback as one server version knows it.
type description struct {
	Key        string                `json:"key"`
	Command    string                `json:"command"`
	Phase      fixtures.Phase        `json:"phase"`
	Group      string                `json:"group"`
	Summary    string                `json:"summary"`
	Server     string                `json:"server"`
	Asked      string                `json:"asked,omitempty"` // where Server stands for another
	Sent       bool                  `json:"sent"`
	Note       string                `json:"note,omitempty"`
	Names      []fixtures.Name       `json:"names"`
	Documented []fixtures.Documented `json:"documented,omitempty"`
	Trigger    []string              `json:"trigger"`
	Order      []suite.Neighbors     `json:"order"`
	Load       []string              `json:"load"`
	Request    []fixtures.Field      `json:"request"`
	Reply      []fixtures.Field      `json:"reply"`
	Pitfalls   []string              `json:"pitfalls"`
	Sources    []string              `json:"sources"`
	Examples   examples              `json:"examples"`

	callback *fixtures.Callback
	of       validate.Server
}

// examples are bodies to copy.
type examples struct {
	Request json.RawMessage `json:"request"`
	Allow   json.RawMessage `json:"allow"`
	Refuse  json.RawMessage `json:"refuse,omitempty"`
	Modify  json.RawMessage `json:"modify,omitempty"`
}

func describe(c *fixtures.Callback, of validate.Server) (*description, error) {
	server := of.Release
	p, err := c.Payload(fixtures.PayloadOptions{Server: server, Seed: new(uint64(1))}) // the same in every run
	if err != nil {
		return nil, err
	}
	d := &description{
		Key: c.Key, Command: c.Command(server), Phase: c.Phase, Group: c.Group, Summary: c.Summary,
		Server: of.String(), Asked: of.Asked, Sent: c.SentBy(server), Note: run.Oddity(c, server), Names: c.Names, Documented: c.Documented,
		Trigger: textsFor(c.Trigger, server), Order: suite.NeighborsOf(c, server), Load: words.Names(of.UnderLoad(c), words.Text.String),
		Request: c.RequestFields(server), Reply: replyFields(c, server),
		Pitfalls: textsFor(c.Pitfalls, server), Sources: c.Sources, callback: c, of: of,
	}
	d.Examples = examples{Request: p.Body, Allow: c.AllowReply(server, p.Body), Modify: c.ModifyReply(server)}
	if c.Phase == fixtures.Before {
		d.Examples.Refuse = fixtures.RefuseReply(5001, "not allowed", "the reason, for developers")
	}
	return d, nil
}

func textsFor(notes []fixtures.Note, server fixtures.Release) []string {
	texts := []string{}
	for _, n := range notes {
		if n.Has(server) {
			texts = append(texts, n.Text)
		}
	}
	return texts
}

// replyFields are the callback's own, with the effect that they have in the
// version.
func replyFields(c *fixtures.Callback, server fixtures.Release) []fixtures.Field {
	fields := []fixtures.Field{}
	for _, f := range c.ReplyFields(server) {
		for _, change := range f.Changes {
			if change.Has(server) && change.Note != "" {
				f.Note = change.Note
			}
		}
		f.Effect, f.Changes = f.EffectIn(server), nil
		fields = append(fields, f)
	}
	return fields
}

// example returns one of the bodies; the error says why there is none.
func (d *description) example(kind string) (string, error) {
	body := map[string]json.RawMessage{
		"request": d.Examples.Request, "allow": d.Examples.Allow, "refuse": d.Examples.Refuse, "modify": d.Examples.Modify,
	}[kind]
	switch {
	case body == nil && d.Phase == fixtures.After:
		return "", shell.Usagef("%s is an after callback: no reply can %s anything", d.Key, kind)
	case body == nil:
		return "", shell.Usagef("no reply to %s changes anything in OpenIM %s: it has no field that is applied", d.Key, d.Server)
	default:
		return strings.TrimRight(string(body), "\n"), nil
	}
}

func (d *description) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n", d.Key, d.Summary)
	fmt.Fprintf(&b, "%s, %s, OpenIM %s\n\n", d.Phase, d.Group, d.of.Title())
	d.writeNames(&b)
	writeSection(&b, "When", d.Trigger)
	writeSection(&b, "Order (imcb list --scenarios)", d.orderTexts())
	writeFields(&b, "Request", d.Request, requestColumn)
	d.writeReply(&b)
	writeSection(&b, "Pitfalls", d.Pitfalls)
	writeSection(&b, "Under load", d.Load)
	d.writeExamples(&b)
	writeSection(&b, "Sources", d.Sources)
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// mostOrders is how many orders the text has; the JSON has all.
const mostOrders = 8

// orderTexts say what comes before and after the callback, operations with the
// same neighbors together.
func (d *description) orderTexts() []string {
	var orders []string
	scenarios := make(map[string][]string)
	for _, n := range d.Order {
		order := orderText(n)
		if scenarios[order] == nil {
			orders = append(orders, order)
		}
		scenarios[order] = append(scenarios[order], n.Scenario)
	}
	var texts []string
	for i, order := range orders {
		if i == mostOrders && len(orders) > mostOrders+1 {
			return append(texts, fmt.Sprintf("and %d more: imcb show %s --json", len(orders)-i, d.Key))
		}
		texts = append(texts, strings.Join(scenarios[order], ", ")+": "+order)
	}
	return texts
}

// orderText says where the callback stands in an operation.
func orderText(n suite.Neighbors) string {
	var parts []string
	add := func(how string, keys []string) {
		if len(keys) > 0 {
			parts = append(parts, how+" "+strings.Join(keys, ", "))
		}
	}
	add("after", n.Before)
	add("at the same time as", n.Beside)
	add("before", n.After)
	return cmp.Or(strings.Join(parts, "; "), "nothing else comes")
}

func (d *description) writeNames(b *strings.Builder) {
	fmt.Fprintf(b, "Command     %s\n", d.Command)
	if !d.callback.DocumentedOnly() {
		keys := d.Key
		for _, old := range d.callback.OldKeys {
			keys += ", " + old + " (3.5 and 3.6)"
		}
		fmt.Fprintf(b, "Config key  %s\n", keys)
	}
	fmt.Fprintf(b, "Sent by     %s\n", versionsText(sentBy(d.callback)))
	if d.Note != "" {
		fmt.Fprintf(b, "Note        %s\n", d.Note)
	}
	for _, n := range d.Names {
		if n.Command != d.Command {
			fmt.Fprintf(b, "Other name  %s (%s)\n", n.Command, cmp.Or(n.Old, n.Span.String()))
		}
	}
	for _, doc := range d.Documented {
		if doc.Command != d.Command {
			fmt.Fprintf(b, "Documents   %s (%s)\n", doc.Command, doc.Note)
		}
	}
	b.WriteByte('\n')
}

func writeSection(b *strings.Builder, title string, texts []string) {
	if len(texts) == 0 {
		return
	}
	fmt.Fprintf(b, "%s\n", title)
	for _, text := range texts {
		fmt.Fprintf(b, "  - %s\n", strings.ReplaceAll(wrap(text, 90), "\n", "\n    "))
	}
	b.WriteByte('\n')
}

// writeFields writes a table of fields, members indented under their object.
func writeFields(b *strings.Builder, title string, fields []fixtures.Field, column func(fixtures.Field) string) {
	rows := fieldRows(fields, 0, column)
	var widths [3]int
	for _, row := range rows {
		for i := range widths {
			widths[i] = max(widths[i], len(row[i]))
		}
	}
	fmt.Fprintf(b, "%s\n", title)
	for _, row := range rows {
		line := "  "
		for i, width := range widths {
			if width > 0 {
				line += fmt.Sprintf("%-*s  ", width, row[i])
			}
		}
		fmt.Fprintln(b, strings.TrimRight(line+row[3], " "))
	}
	b.WriteByte('\n')
}

// fieldRows are name, type, column and note of each field.
func fieldRows(fields []fixtures.Field, indent int, column func(fixtures.Field) string) [][4]string {
	var rows [][4]string
	for _, f := range fields {
		rows = append(rows, [4]string{strings.Repeat("  ", indent) + f.Name, typeText(f), column(f), f.Note})
		rows = append(rows, fieldRows(f.Fields, indent+1, column)...)
	}
	return rows
}

func typeText(f fixtures.Field) string {
	if f.Nullable {
		return string(f.Type) + "|null"
	}
	return string(f.Type)
}

func requestColumn(f fixtures.Field) string {
	switch {
	case f.Unfilled:
		return "never filled"
	case f.When != "":
		return "not always"
	default:
		return ""
	}
}

func (d *description) writeReply(b *strings.Builder) {
	if d.Phase == fixtures.After {
		b.WriteString("Reply\n  The five common fields. It has already happened: no reply changes anything.\n\n")
		return
	}
	writeFields(b, "Reply", append(commonFields(d.of), d.Reply...), func(f fixtures.Field) string { return effectText(f.Effect) })
}

// commonFields are the five fields of every reply, with what they do in the
// version.
func commonFields(server validate.Server) []fixtures.Field {
	action, code, next := "0; anything else cancels a refusal", "the client's errCode of a refusal, 5000-9999; else 0", "0 goes on, 1 refuses"
	switch {
	case server.DropsRefusals():
		action, next = "0; anything else is logged, and the operation goes on", "0; 1 is logged, and the operation goes on"
	case server.RefusesByActionCode():
		action = "0; anything else refuses"
	case server.RefusesWithSuccess():
		code += "; a refusal with 0 reads as success"
	}
	fields := fixtures.CommonFields()
	for i, note := range []string{action, code, "shown to the end user of a refused operation", "details, for developers", next} {
		fields[i].Note = note
	}
	return fields
}

func effectText(e fixtures.Effect) string {
	return map[fixtures.Effect]string{
		fixtures.Applied: "applied", fixtures.AppliedNonEmpty: "applied if not empty",
		fixtures.Overwrites: "absent erases", fixtures.Ignored: "ignored",
	}[e]
}

func (d *description) writeExamples(b *strings.Builder) {
	fmt.Fprintf(b, "Examples (imcb show %s --example request, allow, …)\n", d.Key)
	for _, kind := range exampleKinds {
		if body, err := d.example(kind); err == nil {
			fmt.Fprintf(b, "  %-8s %s\n", kind, body)
		}
	}
	b.WriteByte('\n')
}
