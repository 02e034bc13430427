package inspector

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

func TestFindingsCountAsMemory(t *testing.T) {
	a := &simulator.Arrival{}
	plain := newEntry(a).size
	a.Differs = make([]validate.Finding, 1000)
	assert.EqualValues(t, 1000*unsafe.Sizeof(validate.Finding{}), newEntry(a).size-plain)
}
