package composetest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/imcb-dev/imcb/validate/deployment"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// project is a Compose project: its files in their order, and those beside them.
type project struct {
	name   string
	files  []string
	beside map[string]string
}

const head = "services:\n  openim-server:\n    image: openim/openim-server:v3.8.3\n    environment:\n"

func list(items ...string) string {
	text := head
	for _, item := range items {
		text += "      - " + item + "\n"
	}
	return text
}

func mapping(lines ...string) string {
	text := head
	for _, line := range lines {
		text += "      " + line + "\n"
	}
	return text
}

var projects = []project{
	{"a list", []string{list("A=b", "B=", "C=\"quoted\"", "D='quoted'", "E=a=b", "'F=whole item'", "\"G=whole\\titem\"", "H= blank", "A=again")}, nil},
	{"a mapping", []string{mapping("A: b", "B: ''", "C: \"quoted\"", "D: 5", "E: 1.5", "F: 1.0", "G: true", "H: yes", "I: 0x10", "J: 010", "K: 1_000", "L: 1e3", "M: '05'", "N: False", "P: .5", "Q: 0o10", "R: +5", "S: 12345678901234567890")}, nil},
	{"variables of the project", []string{list("A", "B", "C=x")}, map[string]string{".env": "A=from the project\n"}},
	{"an empty key of a mapping", []string{mapping("A:", "B: null", "C: ~")}, map[string]string{".env": "A=1\nC=2\n"}},
	{
		"placeholders",
		[]string{list("A=$X", "B=${X}", "C=${NO}", "D=${NO:-default}", "E=${NO-default}", "F=${EMPTY:-default}", "G=${EMPTY-default}", "H=${X:+there}", "I=${NO:+there}",
			"J=${EMPTY+there}", "K=$$X", "L=$${X}", "M=a${X}b${X}c", "N=${NO:-${X}}", "O=${NO:-a}${X:-b}", "P=${X:?needed}", "'Q=${NO:-http://h:1/a?b}'", "'R=${NO:-}'")},
		map[string]string{".env": "X=value\nEMPTY=\n"},
	},
	{"placeholders in a mapping", []string{mapping("A: ${X}", "B: '${X:-5}'", "C: \"${NO:-5}\"")}, map[string]string{".env": "X=true\n"}},
	{"a placeholder in the image", []string{"services:\n  openim-server:\n    image: ${REPO:-openim}/openim-server:${TAG}\n    environment: [A=b]\n"}, map[string]string{".env": "TAG=v3.8.1 # today's\n"}},
	{
		".env", []string{list("A=$A", "B=$B", "C=$C", "D=$D", "E=$E", "F=$F", "G=$G", "H=$H", "I=$I", "J=$J", "K=$K", "L=$L", "M=$M", "N=$N", "O=$O")},
		map[string]string{".env": "# comment\nA=plain\nB=\"double \\\"quoted\\\"\\n\"\nC='single $A'\nexport D=exported\nE=with # comment\nF=with#none\nG = spaced\nH=${A}s\nI=\"${A} in quotes\"\nJ: yaml\nK=\nL=[\"1\",\"2\"]\nM=\"two\nlines\"\nN='a' # c\nO=${LATER:-none}\nLATER=x\r\n"},
	},
	{"env_file", []string{"services:\n  openim-server:\n    image: openim/openim-server:v3.8.3\n    env_file: vars\n    environment:\n      - B=wins\n      - C=${X}\n"}, map[string]string{"vars": "A=\"from the file\"\nB=loses\nX=not for placeholders\nD=${PROJECT}\n", ".env": "PROJECT=p\n"}},
	{"env_files", []string{"services:\n  openim-server:\n    image: openim/openim-server:v3.8.3\n    env_file:\n      - one\n      - path: two\n      - path: three\n        required: false\n"}, map[string]string{"one": "A=1\nB=1\n", "two": "B=\"2\"\nC=$A\n"}},
	{
		"several files", []string{list("A=1", "B=1", "C=1"), "services:\n  openim-server:\n    image: openim/openim-server:v3.8.1\n    environment:\n      B: two\n      D: 4\n", "services:\n  openim-server:\n    environment: [D=5, 'E']\n"},
		map[string]string{".env": "E=e\n"},
	},
	{"extends", []string{"services:\n  base:\n    image: openim/openim-server:v3.8.3\n    environment: {A: 1, B: 1}\n  openim-server:\n    extends: {service: base}\n    environment: [B=2]\n"}, nil},
	{"extends by name", []string{"services:\n  base:\n    image: openim/openim-server:v3.8.3\n    environment: {A: 1}\n  openim-server:\n    extends: base\n"}, nil},
	{"anchors", []string{"x-env: &env\n  A: 1\n  B: 1\nservices:\n  openim-server:\n    image: openim/openim-server:v3.8.3\n    environment:\n      <<: *env\n      B: 2\n"}, nil},
}

