package cmd

import (
	"context"

	"github.com/imcb-dev/imcb/cmd/shell"
)

// lints are what is linted: the files, or what a running OpenIM has.
func (o *lintOptions) lints(ctx context.Context) ([]linted, error) {
	if len(o.files) > 0 {
		return o.targets(), nil
	}
	api, err := o.api.open(o.app.Streams)
	if err != nil {
		return nil, err
	}
	defer api.Sender.Close()
	if _, err := api.Login(ctx); err != nil {
		return nil, accessError(err)
	}
	settings, why := api.ReadSettings(ctx)
	if settings == nil {
		return nil, shell.Usagef("%s: name the file instead\n  imcb lint webhooks.yml", why)
	}
	one := linted{name: settings.Webhooks.Name, server: o.server, file: settings.Webhooks, lint: settings.Webhooks.Lint}
	if server, ok := settings.Server(); ok && !o.app.Given["server"] {
		one.server = server
	}
	return []linted{one}, nil
}
