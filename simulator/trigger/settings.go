package trigger

import (
	"context"
	"net"
	"net/url"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/tidwall/gjson"
)

// Settings are what the server says of itself.
type Settings struct {
	// Webhooks are what it has of webhooks.yml.
	Webhooks *webhooks.File
	// Version is its own name for itself.
	Version string
	// Environment is what it runs in, by its own name: "source", "docker" …
	Environment string
	// OneProcess: all its parts are one process.
	OneProcess bool
}

// ReadSettings asks the server for its settings. Nil: it has no API for that,
// or does not let this user; why says which.
func (a *API) ReadSettings(ctx context.Context) (s *Settings, why words.Text) {
	list := a.post(ctx, operations().Settings.List, a.tokens[""])
	if !list.ok() {
		return nil, say("settings.none", "path", operations().Settings.List.Path, "status", list.status, "code", list.ErrCode)
	}
	text := a.config(ctx, "webhooks.yml").String()
	file, err := webhooks.ParseServed(a.URL+operations().Settings.Get.Path, []byte(text))
	if err != nil {
		return nil, say("settings.broken", "error", err)
	}
	discovery := gjson.Parse(a.config(ctx, "discovery.yml").String())
	gateway := gjson.Parse(a.config(ctx, "openim-msggateway.yml").String())
	if port := gateway.Get("LongConnSvr.Ports.0"); port.Exists() && a.Socket == "" {
		a.Socket = withPort(a.socketURL(), port.String())
	}
	return &Settings{
		Webhooks: file, Version: list.data.Get("version").String(), Environment: list.data.Get("environment").String(),
		OneProcess: discovery.Get("Enable").String() == "standalone",
	}, words.Text{}
}

// Contained reports whether the server says that it runs in a container.
func (s *Settings) Contained() bool { return s.Environment != "" && s.Environment != "source" }

// config is one of the server's configuration files, a JSON text.
func (a *API) config(ctx context.Context, name string) gjson.Result {
	return a.post(ctx, operations().Settings.Get.filled(map[string]string{"name": name}), a.tokens[""]).data
}

func withPort(address, port string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Host = net.JoinHostPort(u.Hostname(), port)
	return u.String()
}

// Server is the OpenIM that the settings are of. Not ok: imcb does not know its
// name.
func (s *Settings) Server() (server validate.Server, ok bool) {
	server, err := validate.ParseServer(s.Version)
	if err != nil {
		return server, false
	}
	if !s.OneProcess {
		server.Deployment = validate.Services
	}
	return server.OrDefault(), true
}

func (s *Session) readSettings(ctx context.Context) {
	settings, why := s.API.ReadSettings(ctx)
	if settings == nil {
		s.steps = append(s.steps, validate.Step{Name: "settings", Text: why, State: validate.StepOpen})
		return
	}
	s.Settings = settings
	if server, ok := settings.Server(); ok && s.Judging.Options.Server == (validate.Server{}) {
		s.Judging.Options.Server = server
	}
	on := settings.Webhooks.SwitchedOn(s.Judging.Server().Release)
	s.step("settings", true, say("settings", "version", settings.Version, "n", len(on), "url", settings.Webhooks.URL()))
}
