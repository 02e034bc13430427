package inspector

// Counts is Arrived since the last reset and without what was forgotten.
func (i *Inspector) Counts() Counts {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.counts.all(func(t *tally) int { return t.current })
}
