package validate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// Deployment is how an OpenIM runs. It makes no difference to what is sent,
// only to what becomes of the replies and to where settings are read.
type Deployment string

const (
	// Services means that each part of OpenIM is a process of its own, and errors pass
	// between them through gRPC.
	Services Deployment = "services"
	// OneProcess means that all parts are one process. A release that can run so
	// does unless it is told otherwise.
	OneProcess Deployment = "one-process"
)

// Server is the OpenIM whose behavior a verdict predicts.
type Server struct {
	// Release is fixtures.DefaultRelease when it is unset.
	Release fixtures.Release `json:"release"`
	// Deployment is the release's usual one when it is unset, or when the release
	// does not run like that.
	Deployment Deployment `json:"deployment,omitempty"`
	// Asked is what was asked for, where that is another release that this one
	// stands for: "3.8.4".
	Asked string `json:"asked,omitempty"`
}

// On is the server of a release, in its usual deployment.
func On(v fixtures.Release) Server { return Server{Release: v}.OrDefault() }

// Servers returns the covered releases in each of their deployments, oldest
// first and the usual one before the other.
func Servers() []Server {
	var all []Server
	for _, v := range fixtures.Releases() {
		if all = append(all, On(v)); usual(v) != Services {
			all = append(all, Server{Release: v, Deployment: Services})
		}
	}
	return all
}

// ServerNames returns the names of Servers.
func ServerNames() []string { return words.Names(Servers(), Server.String) }

// NewestServer is a name for the newest stable release, whichever that is.
const NewestServer = "newest"

// ParseServer reads the name of one of Servers, or NewestServer. Another 3.x.y
// is the covered release that it behaves as, which keeps what was asked. The
// error says what to write.
func ParseServer(name string) (Server, error) {
	asked := strings.TrimPrefix(strings.TrimSpace(name), "v")
	if asked == NewestServer {
		return Server{}.OrDefault(), nil
	}
	if i := slices.Index(ServerNames(), asked); i >= 0 {
		return Servers()[i], nil
	}
	release, err := fixtures.ParseRelease(name)
	if err != nil {
		return Server{}, noServer(name, err)
	}
	s := On(release)
	if !release.Is(asked) {
		s.Asked = asked
	}
	return s, nil
}

// noServer adds to err, why name is none, the names that are like it, or else the
// range of those that there are.
func noServer(name string, err error) error {
	stable := slices.Index(ServerNames(), fixtures.DefaultRelease.String())
	names := append(ServerNames(), NewestServer)
	if _, unknown := errors.AsType[*words.UnknownError](err); unknown {
		if near := words.Unknown("OpenIM version", name, names); len(near.Near) > 0 {
			return near
		}
	}
	return fmt.Errorf("%w: use %s or a version from %s to %s", err, strings.Join(names[stable+1:], ", "), names[0], names[stable])
}

// OrDefault returns s with what is unset filled in.
func (s Server) OrDefault() Server {
	s.Release = s.Release.OrDefault()
	if behaviors[deployed{s.Release, s.Deployment}] == nil {
		s.Deployment = usual(s.Release)
	}
	return s
}

// Title is String, with what was asked for where that is another release:
// "3.8.3-patch.9 (judged as 3.8.3-patch.5)".
func (s Server) Title() string {
	if s.Asked == "" {
		return s.String()
	}
	return s.Asked + " (judged as " + s.String() + ")"
}

// usual is how a release runs where nobody asks otherwise.
func usual(v fixtures.Release) Deployment {
	if behaviors[deployed{v, OneProcess}] != nil {
		return OneProcess
	}
	return Services
}

// String names the release and, where it is not the usual one, the deployment:
// "main", "main-services".
func (s Server) String() string {
	if s.Deployment == Services && usual(s.Release) != Services {
		return s.Release.String() + "-" + string(Services)
	}
	return s.Release.String()
}

func (s Server) behavior() *behavior {
	s = s.OrDefault()
	return behaviors[deployed{s.Release, s.Deployment}]
}

// DropsRefusals reports whether a refusal is logged and the operation goes on.
func (s Server) DropsRefusals() bool { return s.behavior().dropsRefusal }

// RefusesByActionCode reports whether an actionCode other than 0 refuses.
// Elsewhere it cancels a refusal.
func (s Server) RefusesByActionCode() bool { return s.behavior().refuses(1, 0) }

// ReadsFailedContinue reports whether failedContinue has an effect.
func (s Server) ReadsFailedContinue() bool { return s.behavior().readsFailedContinue }

// Other is the same release in its other deployment, which sends the same. Not
// ok: it runs in one way only.
func (s Server) Other() (other Server, ok bool) {
	for _, other = range Servers() {
		if other.Release == s.OrDefault().Release && other.Deployment != s.OrDefault().Deployment {
			return other, true
		}
	}
	return Server{}, false
}

// IgnoresEnvironment reports whether the variables IMENV_… have no effect,
// although the release has them.
func (s Server) IgnoresEnvironment() bool { return s.behavior().ignoresEnvironment }

// RefusesWithSuccess reports whether the client is told of a refusal with
// errCode 0 that it succeeded.
func (s Server) RefusesWithSuccess() bool {
	b := s.behavior()
	return !b.dropsRefusal && b.coded(codedError{}).ErrCode == 0
}

// UnderLoad says what becomes of a callback when many operations happen at once
// and the receiver is slow. None: the server does not send it.
func (s Server) UnderLoad(c *fixtures.Callback) []words.Text {
	s = s.OrDefault()
	if !c.SentBy(s.Release) {
		return nil
	}
	wire := s.Release.Wire()
	if c.Phase == fixtures.After && wire.Queue.Exists() {
		return queued(wire)
	}
	texts := []words.Text{say("load.waits", "most", fixtures.Connections)}
	if n := wire.Load.Starved; n > 0 {
		texts = append(texts, say("load.starved", "n", n))
	}
	if c.Group == "push" && s.behavior().pushesInTurn {
		texts = append(texts, say("load.push"))
	}
	return texts
}

// queued says what becomes of after callbacks that come from a queue.
func queued(wire fixtures.Wire) []words.Text {
	q := wire.Queue
	texts := []words.Text{say("load.queue", "workers", q.Workers, "slots", q.Slots, "wait", q.Wait)}
	if seen := wire.Load; seen.Lost > 0 {
		texts = append(texts, say("load.lost", "lost", seen.Lost, "held", seen.Held, "wait", q.Wait))
	}
	return texts
}

// slowHint says what a reply that took so long does to others.
func (p *pass) slowHint(took time.Duration) words.Text {
	if q := p.judge.opts.Server.Release.Wire().Queue; !p.before() && q.Exists() {
		return say("hint.slow-queue", "workers", q.Workers, "slots", q.Slots, "took", took)
	}
	return say("hint.slow", "most", fixtures.Connections)
}
