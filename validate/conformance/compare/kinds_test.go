package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
)

// Each kind of message that imcb sends is one of some server; "face" is of the
// clients alone.
func TestMessageKindsAreKnown(t *testing.T) {
	var unknown []string
	for _, k := range fixtures.MessageKinds() {
		if !strings.Contains("\n"+knownTypes, fmt.Sprintf("\n%d ", k.Code)) {
			unknown = append(unknown, k.Name)
		}
	}
	assert.Equal(t, []string{"face"}, unknown)
}
