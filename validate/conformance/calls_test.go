package conformance

import (
	"cmp"
	"os"
	"slices"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	cb "github.com/openimsdk/open-im-server/v3/pkg/callbackstruct"
	"github.com/stretchr/testify/require"
)

// server is the release whose code the tests run: that of go.mod, unless run.sh
// says another.
var server = func() fixtures.Release {
	v, err := fixtures.ParseRelease(cmp.Or(os.Getenv("OPENIM_VERSION"), "3.8.3"))
	if err != nil {
		panic(err)
	}
	return v
}()

// call makes empty values of the types that OpenIM uses for a callback.
type call struct {
	request func() cb.CallbackReq
	reply   func() cb.CallbackResp
}

// of is a call with the request type Q and the reply type R.
func of[Q, R any, PQ interface {
	*Q
	cb.CallbackReq
}, PR interface {
	*R
	cb.CallbackResp
}]() call {
	return call{
		request: func() cb.CallbackReq { return PQ(new(Q)) },
		reply:   func() cb.CallbackResp { return PR(new(R)) },
	}
}

// defined are the callbacks of the catalog that the version has.
func defined() []*fixtures.Callback {
	return slices.DeleteFunc(fixtures.All(), func(c *fixtures.Callback) bool {
		at, _ := c.At(server)
		return c.DocumentedOnly() || at != server
	})
}

// deciding are the callbacks whose replies OpenIM waits for.
func deciding() []*fixtures.Callback {
	return slices.DeleteFunc(defined(), func(c *fixtures.Callback) bool { return c.Phase != fixtures.Before })
}

func callOf(t testing.TB, c *fixtures.Callback) call {
	t.Helper()
	found, ok := calls[c.Command(server)]
	require.True(t, ok, c.Key)
	return found
}
