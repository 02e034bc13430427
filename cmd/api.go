package cmd

import (
	"cmp"
	"errors"
	"net/url"
	"strings"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/simulator/trigger"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
)

// apiFlags say where OpenIM's API is, and how to get in.
type apiFlags struct {
	url, socket, secret, admin string
	insecure                   bool
	caCert                     string
}

// add adds the flags; standard is the default of --api.
func (f *apiFlags) add(c *cobra.Command, standard string) {
	flags := c.Flags()
	flags.StringVar(&f.url, "api", standard, "`URL` of OpenIM's REST API, port 10002 as shipped")
	flags.StringVar(&f.secret, "secret", "", "the `secret` of OpenIM's share.yml; @file reads a file, - stdin (default: the shipped one)")
	flags.StringVar(&f.admin, "admin", trigger.DefaultAdmin, "one of share.yml's administrators, a `user` id")
	flags.BoolVarP(&f.insecure, "insecure", "k", false, "accept any TLS certificate of the API")
	flags.StringVar(&f.caCert, "cacert", "", "trust the certificate authorities in this PEM `file`")
}

// open returns the API. Errors are of usage.
func (f *apiFlags) open(s shell.Streams) (*trigger.API, error) {
	u, err := url.Parse(f.url)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, shell.Usagef("--api %q is not a URL like %s", validate.MaskText(f.url), trigger.DefaultAPI)
	}
	secret := f.secret
	if file, ok := strings.CutPrefix(secret, "@"); ok || secret == "-" {
		text, _, err := s.ReadInput(cmp.Or(file, "-"))
		if err != nil {
			return nil, shell.Usagef("--secret: %w", err)
		}
		secret = strings.TrimSpace(string(text))
	}
	to := run.TargetFlags{Insecure: f.insecure, CACert: f.caCert}
	sender, err := to.Sender(s)
	if err != nil {
		return nil, err
	}
	return trigger.NewAPI(trigger.API{
		URL: strings.TrimSuffix(f.url, "/"), Socket: f.socket, Secret: cmp.Or(secret, trigger.DefaultSecret), Admin: f.admin, Sender: sender,
	}), nil
}

// accessError gives an error of the API its exit code.
func accessError(err error) error {
	failed, ok := errors.AsType[*trigger.Error](err)
	switch {
	case !ok:
		return err
	case failed.Unreachable:
		return shell.Unreachablef("%w\n  --api takes the address of OpenIM's REST API, port 10002 as shipped", err)
	default:
		return shell.Usagef("%w\n  --secret takes the secret of share.yml, --admin one of its administrators", err)
	}
}
