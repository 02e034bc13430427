// Package webhooks reads OpenIM's own callback settings, webhooks.yml since
// 3.7 and the callback section of config.yaml in 3.5 and 3.6, and says what
// they make an OpenIM version do: which callbacks it sends, where to, how long
// it waits, which messages it leaves out, and what in the file won't load, has
// no effect or does something else than it seems to.
//
// The words:
//
//   - An entry is one callback's block in the file: a key with its settings.
//   - A setting is a line in it: enable, timeout, failedContinue, attentionIds,
//     deniedTypes, allowedTypes.
//   - A rule is one thing that can be wrong with a file; a finding is one breach
//     of it, with the line that breaks it.
//
// The package does no I/O. It reads YAML with yaml.v3, as OpenIM does. How values
// load from there was tried with the libraries that OpenIM loads them with: viper
// 1.18.2 and mapstructure 1.5.0 for 3.7 and later, yaml.v3 before.
package webhooks
