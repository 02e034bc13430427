package record

import (
	"cmp"
	"errors"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// CallbackOf finds the callback of a recorded exchange: by its key, its command,
// the URL or the body. The error says that it names none, or, as a
// *words.UnknownError, the first name that it has.
func CallbackOf(x validate.Exchange) (*fixtures.Callback, error) {
	names := []string{x.Callback, x.Command, x.Request.URLCommand()}
	if fixtures.ValidJSON(x.Request.Body) {
		names = append(names, gjson.GetBytes(x.Request.Body, "callbackCommand").String())
	}
	var first error
	for _, name := range names {
		if name == "" {
			continue
		}
		c, err := fixtures.Lookup(name)
		if err == nil {
			return c, nil
		}
		first = cmp.Or(first, err)
	}
	return nil, cmp.Or(first, errors.New("it names no callback"))
}
