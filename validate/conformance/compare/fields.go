package main

import (
	"go/types"
	"reflect"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
)

// field is a member of a body as imcb's catalog and the sources both tell it.
type field struct {
	fixtures.Field
	depth int // of the struct that it stands in, below the body's
}

// fieldsOf are the members that encoding/json gives a type, in their order,
// without those that every reply has. The members of an embedded pointer are
// there if it is one of those set.
func fieldsOf(t types.Type, set []string) []fixtures.Field {
	all := promoted(t, set, 0)
	var fields []fixtures.Field
	for _, f := range all {
		if !hidden(f, all) {
			fields = append(fields, f.Field)
		}
	}
	return fields
}

// hidden: a struct further out has a field of the name.
func hidden(f field, all []field) bool {
	for _, other := range all {
		if other.Name == f.Name && other.depth < f.depth {
			return true
		}
	}
	return false
}

// promoted are the members of a struct and of those that it embeds.
func promoted(t types.Type, set []string, depth int) (fields []field) {
	held, ok := pointed(t).Underlying().(*types.Struct)
	if !ok || nameOf(t) == "callbackstruct.CommonCallbackResp" {
		return nil
	}
	for i := range held.NumFields() {
		f := held.Field(i)
		name, _, _ := strings.Cut(reflect.StructTag(held.Tag(i)).Get("json"), ",")
		switch {
		case f.Embedded() && name == "":
			if f.Type() == pointed(f.Type()) || slices.Contains(set, f.Name()) {
				fields = append(fields, promoted(f.Type(), set, depth+1)...)
			}
		case f.Exported() && name != "-":
			made := fieldOf(f.Type())
			if made.Name = name; name == "" {
				made.Name = f.Name()
			}
			fields = append(fields, field{made, depth})
		}
	}
	return fields
}

// fieldOf is a member without its name.
func fieldOf(t types.Type) (f fixtures.Field) {
	t = pointed(t)
	if strings.HasPrefix(nameOf(t), "wrapperspb.") {
		held := t.Underlying().(*types.Struct)
		for i := range held.NumFields() {
			if held.Field(i).Name() == "Value" {
				f.Type = typeOf(held.Field(i).Type())
			}
		}
		f.Wrapped = true
		return f
	}
	if f.Type = typeOf(t); f.Type == fixtures.Object || f.Type == fixtures.Objects {
		element := elementOf(t)
		f.GoType, f.Fields = nameOf(element), fieldsOf(element, nil)
	}
	return f
}

// typeOf is the catalog's word for a type; the type's own text where it has
// none.
func typeOf(t types.Type) fixtures.Type {
	switch under := pointed(t).Underlying().(type) {
	case *types.Basic:
		switch under.Kind() {
		case types.Int:
			return fixtures.Int64 // as all machines have it that run OpenIM
		case types.String, types.Bool, types.Int32, types.Int64, types.Uint32:
			return fixtures.Type(under.Name())
		}
	case *types.Struct:
		return fixtures.Object
	case *types.Slice:
		if b, ok := under.Elem().(*types.Basic); ok && b.Kind() == types.Uint8 {
			return fixtures.Bytes
		}
		return "array<" + typeOf(under.Elem()) + ">"
	case *types.Map:
		return "map<" + typeOf(under.Key()) + "," + typeOf(under.Elem()) + ">"
	}
	return fixtures.Type(t.String())
}

func pointed(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// elementOf is the type of a list's entries, or the type itself.
func elementOf(t types.Type) types.Type {
	if list, ok := t.Underlying().(*types.Slice); ok {
		return pointed(list.Elem())
	}
	return t
}

// nameOf is a type's name after that of its package, such as "sdkws.UserInfo".
func nameOf(t types.Type) string {
	return types.TypeString(pointed(t), func(p *types.Package) string { return p.Name() })
}
