package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	cb "github.com/openimsdk/open-im-server/v3/pkg/callbackstruct"
	"github.com/openimsdk/open-im-server/v3/pkg/common/config"
	"github.com/openimsdk/tools/mcontext"
	"github.com/stretchr/testify/require"
)

// Settings of a callback that is turned on, as in webhooks.yml.
var (
	before = &config.BeforeConfig{Enable: true, Timeout: 5}
	after  = &config.AfterConfig{Enable: true, Timeout: 5}
)

// payloadOf is the request that imcb makes up for the callback, always the
// same.
func payloadOf(t testing.TB, c *fixtures.Callback, kind string) *fixtures.Payload {
	t.Helper()
	seed := uint64(1)
	p, err := c.Payload(fixtures.PayloadOptions{Server: server, Seed: &seed, Message: kind})
	require.NoError(t, err)
	return p
}

// requestOf is the payload as a value of OpenIM's type, which has to have a
// field for every member.
func requestOf(t testing.TB, c *fixtures.Callback, p *fixtures.Payload) cb.CallbackReq {
	t.Helper()
	request := callOf(t, c).request()
	strict := json.NewDecoder(bytes.NewReader(p.Body))
	strict.DisallowUnknownFields()
	require.NoError(t, strict.Decode(request), c.Key)
	return request
}

// contextOf is the context of the operation that the payload reports.
func contextOf(p *fixtures.Payload) context.Context { return mcontext.NewCtx(p.OperationID) }

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
