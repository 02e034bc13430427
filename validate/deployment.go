package validate

import (
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
)

// Deployment is how an OpenIM runs. It makes no difference to what is sent,
// only to what becomes of the replies.
type Deployment string

const (
	// Services means that each part of OpenIM is a process of its own, and errors pass
	// between them through gRPC.
	Services Deployment = "services"
	// OneProcess means that all parts are one process. Only main runs so.
	OneProcess Deployment = "one-process"
)

// Server is the OpenIM whose behavior a verdict predicts.
type Server struct {
	// Release is fixtures.DefaultRelease when it is unset.
	Release fixtures.Release `json:"release"`
	// Deployment is Services when it is unset, or when the release does not run
	// like that.
	Deployment Deployment `json:"deployment,omitempty"`
	// Asked is what was asked for, where that is not Release's own name: "3.8.2",
	// which 3.8.1 stands for.
	Asked string `json:"asked,omitempty"`
}

// On is the server of a release, in its usual deployment.
func On(v fixtures.Release) Server { return Server{Release: v}.OrDefault() }

// ParseServer reads the name of a release as fixtures.ParseRelease does, and
// keeps it where the release has another.
func ParseServer(name string) (Server, error) {
	release, err := fixtures.ParseRelease(name)
	if err != nil {
		return Server{}, err
	}
	s := On(release)
	if asked := strings.TrimPrefix(strings.TrimSpace(name), "v"); asked != release.String() {
		s.Asked = asked
	}
	return s, nil
}

// OrDefault returns s with what is unset filled in.
func (s Server) OrDefault() Server {
	s.Release = s.Release.OrDefault()
	if _, ok := behaviors[deployed{s.Release, s.Deployment}]; !ok {
		s.Deployment = Services
	}
	return s
}

// String names the release and, where it is not the usual one, the deployment.
func (s Server) String() string {
	if s.Deployment == OneProcess {
		return s.Release.String() + " (one process)"
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

// RefusesWithSuccess reports whether the client is told of a refusal with
// errCode 0 that it succeeded.
func (s Server) RefusesWithSuccess() bool {
	b := s.behavior()
	return !b.dropsRefusal && b.coded(codedError{}).ErrCode == 0
}
