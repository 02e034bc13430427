package inspector

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func kept(s *store) []uint64 {
	ids := []uint64{}
	for _, e := range s.newer(0, len(s.entries)) {
		ids = append(ids, e.id)
	}
	return ids
}

func fill(s *store, sizes ...int64) {
	for _, size := range sizes {
		s.add(&entry{size: size})
	}
}

func TestStoreKeepsTheNewestByCount(t *testing.T) {
	s := store{keep: 3, keepBytes: 1000}
	fill(&s, 1, 1, 1, 1, 1)
	assert.Equal(t, []uint64{3, 4, 5}, kept(&s))
	assert.Equal(t, []any{3, int64(3), uint64(2), uint64(2)}, []any{len(s.entries), s.bytes, s.dropped, s.evicted})
	assert.Nil(t, s.get(2))
	assert.Nil(t, s.get(6))
	assert.Nil(t, s.get(0))
	assert.Equal(t, uint64(4), s.get(4).id)
}

func TestStoreKeepsTheNewestByBytes(t *testing.T) {
	s := store{keep: 100, keepBytes: 100}
	fill(&s, 40, 40, 40)
	assert.Equal(t, []uint64{2, 3}, kept(&s))
	fill(&s, 90)
	assert.Equal(t, []uint64{4}, kept(&s))
	fill(&s, 500) // one is kept whatever its size
	assert.Equal(t, []uint64{5}, kept(&s))
	assert.Equal(t, []any{1, int64(500), uint64(4)}, []any{len(s.entries), s.bytes, s.dropped})
}

func TestStoreForgets(t *testing.T) {
	s := store{keep: 4, keepBytes: 1000}
	assert.Nil(t, s.remove(1))
	fill(&s, 1, 1, 1, 1)
	assert.NotNil(t, s.remove(2))
	assert.Nil(t, s.remove(2))
	assert.Equal(t, []uint64{1, 3, 4}, kept(&s))
	assert.NotNil(t, s.remove(1))
	assert.Equal(t, []uint64{3, 4}, kept(&s))
	fill(&s, 1, 1)
	assert.Equal(t, []uint64{3, 4, 5, 6}, kept(&s))
	assert.Zero(t, s.dropped, "what was forgotten was not pushed out")
	assert.NotNil(t, s.remove(6))
	assert.Equal(t, []uint64{3, 5}, []uint64{s.oldest(), s.newest()})
	s.empty()
	assert.Empty(t, kept(&s))
	assert.Equal(t, []any{0, int64(0), uint64(0), uint64(0)}, []any{len(s.entries), s.bytes, s.oldest(), s.newest()})
	fill(&s, 1)
	assert.Equal(t, []uint64{7}, kept(&s), "ids are never used again")
}

func TestStoreOfRemovedOnly(t *testing.T) {
	s := store{keep: 3, keepBytes: 1000}
	fill(&s, 1, 1, 1)
	for id := uint64(3); id > 0; id-- {
		assert.NotNil(t, s.remove(id))
	}
	assert.Equal(t, []any{0, int64(0)}, []any{len(s.entries), s.bytes})
	fill(&s, 1, 1, 1, 1)
	assert.Equal(t, []uint64{5, 6, 7}, kept(&s))
}

func TestStoreListsFromAnyPlace(t *testing.T) {
	s := store{keep: 5, keepBytes: 1000}
	fill(&s, 1, 1, 1, 1, 1, 1, 1) // 3 to 7
	for _, c := range []struct {
		after uint64
		limit int
		want  []uint64
	}{
		{0, 9, []uint64{3, 4, 5, 6, 7}}, {2, 9, []uint64{3, 4, 5, 6, 7}}, {3, 9, []uint64{4, 5, 6, 7}}, {3, 2, []uint64{4, 5}},
		{7, 9, []uint64{}}, {8, 9, []uint64{}}, {^uint64(0), 9, []uint64{}},
	} {
		ids := []uint64{}
		for _, e := range s.newer(c.after, c.limit) {
			ids = append(ids, e.id)
		}
		assert.Equal(t, c.want, ids, "after %d", c.after)
	}
}

// TestStoreAgainstAModel compares the store with a list that keeps all through
// a long series of additions and removals.
func TestStoreAgainstAModel(t *testing.T) {
	s := store{keep: 7, keepBytes: 60}
	model, holes := []*entry{}, map[uint64]bool{}
	for step := range uint64(5000) {
		if step%5 == 3 {
			id := s.oldest() + step*7%11
			if s.remove(id) != nil {
				holes[id] = true
			}
		} else {
			fill(&s, int64(step*13%23))
			model = append(model, s.get(s.last))
		}
		want, bytes := []uint64{}, int64(0)
		for _, e := range model {
			if e.id > s.evicted && !holes[e.id] {
				want, bytes = append(want, e.id), bytes+e.size
			}
		}
		if !assert.Equal(t, want, kept(&s), "step %d", step) || !assert.Equal(t, bytes, s.bytes) {
			return
		}
		assert.LessOrEqual(t, len(s.entries), 7)
		assert.Len(t, want, len(s.entries))
		if len(s.entries) > 1 {
			assert.LessOrEqual(t, s.bytes, int64(60))
		}
	}
}
