package cmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
)

// listedMessage is one row of the list of kinds of messages.
type listedMessage struct {
	Name        string `json:"name"`
	ContentType int    `json:"contentType"`
	// Sessions are the chats to which a notification goes (sessionType).
	Sessions []int `json:"sessions,omitempty"`
	// Callbacks are those that some version sends for such a message.
	Callbacks []string `json:"callbacks"`
}

func listedMessages() []listedMessage {
	var rows []listedMessage
	for _, k := range fixtures.MessageKinds() {
		i := slices.IndexFunc(rows, func(r listedMessage) bool { return r.Name == k.Name })
		if i < 0 {
			i, rows = len(rows), append(rows, listedMessage{Name: k.Name, ContentType: k.Code, Callbacks: carriers(k.Name)})
		}
		for _, session := range k.Sessions {
			if !slices.Contains(rows[i].Sessions, session) {
				rows[i].Sessions = append(rows[i].Sessions, session)
			}
		}
	}
	return rows
}

func carriers(kind string) (keys []string) {
	for _, c := range fixtures.All() {
		if slices.Contains(c.MessageKinds(), kind) {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

func (o *listOptions) listMessages() error {
	rows := slices.DeleteFunc(listedMessages(), func(r listedMessage) bool { return !o.has(r.Name, strconv.Itoa(r.ContentType)) })
	switch {
	case len(rows) == 0:
		return o.nothing("kind of message")
	case o.json:
		return o.app.PrintJSON(rows)
	}
	var b strings.Builder
	for _, r := range rows {
		line := fmt.Sprintf("%-28s %4d  %s", r.Name, r.ContentType, receivers(r.Sessions))
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	b.WriteString("\n`imcb send CALLBACK --message NAME` sends one\n")
	return o.app.Print(b.String())
}

// receivers says to whom a notification goes; "" of what users write.
func receivers(sessions []int) string {
	var to []string
	for _, session := range sessions {
		to = append(to, map[int]string{1: "a user", 3: "a group", 4: "those who read a notification account"}[session])
	}
	if len(to) == 0 {
		return ""
	}
	return "notification to " + strings.Join(to, " or ")
}