func TestProjectsReadAsComposeReadsThem(t *testing.T) {
	for _, p := range projects {
		t.Run(p.name, func(t *testing.T) {
			dir, names := p.write(t)
			image, environment := composeOf(t, dir, names)
			one := imcbOf(t, names)
			got := map[string]string{}
			for _, v := range one.Variables() {
				got[v.Name] = v.Value
			}
			assert.Equal(t, environment, got)
			assert.Equal(t, image, one.Image())
		})
	}
}

// What Compose refuses, imcb does.
func TestRefusedProjects(t *testing.T) {
	for name, text := range map[string]string{
		"a mapping in a list":  list("A: b"),
		"a list as a value":    mapping("A: [b]"),
		"a required variable":  list("A=${NO:?needed}"),
		"a broken placeholder": list("A=${NO"),
		"a name with a blank":  list("A =b"),
		"a key twice":          mapping("A: 1", "A: 2"),
	} {
		t.Run(name, func(t *testing.T) {
			p := project{name: name, files: []string{text}}
			dir, names := p.write(t)
			_, err := load(t, dir, names)
			require.Error(t, err)
			_, err = read(names)
			require.Error(t, err)
		})
	}
}

func (p project) write(t *testing.T) (dir string, names []string) {
	t.Helper()
	dir = t.TempDir()
	for i, text := range p.files {
		name := filepath.Join(dir, string(rune('a'+i))+".yaml")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		names = append(names, name)
	}
	for name, text := range p.beside {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir, names
}

// load reads the project with Compose's loader and no variables of the shell's.
func load(t *testing.T, dir string, names []string) (map[string]string, error) {
	t.Helper()
	options, err := cli.NewProjectOptions(names, cli.WithWorkingDirectory(dir), cli.WithName("test"))
	require.NoError(t, err)
	for _, o := range []cli.ProjectOptionsFn{cli.WithEnvFiles(), cli.WithDotEnv} {
		if err := o(options); err != nil {
			return nil, err
		}
	}
	loaded, err := options.LoadProject(t.Context())
	if err != nil {
		return nil, err
	}
	service, err := loaded.GetService("openim-server")
	if err != nil {
		return nil, err
	}
	environment := map[string]string{"image": service.Image}
	for name, value := range service.Environment {
		if value != nil {
			environment[name] = *value
		}
	}
	return environment, nil
}

func composeOf(t *testing.T, dir string, names []string) (image string, environment map[string]string) {
	t.Helper()
	environment, err := load(t, dir, names)
	require.NoError(t, err)
	image = environment["image"]
	delete(environment, "image")
	return image, environment
}

func read(names []string) ([]*deployment.OpenIM, error) {
	var files []deployment.File
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, deployment.File{Name: name, Text: body})
	}
	return deployment.Read(deployment.Compose, files, deployment.Options{Read: os.ReadFile})
}

func imcbOf(t *testing.T, names []string) *deployment.OpenIM {
	t.Helper()
	all, err := read(names)
	require.NoError(t, err)
	return all[len(all)-1]
}
