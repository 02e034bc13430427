package shell

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// settingsFile holds flags by name, read from the working directory. Where it is
// not there, the one with the other ending is read.
const (
	settingsFile  = "imcb.yaml"
	settingsOther = "imcb.yml"
)

// fileSettings are the values in imcb.yaml, by the flag's name, or the
// command's and the flag's: "serve.cert".
type fileSettings map[string][]setting

// of returns the values for a command's flag: its own before those for all.
func (s fileSettings) of(c *cobra.Command, flag string) []setting {
	if own := s[c.Name()+"."+flag]; own != nil {
		return own
	}
	return s[flag]
}

// settingsReader reads imcb.yaml.
type settingsReader struct {
	yamlfile.Reader
	file string // its name
}

type (
	settingKey   = yamlfile.Key[*settingsReader, fileSettings]
	settingTable = yamlfile.Table[*settingsReader, fileSettings]
)

// settingsTable is what may stand in imcb.yaml: the flags of all commands, and
// the commands with flags of their own.
func settingsTable(root *cobra.Command) *settingTable {
	keys := flagKeys(append(root.Commands(), root)...)
	for _, c := range root.Commands() {
		own := yamlfile.NewTable("the settings of "+c.Name(), flagKeys(c))
		if len(own.Keys) > 0 && !yamlfile.NewTable("", keys).Has(c.Name()) {
			keys = append(keys, commandKey(c, own))
		}
	}
	return yamlfile.NewTable("the settings", keys)
}

// flagKeys are the flags of commands as keys. A flag that is something else in
// another command says so.
func flagKeys(commands ...*cobra.Command) []settingKey {
	var keys []settingKey
	index := make(map[string]int)
	for _, c := range commands {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !isSetting(f) {
				return
			}
			i, known := index[f.Name]
			if !known {
				index[f.Name] = len(keys)
				keys = append(keys, flagKey(f))
				return
			}
			if other := flagKey(f); !strings.Contains(keys[i].Doc, other.Doc) {
				keys[i].Doc += "; in " + c.Name() + ": " + other.Doc
				keys[i].Schema = yamlfile.WordsSchema
			}
		})
	}
	return keys
}

func flagKey(f *pflag.Flag) settingKey {
	_, usage := pflag.UnquoteUsage(f)
	schema := yamlfile.WordsSchema
	if f.Value.Type() == "bool" {
		schema = yamlfile.BooleanSchema
	}
	return yamlfile.NewKey(f.Name, usage, schema, func(d *settingsReader, into *fileSettings, n *yamlfile.Node) {
		for _, item := range d.Values(n, f.Name) {
			from := fmt.Sprintf("%s:%d:%d", d.file, item.Line, item.Col)
			(*into)[f.Name] = append((*into)[f.Name], setting{item.Text, from})
		}
	})
}

func commandKey(c *cobra.Command, table *settingTable) settingKey {
	return yamlfile.NewKey(c.Name(), "Settings of imcb "+c.Name()+" alone.", table.Object(nil), func(d *settingsReader, into *fileSettings, n *yamlfile.Node) {
		own := make(fileSettings)
		table.Read(d, &own, n)
		for flag, values := range own {
			(*into)[c.Name()+"."+flag] = values
		}
	})
}

// maxSettings is how many bytes imcb.yaml may have.
const maxSettings = 1 << 20

// readSettings reads imcb.yaml, if there is one: a mapping of flag names to
// values, or to lists for flags that may be repeated.
func readSettings(root *cobra.Command, s Streams) (fileSettings, error) {
	file := settingsFile
	text, err := s.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		file = settingsOther
		text, err = s.ReadFile(file)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d := settingsReader{file: file}
	all := make(fileSettings)
	if document := d.Root(text, file, maxSettings); document != nil {
		settingsTable(root).Read(&d, &all, document)
	}
	if len(d.Problems) == 1 && d.Problems[0].IsEmptyFile() {
		return nil, nil
	}
	if err := d.Errors(yamlfile.NewSource(file, text), nil); err != nil {
		return nil, err
	}
	return all, nil
}

// SettingsSchema is the JSON Schema of imcb.yaml for a tree of commands.
func SettingsSchema(root *cobra.Command) []byte {
	return settingsTable(root).Object(nil).Document("urn:imcb:settings", "imcb settings", "What stands in imcb.yaml: values for the flags of imcb.")
}
