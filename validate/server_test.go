package validate

import (
	"maps"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
)

func TestMissingBehaviorPanics(t *testing.T) {
	rows := maps.Clone(behaviors)
	assert.True(t, mustHaveRows(rows))
	delete(rows, deployed{fixtures.V381, Services})
	assert.PanicsWithValue(t, "validate: release 3.8.1 has no row in behaviors", func() { mustHaveRows(rows) })
}
