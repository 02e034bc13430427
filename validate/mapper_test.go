package validate_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
)

// fixed are the texts of a result that are imcb's own or names of what is
// known; nothing changes them.
var fixed = []string{
	".Callbacks", ".Config.Callbacks.Key", ".Config.Callbacks.Phase", ".File", ".Verdict.Notice", ".Verdict.Outcome", ".Verdict.Server.Asked", ".Verdict.Server.Deployment", ".Verdict.Findings.Rule", ".Verdict.Findings.Severity", ".Verdict.Findings.About", ".Verdict.Findings.Contract",
	".Verdict.Findings.Place.File", ".Verdict.Findings.Source", ".Exchange.Callback", ".Exchange.Request.Method",
	".Exchange.Request.Headers.0", ".Exchange.Reply.Headers.0", ".Exchange.Reply.Failure", ".Exchange.Reply.Redirects.Method", ".Exchange.Unknown",
	".Steps.Name", ".Steps.State",
}

// A field that is new is changed, or stands in the list above.
func TestMapperReachesEveryText(t *testing.T) {
	var r validate.Result
	fillTexts(reflect.ValueOf(&r).Elem())
	before := textsOf(reflect.ValueOf(r), "")
	mapped := validate.MapEvery(func(string) string { return "changed" }).Result(r)
	assert.Equal(t, before, textsOf(reflect.ValueOf(r), ""), "what is given stays")
	var same []string
	for path, text := range textsOf(reflect.ValueOf(mapped), "") {
		if text != "changed" && !strings.HasPrefix(path, ".Was") {
			same = append(same, path)
		}
	}
	slices.Sort(same)
	slices.Sort(fixed)
	assert.Equal(t, fixed, same)
	assert.Equal(t, "changed", mapped.Was.Client.ErrMsg)
}

// fillTexts gives every text a value and every list one member.
func fillTexts(v reflect.Value) {
	switch v.Interface().(type) {
	case words.Text:
		v.Set(reflect.ValueOf(words.Plain("text")))
		return
	case []byte:
		v.SetBytes([]byte("text"))
		return
	case *validate.Verdict:
		v.Set(reflect.ValueOf(&validate.Verdict{Client: validate.Client{ErrMsg: "text"}}))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*validate.Config]() {
			v.Set(reflect.New(v.Type().Elem()))
			fillTexts(v.Elem())
		}
	case reflect.String:
		v.SetString("text")
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillTexts(v.Index(0))
	case reflect.Array:
		for i := range v.Len() {
			fillTexts(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillTexts(v.Field(i))
			}
		}
	}
}

// textsOf are the texts by the way to them.
func textsOf(v reflect.Value, path string) map[string]string {
	texts := make(map[string]string)
	switch x := v.Interface().(type) {
	case words.Text:
		return map[string]string{path: x.String()}
	case []byte:
		return map[string]string{path: string(x)}
	}
	add := func(v reflect.Value, path string) {
		for path, text := range textsOf(v, path) {
			texts[path] = text
		}
	}
	switch v.Kind() {
	case reflect.String:
		texts[path] = v.String()
	case reflect.Pointer:
		if !v.IsNil() {
			add(v.Elem(), path)
		}
	case reflect.Slice:
		for i := range v.Len() {
			add(v.Index(i), path)
		}
	case reflect.Array:
		for i := range v.Len() {
			add(v.Index(i), path+"."+string(rune('0'+i)))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				add(v.Field(i), path+"."+v.Type().Field(i).Name)
			}
		}
	}
	return texts
}
