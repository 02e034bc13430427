package trigger

import (
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// Names that stand for tokens in Calls: variables of a shell.
const (
	adminToken  = "$ADMIN_TOKEN"
	tokenPrefix = "$TOKEN_OF_"
)

// Calls are the requests that a session makes for the operations, without
// sending any: the login, the users' registration and what each operation does.
// Websockets, which are no calls, are left out.
func (a *API) Calls(choices []Choice, v fixtures.Release) (all []validate.Request) {
	t, admin := operations(), map[string]string{"secret": a.Secret, "admin": a.Admin}
	all = append(all, a.request(in(t.Login.Admin, v)[0].filled(admin), ""))
	if slices.ContainsFunc(choices, func(c Choice) bool { return c.needsUsers() }) {
		for _, letter := range letters {
			all = append(all, a.request(t.Register.filled(map[string]string{"user": Prefix + letter}), adminToken))
		}
	}
	known := make(map[string]bool)
	for _, c := range choices {
		all = append(all, a.callsOf(c, v, known)...)
	}
	return all
}

// callsOf are the calls of one operation. Known are the users that have a token.
func (a *API) callsOf(c Choice, v fixtures.Release, known map[string]bool) (all []validate.Request) {
	values := newValues()
	steps := slices.Concat(c.preparation(), c.Operation.Calls)
	if c.makesGroup() {
		steps = append(steps, operations().Dismiss)
	}
	for _, one := range in(steps, v) {
		one = one.filled(values)
		token := adminToken
		if one.As != "" {
			token = tokenPrefix + one.As
		}
		if !known[token] && one.As != "" {
			known[token] = true
			login := map[string]string{"secret": a.Secret, "user": one.As, "platform": platformOf(one)}
			all = append(all, a.request(in(operations().Login.User, v)[0].filled(login), adminToken))
		}
		if one.Socket == "" {
			all = append(all, a.request(one, token))
		}
	}
	return all
}
