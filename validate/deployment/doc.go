// Package deployment reads how an OpenIM is deployed (the files of a Compose
// project, Kubernetes manifests) and says what the callback settings come to
// there: the webhooks.yml that an OpenIM container has, its own or a mounted one,
// under the variables of its environment. Package webhooks has the rules for
// that; the rules here are about what never reaches the container, and about the
// network between it and the receiver.
//
// The words:
//
//   - A container is a service of Compose or a container of a Kubernetes workload.
//   - A program is what OpenIM calls the executable in it: openim-server (all
//     parts), openim-rpc-msg, openim-chat …
//   - A variable is one of a container's environment, as Compose or Kubernetes
//     makes it.
//
// Placeholders and .env files are read by Compose's own code
// (compose-spec/compose-go: packages template and dotenv); what several files and
// forms of Compose come to is read here, with the line of each value, and compared
// with Compose's loader in the module composetest. The package does no I/O:
// its caller reads files for it. The variables of the caller's own environment,
// which Compose would take, too, are left out: they must be given as a file.
package deployment
