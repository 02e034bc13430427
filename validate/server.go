package validate

import (
	"fmt"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// behavior is what one release, deployed in one way, does with replies. The table behaviors
// is the one place where versions differ in how they judge; what differs in
// the fields that they read is data (fixtures).
type behavior struct {
	// refuses tells a refusal from the two codes of a reply that was read.
	refuses func(actionCode, nextCode int32) bool
	// dropsRefusal: a refusal is logged, then the operation goes on.
	dropsRefusal bool
	// readsFailedContinue: with failedContinue true, an unusable reply lets
	// the operation go on. Later versions parse the setting and never read it.
	readsFailedContinue bool
	// afterRefusal and afterFailure: the client of an after callback is told
	// of a refusal, of an unusable reply, although the change is committed.
	afterRefusal, afterFailure bool
	// coded and network say how the API reports a coded error (a refusal, or
	// 90007) and a network error (90004).
	coded   func(codedError) Client
	network func(networkError) Client
	// namesEmbedded: the decoder names the struct that the common fields are
	// embedded from, as Go 1.24 and later do. The official images were built with
	// Go 1.20 (3.5 to 3.7), 1.21 (3.8.0, 3.8.1) and 1.22 (up to 3.8.3-patch.15);
	// 3.8.3-patch.16 asks for 1.25 in its go.mod, main takes the newest.
	namesEmbedded bool
	// dataErrorGap stands between the decoder's text and the server's own.
	dataErrorGap string
	// crash is what becomes of a handler that panics.
	crash crash
	// notFound is what an operation on a group that does not exist tells.
	notFound Client
	// objectContent: beforeMsgModify's content must hold a JSON object.
	objectContent bool
	// groupReceivers: what becomes of beforeOfflinePush's userIDList when the
	// message went to no group.
	groupReceivers receivers
	// pushesInTurn: push callbacks come one after another, whatever they are about.
	pushesInTurn bool
	// ignoresEnvironment: settings come from files alone.
	ignoresEnvironment bool
	// trimsGroupName: blanks are an empty group name for set_group_info_ex.
	trimsGroupName bool
}

// receivers is what becomes of a list of receivers.
type receivers int

const (
	receiversTaken receivers = iota
	receiversDiscarded
	receiversCrash
)

// Sources: open-im-server at each tag, pkg/callbackstruct/common.go (Parse)
// and the webhook client; openimsdk/tools at the version of its go.mod, mw
// (what becomes of errors). Checked against running servers.
var behaviors = map[deployed]*behavior{
	{fixtures.V35, Services}: {
		refuses: anyCode, readsFailedContinue: true, afterRefusal: true, afterFailure: true,
		coded: codeInDetail, network: plainNetworkError, notFound: bareNotFound, crash: processDies, groupReceivers: receiversDiscarded,
	},
	{fixtures.V36, Services}: {
		refuses: anyCode, dropsRefusal: true, readsFailedContinue: true, afterFailure: true,
		coded: codeInDetail, network: stagedNetworkError, notFound: bareNotFound, crash: processDies, groupReceivers: receiversDiscarded,
	},
	{fixtures.V37, Services}: &until381, {fixtures.V380, Services}: &until381, {fixtures.V381, Services}: &until381,
	{fixtures.V382, Services}: {
		refuses: zeroAndOne,
		coded:   codeInBoth, network: sentenceNetworkError, dataErrorGap: " ", notFound: twiceNotFound, crash: processDies,
	},
	// The tag as it has stood since 2025-01-14 (cb4ac1996). The module proxy has
	// an earlier commit, with other texts.
	{fixtures.V383, Services}: {
		refuses: zeroAndOne,
		coded:   asReplied, network: stackNetworkError, dataErrorGap: " ", notFound: mongoNotFound, crash: processDies,
	},
	{fixtures.V383Patch1, Services}: {
		refuses: zeroAndOne,
		coded:   asReplied, network: namedNetworkError, dataErrorGap: " ", notFound: causeNotFound, crash: crashReported,
	},
	{fixtures.V383Patch3, Services}: {
		refuses: zeroAndOne,
		coded:   asReplied, network: namedNetworkError, dataErrorGap: " ", notFound: causeNotFound, crash: crashReported, trimsGroupName: true,
	},
	{fixtures.V383Patch5, Services}: {
		refuses: zeroAndOne,
		coded:   asReplied, network: causeNetworkError, dataErrorGap: " ", notFound: causeNotFound, crash: crashReported, trimsGroupName: true,
	},
	{fixtures.V383Patch16, Services}: {
		refuses: zeroAndOne, namesEmbedded: true,
		coded: asReplied, network: causeNetworkError, dataErrorGap: " ", notFound: causeNotFound, crash: crashReported, trimsGroupName: true,
	},
	{fixtures.Main, Services}: {
		refuses: zeroAndOne, namesEmbedded: true,
		coded: throughGRPC, network: causeNetworkError, dataErrorGap: " ", notFound: plainNotFound, crash: crashRecovered, objectContent: true, trimsGroupName: true,
	},
	{fixtures.Main, OneProcess}: {
		refuses: zeroAndOne, namesEmbedded: true,
		coded: unchanged, network: causeNetworkError, dataErrorGap: " ", notFound: uncodedNotFound, crash: requestDies, objectContent: true, trimsGroupName: true, ignoresEnvironment: true, pushesInTurn: true,
	},
}

// until381 is what 3.7 to 3.8.1 do.
var until381 = behavior{
	refuses: zeroAndOne,
	coded:   codeInBoth, network: sentenceNetworkError, dataErrorGap: " ", notFound: twiceNotFound, crash: processDies, groupReceivers: receiversCrash,
}

// deployed is the place of a behavior: a release as it runs.
type deployed struct {
	release    fixtures.Release
	deployment Deployment
}

var _ = mustHaveRows(behaviors)

// mustHaveRows panics where a release has no row: at the start of every program.
func mustHaveRows(rows map[deployed]*behavior) bool {
	for _, v := range fixtures.Releases() {
		if rows[deployed{v, Services}] == nil {
			panic(fmt.Sprintf("validate: release %s has no row in behaviors", v))
		}
	}
	return true
}

// What the clients of running servers were told when group "" was not
// found, 3.8.3 and main in both deployments. The rest is by the sources: of the error's text, 3.5
// and 3.6 send the detail, 3.7 to 3.8.1 send it twice.
var (
	bareNotFound  = Client{1004, "RecordNotFoundError", "mongo: no documents in result"}
	twiceNotFound = Client{1004, noDocuments, noDocuments}
	mongoNotFound = Client{1004, "RecordNotFoundError", "mongo find one"}
	causeNotFound = Client{1004, "RecordNotFoundError", "mongo: no documents in result mongo find one"}
	plainNotFound = Client{1004, "RecordNotFoundError", ""}
	// uncodedNotFound is main's as one process: the database's error has no code.
	uncodedNotFound = Client{500, "ServerInternalError", "mongo: no documents in result"}
)

const noDocuments = "mongo find one: mongo: no documents in result"

// anyCode is how 3.5 and 3.6 read a refusal.
func anyCode(actionCode, nextCode int32) bool { return actionCode != 0 || nextCode == 1 }

// zeroAndOne is how 3.7 and later read it: an actionCode other than 0 cancels
// the refusal.
func zeroAndOne(actionCode, nextCode int32) bool { return actionCode == 0 && nextCode == 1 }

// crash is what becomes of a handler that panics.
type crash struct {
	// effect in words, for findings.
	effect words.Text
	client Client
}

var (
	processDies = crash{
		effect: say("crash.process"),
		client: Client{14, "error reading from server: EOF", ""},
	}
	crashReported = crash{
		effect: say("crash.reported"),
		client: Client{2, "Error: 500 panic error " + nilPointer + " | -> …", ""},
	}
	crashRecovered = crash{
		effect: say("crash.recovered"),
		client: Client{500, "panic error", nilPointer},
	}
	// requestDies: what the client gets has no errCode but the HTTP status.
	requestDies = crash{
		effect: say("crash.unanswered"),
		client: Client{500, "", ""},
	}
)

const nilPointer = "runtime error: invalid memory address or nil pointer dereference"
