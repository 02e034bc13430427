package main

import (
	_ "embed"
	"fmt"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"go.yaml.in/yaml/v4"
)

// known is the folder with the configurations that imcb knows, below the
// module's.
const known = "../../cmd/testdata/webhooks"

// config are the differences in what the server ships as configuration, and in
// the settings that it reads.
func (s *source) config(v fixtures.Release) ([]string, error) {
	shipped, err := s.shipped(v)
	if err != nil {
		return nil, err
	}
	lines, err := settings(shipped, v)
	if err != nil {
		return nil, err
	}
	if !v.Config().Flat {
		return lines, nil
	}
	read, err := s.settingsRead()
	return append(lines, differ("setting that is read", read, settingsOf(v))...), err
}

// shipped are the settings in the file that comes with the server.
func (s *source) shipped(v fixtures.Release) ([]string, error) {
	name := "webhooks.yml"
	if !v.Config().Flat {
		name = filepath.Join("templates", "config.yaml.template")
	}
	return settingsIn(filepath.Join(s.folder, "config", name))
}

// settings are the differences from the file of the release that imcb has, else
// those from the one before it or after it, whichever is more alike.
func settings(shipped []string, v fixtures.Release) (lines []string, err error) {
	files, err := knownFiles(v)
	for i, file := range files {
		imcb, err := settingsIn(file)
		if err != nil {
			return nil, err
		}
		if found := differ("setting", shipped, imcb); i == 0 || len(found) < len(lines) {
			lines = found
		}
	}
	return lines, err
}

// knownFiles are those of the release, or of its neighbors in imcb. A release
// before all of them has none.
func knownFiles(v fixtures.Release) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(known, "*.yml"))
	if err != nil || names == nil {
		return nil, fmt.Errorf("nothing in %s: run it in validate/conformance", known)
	}
	files := map[fixtures.Release]string{}
	for _, name := range names {
		if of, err := fixtures.ParseRelease(strings.TrimSuffix(filepath.Base(name), ".yml")); err == nil {
			files[of] = name
		}
	}
	all := slices.Sorted(maps.Keys(files))
	i, exact := slices.BinarySearch(all, v)
	switch {
	case exact:
		return []string{files[v]}, nil
	case i == 0:
		return nil, nil
	case i == len(all):
		return []string{files[all[i-1]]}, nil
	default:
		return []string{files[all[i-1]], files[all[i]]}, nil
	}
}

// settingsIn are the lines "key.setting: value" of a webhooks.yml, or of the
// section "callback" of a config.yaml, sorted.
func settingsIn(name string) ([]string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if _, section, ok := strings.Cut("\n"+string(text), "\ncallback:"); ok {
		section, _, _ = strings.Cut(section, "\n\n\n") // the rest may be a template
		text = []byte("callback:" + section)
	}
	var root map[string]any
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if section, ok := root["callback"].(map[string]any); ok {
		root = section
	}
	var lines []string
	for key, value := range root {
		settings, ok := value.(map[string]any)
		if !ok {
			lines = append(lines, fmt.Sprintf("%s: %v", key, value))
		}
		for name, value := range settings {
			lines = append(lines, fmt.Sprintf("%s.%s: %v", key, name, value))
		}
	}
	slices.Sort(lines)
	return lines, nil
}

// settingsRead are the settings of a callback in the server's types, with the
// types of those that are lists.
func (s *source) settingsRead() ([]string, error) {
	config, err := s.check(server+"/pkg/common/config", filepath.Join(s.folder, "pkg", "common", "config"))
	if err != nil {
		return nil, err
	}
	read := map[string]bool{}
	for _, name := range []string{"BeforeConfig", "AfterConfig"} {
		object := config.Scope().Lookup(name)
		if object == nil {
			return nil, fmt.Errorf("%s has no type %s", config.Path(), name)
		}
		held, _ := object.Type().Underlying().(*types.Struct)
		for i := range held.NumFields() {
			tag := reflect.StructTag(held.Tag(i))
			read[fmt.Sprintf("%s %s", tag.Get("mapstructure")+tag.Get("yaml"), typeOf(held.Field(i).Type()))] = true
		}
	}
	return slices.Sorted(maps.Keys(read)), nil
}

// settingsOf are the same as imcb knows them.
func settingsOf(v fixtures.Release) []string {
	lines := []string{"enable bool", "failedContinue bool", "timeout int64"}
	for _, list := range v.Config().Lists {
		of := fixtures.Strings
		if v.Config().NumberTypes && strings.HasSuffix(list, "Types") {
			of = "array<int32>"
		}
		lines = append(lines, fmt.Sprintf("%s %s", list, of))
	}
	slices.Sort(lines)
	return lines
}

// knownTypes are the names and codes of content types that servers had when
// they were last read: "101 Text".
//
//go:embed contenttypes.txt
var knownTypes string

// contentTypes are the server's content types that imcb's catalog was not yet
// read for.
func (s *source) contentTypes() ([]string, error) {
	constants, err := s.Import(s.protocolPath + "/constant")
	if err != nil {
		return nil, err
	}
	scope := constants.Scope()
	first, last := scope.Lookup("ContentTypeBegin"), scope.Lookup("NotificationEnd")
	if first == nil || last == nil {
		return nil, fmt.Errorf("%s has no ContentTypeBegin or no NotificationEnd", constants.Path())
	}
	knows := strings.Split(strings.TrimSpace(knownTypes), "\n")
	var lines []string
	for _, name := range scope.Names() {
		c, ok := scope.Lookup(name).(*types.Const)
		if !ok || c.Pos() <= first.Pos() || c.Pos() >= last.Pos() {
			continue
		}
		if strings.HasSuffix(name, "Begin") || strings.HasSuffix(name, "End") {
			continue
		}
		if line := c.Val().String() + " " + name; !slices.Contains(knows, line) {
			lines = append(lines, "+ content type: "+line)
		}
	}
	return lines, nil
}
