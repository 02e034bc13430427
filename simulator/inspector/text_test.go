package inspector

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

func TestTextIsFoundAcrossPieces(t *testing.T) {
	for _, at := range []int{0, foldPiece - 3, foldPiece - 1, foldPiece, 3*foldPiece - 2} {
		text := make([]byte, 4*foldPiece)
		copy(text[at:], "NeedLE")
		assert.True(t, containsFold(text, []byte("needle")), at)
		assert.False(t, containsFold(text, []byte("needles")), at)
	}
}

func TestFindingsCountAsMemory(t *testing.T) {
	a := &simulator.Arrival{}
	plain := newEntry(a).size
	a.Differs = make([]validate.Finding, 1000)
	assert.EqualValues(t, 1000*unsafe.Sizeof(validate.Finding{}), newEntry(a).size-plain)
}
