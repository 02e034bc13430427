package run

import (
	"fmt"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// About says on stderr what OpenIM's log does not tell, once it is read.
func (j *Journal) About() {
	l := j.Log
	switch {
	case l == nil || j.failed != nil:
		return
	case j.used == 0 && j.bodiless == 0:
		j.note("%s: OpenIM's own log, and none of its %s is about a callback. %s", j.Name, words.Count(l.Records, "record"), j.why())
		return
	case l.Callbacks == 0:
		j.note("%s: OpenIM's own log, with failures only: what went well is not in it, nor are after callbacks. %s", j.Name, j.level())
	default:
		j.note("%s: OpenIM's own log, %d of its %s are about callbacks, the others are skipped", j.Name, l.Callbacks, words.Count(l.Records, "record"))
	}
	if j.NeedBody {
		if j.bodiless > 0 {
			j.note("%s can't be sent again: the log lacks the body", words.Count(j.bodiless, "request"))
		}
		return
	}
	j.note("it has no HTTP status and no headers; of a refusal it has code and text, of a reply that can't be read what OpenIM's reader said")
	if l.Unnamed > 0 {
		j.note("%s of callbacks do not say of which, and are left out", words.Count(l.Unnamed, "failure"))
	}
}

func (j *Journal) note(format string, args ...any) {
	fmt.Fprintf(j.app.Err, "imcb: note: "+format+"\n", args...)
}

// why says why a log may have no callback.
func (j *Journal) why() string {
	if j.Log.Records > j.Log.Failures {
		return "Its level would show them, so OpenIM sent none: `imcb lint` says which are on and what is filtered"
	}
	return j.level()
}

// level says how to make OpenIM log its callbacks.
func (j *Journal) level() string {
	const needed = "OpenIM logs each callback from level 4 on: set "
	const file = "remainLogLevel: 4 in config/log.yml"
	switch s := j.Log.Server; {
	case s == (validate.Server{}):
		return needed + inEnvironment + ", or " + file + " (main as one process reads that only), and restart it"
	case s.IgnoresEnvironment():
		return needed + file + ", and restart it"
	default:
		return needed + inEnvironment + ", or " + file + ", and restart it"
	}
}

const inEnvironment = "IMENV_LOG_REMAINLOGLEVEL=4 (openim-docker: LOG_LEVEL=4 in .env)"
