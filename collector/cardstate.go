package collector

import (
	"time"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/platform"
)

// cardState is how a card is at one moment.
type cardState struct {
	exposition.Card
	view
	served bool
	fresh  bool // its own answer is younger than max_age
}

// stateAt returns how the card is at a moment.
func (c *card) stateAt(now time.Time) (s cardState) {
	s.view = c.view(now)
	s.served = c.batch.group.serves(s.came, now, now)
	s.Card = s.row(s.served, now)
	s.fresh = s.served && c.last().young(now.Add(-c.batch.group.MaxAge), now)
	return s
}

// expires returns when the card expires; 0 if that is unknown.
func (s *cardState) expires() platform.Instant {
	if s.Known == nil {
		return 0
	}
	return s.Known.Expires
}
