package deployment

import (
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

var logRules = []*rule{
	newRule("lint-log-level", validate.Note, sourceServers, "a log level at which callbacks that succeed leave no line", (*pass).logLevel),
	newRule("lint-log-value", validate.Error, sourceLoader, "a log variable with a value that OpenIM can't read", (*pass).logValue),
	newRule("lint-log-name", validate.Warning, sourceServers, "a log variable that OpenIM does not know", (*pass).logName),
}

const (
	logPrefix = "IMENV_LOG_"
	// callbackLevel is the lowest level that has a line for each callback.
	callbackLevel = 4
)

// logSettings are those of log.yml, and how they are read; nil: any text.
var logSettings = map[string]func(string) error{
	"STORAGELOCATION": nil, "ROTATIONTIME": isNumber, "REMAINROTATIONCOUNT": isNumber, "REMAINLOGLEVEL": isNumber,
	"ISSTDOUT": isFlag, "ISJSON": isFlag, "ISSIMPLIFY": isFlag, "WITHSTACK": isFlag,
}

func isNumber(text string) error {
	_, err := strconv.ParseUint(text, 0, 32)
	return err
}

func isFlag(text string) error {
	_, err := strconv.ParseBool(text)
	return err
}

func (p *pass) logLevel() {
	for _, v := range p.variables {
		level, err := strconv.ParseUint(v.Value, 0, 32)
		if v.Name == logPrefix+"REMAINLOGLEVEL" && err == nil && level < callbackLevel && !p.Server.IgnoresEnvironment() {
			p.report(v.Origin, say("log-level", "level", level), say("log-level.hint", "level", callbackLevel))
		}
	}
}

func (p *pass) logValue() {
	for _, v := range p.variables {
		check := logSettings[strings.TrimPrefix(v.Name, logPrefix)]
		if isLog(v.Name) && check != nil && v.Value != "" && check(v.Value) != nil && !p.Server.IgnoresEnvironment() {
			p.report(v.Origin, say("log-value", "server", p.Server, "value", short(v.Value)), say("log-value.hint")).Fatal = true
		}
	}
}

func (p *pass) logName() {
	var known []string
	for name := range logSettings {
		known = append(known, logPrefix+name)
	}
	slices.Sort(known)
	for _, v := range p.variables {
		if !isLog(v.Name) || slices.Contains(known, v.Name) {
			continue
		}
		hint := say("log-name.hint-none")
		if near := words.Nearest(v.Name, known); len(near) > 0 {
			hint = say("log-name.hint", "names", near)
		}
		p.report(v.Origin, say("log-name", "name", short(v.Name)), hint)
	}
}
