package inspector

import (
	"fmt"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
)

// suiteCase is a case for a suite, below its cases or alone in a file, that sends
// the request again and expects the outcome that it had. Empty: there is none to expect, or YAML can't hold
// the body.
func suiteCase(e *entry, masked validate.Request) string {
	a := e.arrival
	if a.Callback == nil || a.Verdict.Outcome == "" || !utf8.Valid(masked.Body) {
		return ""
	}
	return suite.Draft{
		Name:     fmt.Sprintf("%s, recorded %s as request %d", a.Callback.Key, a.Time.UTC().Format("2006-01-02 15:04:05.000"), e.id),
		Callback: a.Callback, Body: append([]byte{}, masked.Body...), Outcome: a.Verdict.Outcome, ErrCode: a.Verdict.Client.ErrCode,
	}.String()
}
