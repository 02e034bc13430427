package conformance

import (
	"os"
	"testing"

	"github.com/openimsdk/tools/log"
)

// TestMain keeps OpenIM's client from printing each request and reply. Versions
// that print nothing of themselves run without this file.
func TestMain(m *testing.M) {
	if err := log.InitLoggerFromConfig("conformance", "", "", "", log.LevelFatal, true, false, os.DevNull, 1, 24, "", false); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
