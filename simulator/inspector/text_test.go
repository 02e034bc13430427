package inspector

import (
	"testing"

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
	assert.Equal(t, plain+144_000, newEntry(a).size)
}
