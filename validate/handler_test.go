package validate

import (
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a handler does stands apart from the catalog's data; this holds the two
// together.
func TestHandlersNameWhatTheCatalogHas(t *testing.T) {
	for key, h := range handlers {
		t.Run(key, func(t *testing.T) {
			callback, err := fixtures.Lookup(key)
			require.NoError(t, err)
			require.Equal(t, key, callback.Key)
			reply := namesOf(callback.Reply.Fields)
			for _, name := range h.replyNames() {
				assert.Contains(t, reply, name)
			}
			for i := range callback.Reply.Fields {
				reply = append(reply, namesOf(callback.Reply.Fields[i].Fields)...)
			}
			for _, f := range h.numbers {
				assert.Contains(t, reply, f.name)
			}
			for _, r := range h.renamed {
				assert.Contains(t, namesOf(callback.Request), r.request)
			}
			assertSettings(t, callback.Key, h.settings)
		})
	}
}

func assertSettings(t *testing.T, key string, s Settings) {
	for _, other := range []string{s.EnableFrom, s.TimeoutFrom, s.Enables} {
		if other != "" {
			assert.Contains(t, fixtures.Keys(), other)
			assert.NotEqual(t, key, other)
		}
	}
	if s.EnableFrom != "" {
		assert.Equal(t, key, handlers[s.EnableFrom].settings.Enables)
	}
	if s.Enables != "" {
		assert.Equal(t, key, handlers[s.Enables].settings.EnableFrom)
	}
}

// replyNames are the reply's own fields that the handler names.
func (h *handler) replyNames() []string {
	var all []string
	for _, name := range []string{h.subject, h.cancels, h.members, h.objectText, h.groupOnly} {
		if name != "" {
			all = append(all, name)
		}
	}
	all = append(all, h.unchanged...)
	for _, c := range h.crashes {
		all = append(all, c.field)
	}
	for _, r := range h.renamed {
		all = append(all, r.reply)
	}
	for _, id := range h.identities {
		all = append(all, id.field)
	}
	for name := range h.instead {
		all = append(all, name)
	}
	return all
}

func namesOf(fields []fixtures.Field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}
