package validate

import (
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// newPageJudge returns the judge that reads replies as the documents explain
// them: with the fields of the callback's page, by what the page says of the
// codes, and without what any server's code does beside. Its findings are what
// j has under the documents alone.
func newPageJudge(j *Judge) *Judge {
	p := &Judge{callback: j.callback, opts: j.opts, behavior: &documentedBehavior, table: j.table, rules: rules, page: j.page, pages: true}
	if j.page != nil {
		p.table = compilePage(j.page, j.table)
	}
	p.passes.New = j.passes.New
	return p
}

// documentedBehavior is what the pages say of a refusal, and nothing else: what
// a client is told of it is the servers' affair.
var documentedBehavior = behavior{
	refuses: zeroAndOne, coded: unchanged, network: func(networkError) Client { return Client{} },
}

// byPages reports whether the documents alone count.
func (p *pass) byPages() bool { return p.judge.pages }

// pageRange is the range that the callback's page gives for errCode: the usual
// one where there is no page. The zero value means that by the page an errCode of
// 0 has the reply ignored.
func (j *Judge) pageRange() Range {
	if j.page == nil {
		return documentedErrCodes
	}
	r, _ := ParseRange(j.page.ErrCodes)
	return r
}

// onPage reports whether the callback's page shows all of these fields.
func (j *Judge) onPage(names []string) bool {
	if j.page == nil {
		return false
	}
	example := gjson.ParseBytes(j.page.Reply)
	return !slices.ContainsFunc(names, func(name string) bool {
		return !memberOf(example, name).Exists() && !slices.Contains(j.page.More, name)
	})
}

// compilePage builds the field table of a page: the names and JSON types of its
// example reply, and those of the server where the example says no more. The
// common fields have the first places.
func compilePage(page *fixtures.Page, server []fieldSpec) []fieldSpec {
	example := gjson.ParseBytes(page.Reply)
	table := append([]fieldSpec{}, server[:commonFields]...)
	table[nextCode].quoted = example.Get("nextCode").Type == gjson.String
	add := func(name string, shown gjson.Result) {
		if i, _ := findField(name, table); i < 0 {
			table = append(table, pageField(name, shown, server))
		}
	}
	example.ForEach(func(name, shown gjson.Result) bool {
		add(name.Str, shown)
		return true
	})
	for _, name := range page.More {
		add(name, gjson.Result{})
	}
	return table
}

// shownSo reports whether the documents alone would take the value.
func (p *pass) shownSo(m *mismatch) bool {
	if p.judge.page == nil {
		return false
	}
	var byPage decoded
	byPage.decode(p.reply.Body, compilePage(p.judge.page, p.judge.table))
	return byPage.mismatch == nil || byPage.mismatch.pointer != m.pointer
}

// pageField is a field as a page shows it: as the server has it if that is of
// the same JSON type, or else by the example alone.
func pageField(name string, shown gjson.Result, server []fieldSpec) fieldSpec {
	if i, exact := findField(name, server); exact && (!shown.Exists() || fitsShown(server[i].Type, shown)) {
		return server[i]
	}
	f := fieldSpec{Field: fixtures.Field{Name: name, Type: shownType(shown)}, pointer: Pointer(name), goPath: name}
	f.setTypes()
	return f
}

// fitsShown reports whether a value of a page's example is of the type.
func fitsShown(t fixtures.Type, shown gjson.Result) bool {
	switch t {
	case fixtures.Strings, fixtures.Int64s, fixtures.Objects:
		return shown.IsArray()
	case fixtures.Object, fixtures.BoolMap:
		return shown.IsObject() && !shown.Get("value").Exists()
	case fixtures.String:
		return shown.Type == gjson.String
	case fixtures.Bool:
		return shown.IsBool()
	case fixtures.Bytes:
		return false
	default:
		return shown.Type == gjson.Number
	}
}

// shownType is the type of a value that no server has. A {"value": …} and a list
// may be read in two ways, so they fit anything.
func shownType(shown gjson.Result) fixtures.Type {
	switch {
	case shown.Type == gjson.String:
		return fixtures.String
	case shown.IsBool():
		return fixtures.Bool
	case shown.Type == gjson.Number:
		return fixtures.Int64
	default:
		return anyType
	}
}
