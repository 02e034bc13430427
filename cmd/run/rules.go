package run

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/simulator/trigger"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/deployment"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/imcb-dev/imcb/validate/webhooks"
)

// AllRules are all that findings can be of, grouped by what they are about.
var AllRules = sync.OnceValue(func() validate.Registry {
	all := validate.NewRegistry(validate.Rules(), suite.Rules(), play.CoverRules(), play.ProbeRules(), trigger.Rules(), deployment.Rules(), webhooks.Rules())
	groups := []validate.About{validate.AboutReply, validate.AboutRequest, validate.AboutTarget, validate.AboutFile}
	slices.SortStableFunc(all, func(a, b *validate.Rule) int {
		return cmp.Compare(slices.Index(groups, a.About), slices.Index(groups, b.About))
	})
	return all
})

// UnknownRule says where the names of rules are listed, if it is not severity
// or form that is wrong.
func UnknownRule(err error) error {
	if unknown, ok := errors.AsType[*words.UnknownError](err); ok && unknown.What == "rule" {
		return fmt.Errorf("%w\n  `imcb rules` lists them", err)
	}
	return err
}
