package webhooks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
)

// envPrefix is how OpenIM names the environment variables of webhooks.yml:
// IMENV_, the file's name in upper case, then the path of the setting with "_"
// for ".".
const envPrefix = "IMENV_WEBHOOKS_"

// Env returns the environment variables that make an OpenIM with its shipped
// webhooks.yml behave as if it had this file, one NAME=value each: the url and
// the settings of the callbacks that version v sends. OpenIM takes a setting
// from the environment only if its own file has it, too; lines that begin with
// "#" say what can't be set so. 3.5 and 3.6 read no such variables: nil.
func (f *File) Env(v fixtures.Version) []string {
	if formOf(v) == section {
		return nil
	}
	var lines []string
	if url := f.URL(); url != "" {
		lines = append(lines, envPrefix+"URL="+url)
	}
	for _, e := range f.entries(v) {
		on, _ := loadBool(e.read("enable", v), v)
		if on && e.callback != nil && keyIn(e.callback, v) != "" {
			lines = append(lines, envOf(&e, v)...)
		}
	}
	return lines
}

// envOf are the lines of one callback.
func envOf(e *entry, v fixtures.Version) []string {
	prefix := envPrefix + strings.ToUpper(keyIn(e.callback, v)) + "_"
	lines := []string{prefix + "ENABLE=true"}
	if seconds, l := loadSeconds(e.read("timeout", v), v); l.wrong == "" {
		lines = append(lines, prefix+"TIMEOUT="+strconv.FormatInt(seconds, 10))
	}
	if m := e.setting("failedContinue", v); m != nil && e.callback.Phase == fixtures.Before {
		goOn, _ := loadBool(m.value, v)
		lines = append(lines, prefix+"FAILEDCONTINUE="+strconv.FormatBool(goOn))
	}
	for _, name := range []string{"attentionIds", "deniedTypes", "allowedTypes"} {
		if hasSetting(name, e.callback.Phase, v) {
			lines = append(lines, envList(e, name, prefix, v)...)
		}
	}
	return lines
}

// envList is the line of a list: its items joined by commas, without brackets.
func envList(e *entry, name, prefix string, v fixtures.Version) []string {
	items, _ := loadList(e.read(name, v))
	shipped := shipsList(e.callback.Key, name, v)
	variable := prefix + strings.ToUpper(name)
	switch {
	case len(items) == 0 && shipped && v < fixtures.V383 && name == "attentionIds" && items == nil:
		return []string{fmt.Sprintf("# mount the file instead: the %s: [] of OpenIM %s's own file silences %s, and no variable can remove it", name, v, e.callback.Key)}
	case len(items) == 0:
		return nil
	case !shipped:
		return []string{fmt.Sprintf("# mount the file instead: %s has no effect, because OpenIM %s's own file has no %s there", variable, v, name)}
	case slices.ContainsFunc(items, func(item string) bool { return strings.Contains(item, ",") }):
		return []string{fmt.Sprintf("# mount the file instead: %s can't hold an item with a comma", variable)}
	default:
		return []string{variable + "=" + strings.Join(items, ",")}
	}
}

// shipsList reports whether version v's own webhooks.yml has the list.
func shipsList(key, name string, v fixtures.Version) bool {
	switch {
	case name == "attentionIds":
		return key == keySendSingleMsg && v >= fixtures.V380 || key == keySendGroupMsg && v == fixtures.Main
	case key == keySaveDB:
		return false
	default:
		return slices.Contains(filtered, key) && hasSetting(name, fixtures.Before, v)
	}
}
