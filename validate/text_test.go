package validate

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/tidwall/gjson"
)

func TestClip(t *testing.T) {
	long := strings.Repeat("\u202e", 200)
	assert.Equal(t, clipLength+1, utf8.RuneCountInString(clip(long)))
	assert.Equal(t, shortLength+1, utf8.RuneCountInString(shorten(long)))
}

func TestPosition(t *testing.T) {
	for _, tt := range []struct {
		body   string
		offset int
		want   string
	}{
		{"", 0, "line 1, column 1"},
		{"{}x", 2, "line 1, column 3"},
		{"{\n  \"a\": b", 9, "line 2, column 8"},
		{"{\n\n", 3, "line 3, column 1"},
		{`{"好":x`, 7, "line 1, column 6"},
		{"ab", 99, "line 1, column 3"},
	} {
		assert.Equal(t, tt.want, position([]byte(tt.body), tt.offset).String(), "%q at %d", tt.body, tt.offset)
	}
}

func TestPointers(t *testing.T) {
	for pointer, names := range map[string][2]string{
		"":                                 {"", ""},
		"/errCode":                         {"errCode", "errCode"},
		"/memberCallbackList/0":            {"memberCallbackList", "memberCallbackList"},
		"/memberCallbackList/12/roleLevel": {"memberCallbackList", "roleLevel"},
	} {
		assert.Equal(t, names[0], firstName(pointer))
		assert.Equal(t, names[1], lastName(pointer))
	}
	root := gjson.Parse(`{"List":[{"a":1},{"a":2}],"x":null}`)
	assert.Equal(t, "2", valueAt(root, "/list/1/a"))
	assert.Equal(t, "null", valueAt(root, "/x"))
	assert.Equal(t, "nothing", valueAt(root, "/list/7/a"))
}

func TestPlainURL(t *testing.T) {
	for given, want := range map[string]string{
		"http://h/cb/x":                    "http://h/cb/x",
		"https://user:pass@h/cb?token=s#f": "https://h/cb",
		"http://h/%zz?token=s":             "the URL",
		"/login?next=secret":               "/login",
	} {
		assert.Equal(t, want, plainURL(given).String())
	}
}
