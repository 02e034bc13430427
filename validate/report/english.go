package report

import "github.com/imcb-dev/imcb/fixtures/words"

// english has what reports say of results and runs beside their findings.
var english = words.NewTable(map[string]string{
	// What OpenIM does.
	"unknown":       "what decided is not recorded",
	"dropped":       "OpenIM drops it; no client is told",
	"notice":        "the operation succeeds, its notice ({notice}) is lost",
	"notice.told":   "the operation is done, its notice ({notice}) is lost, and the client sees {client}",
	"refused":       "OpenIM refuses; the client sees {client}",
	"failed":        "OpenIM does not do it; the client sees {client}",
	"panics":        "OpenIM's handler panics; the client sees {client}{unless}",
	"panics.unseen": "OpenIM's handler panics; no client is told",
	"panics.unless": "; if {condition}, OpenIM goes on{with}",
	"late":          "it has already happened, yet the client sees {client}",
	"late.nothing":  "none: it has already happened",
	"goes-on":       "OpenIM goes on{with}",
	"with":          " with {fields} of the reply",

	// What the client sees.
	"client":         "errCode {code}{message}{detail}",
	"client.success": "errCode 0{message}{detail}, success",
	"client.status":  "HTTP status {code} and no body",
	"client.message": ` "{text}"`,
	"client.detail":  " ({text})",

	// What became of a callback's requests.
	"requests":     "{n} {n|request|requests}, {well} well",
	"requests.all": "{n} {n|request|requests}",
	"when":         "{differs}{also}",
	"when.also":    "; and {n} more: {names}",

	// What several results have in common.
	"shared":   "{n} share this: {names}",
	"fix.long": "the reply has {n} bytes; -v shows it",
	"again":    "-v shows for each the line that sends its request again",

	// What counts in a run.
	"contract": ", contract: {contract}",

	// What became of a run.
	"run":             "{verdict}{requests}{skipped}{interrupted}{planned}",
	"run.requests-of": "{results} ({n} requests)",
	"run.requests":    "; the requests were not judged",
	"run.skipped":     "; {n} skipped",
	"run.interrupted": "; interrupted",
	"run.planned":     ": {n} of {planned}",
	"run.nothing":     "nothing was checked",
	"run.not-sent":    "{results} not sent",
	"run.broken":      "{results}: {found}",
	"run.kept":        "{results} keep the contract{of}{found}",
	"run.kept-one":    "{results} keeps the contract{of}{found}",
	"run.unseen":      "{results} called for; what the receiver replied was not seen{found}",
	"run.documents":   " of the documents",
	"run.server":      " of the server",
	"run.found":       " ({found})",
})

var say = english.Say
