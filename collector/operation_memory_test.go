package collector

import (
	"math/rand/v2"
	"slices"
	"time"
)

// memory is what the exporter may know about a card, or what its file holds. The zero
// value is about a card that it has never asked for.
type memory struct {
	answers    []recordedAnswer // of the last hours, in the order of their arrival
	blamed     time.Time        // when the platform last gave a reason to quarantine the card
	answered   time.Time        // when it was last answered readably
	unreadable int              // answers in a row in which its item was unreadable
	spoilt     time.Time        // the last of these
	shown      time.Time        // since when every scrape has served it as refused; zero if the last did not
	alone      int              // requests since then, in calm, for it alone that brought no answer
	lastAlone  time.Time        // when the last of them ended
}

func (m memory) clone() memory {
	m.answers = slices.Clone(m.answers)
	return m
}

// at returns what a file has that was saved at a time. What happened within a
// millisecond of it may be in the file or not.
func (m memory) at(saved time.Time) memory {
	const doubt = time.Millisecond
	m.answers = slices.DeleteFunc(slices.Clone(m.answers), func(a recordedAnswer) bool { return a.arrived.After(saved.Add(doubt)) })
	m.answered = time.Time{}
	for i := range m.answers {
		a := &m.answers[i]
		if a.sure = a.sure && a.arrived.Before(saved.Add(-doubt)); a.sure {
			m.answered = a.arrived
		}
	}
	if m.shown.After(saved.Add(-doubt)) {
		m.shown = time.Time{}
	}
	if m.lastAlone.After(saved.Add(-doubt)) {
		m.lastAlone, m.alone = time.Time{}, 0
	}
	// The count at that time is not recorded. One more may be enough.
	m.unreadable = 0
	if m.spoilt.After(m.answered) {
		m.unreadable = 2
	}
	return m
}

// blamedNow reports whether the platform has given a reason to quarantine the
// card, and no answer since.
func (m *memory) blamedNow() bool { return m.blamed.After(m.answered) }

// newest returns the last answer that the exporter must have had before a time.
func (m *memory) newest(before time.Time, suits func(recordedAnswer) bool) (newest recordedAnswer, ok bool) {
	for _, a := range m.answers {
		if a.sure && a.arrived.Before(before) && suits(a) && (!ok || a.asked.After(newest.asked)) {
			newest, ok = a, true
		}
	}
	return newest, ok
}

// isFresh reports whether the last answer is no older than age.
func (m *memory) isFresh(age time.Duration) bool {
	last := len(m.answers) - 1
	return last >= 0 && time.Since(m.answers[last].arrived) <= age
}

// mayBeAnswered reports whether there may have been an answer at a time or since.
func (m *memory) mayBeAnswered(since time.Time) bool {
	last := len(m.answers) - 1
	return last >= 0 && !m.answers[last].arrived.Before(since)
}

// owed returns the last answer that the exporter must have had before a time, as its
// card is configured now.
func (x *truth) owed(c *recordedCard, before time.Time) (recordedAnswer, bool) {
	return c.newest(before, func(a recordedAnswer) bool { return !a.asked.Before(c.since) })
}

// isReplaced reports whether the exporter must have had, before a time, an answer that
// counts in place of a: one that is about a later moment or, if that is the same, was asked
// for later. What another account was told before does not count beside a.
func (x *truth) isReplaced(c *recordedCard, a recordedAnswer, before time.Time) bool {
	return slices.ContainsFunc(c.answers, func(b recordedAnswer) bool {
		later := x.about(b).Sub(x.about(a))
		return b.sure && b.arrived.Before(before) && !b.asked.Before(c.since) && b.account >= a.account && (later > 0 || later == 0 && b.asked.After(a.asked))
	})
}

// about returns the moment that an answer is about: that of the request or, without live,
// the end of the day before, which the platform may have only after six hours.
func (x *truth) about(a recordedAnswer) time.Time {
	if a.live {
		return a.asked
	}
	return a.asked.Add(-6 * time.Hour).UTC().Truncate(24 * time.Hour)
}

// pressable draws a configured card that is not in quarantine; "" if it draws another.
func (x *truth) pressable(random *rand.Rand) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	c := x.cards[random.IntN(len(x.cards))]
	if c.group == spare || c.blamedNow() || c.refused {
		return ""
	}
	if c.byICCID {
		return c.ICCID
	}
	return c.IMEI
}

// inQuarantine reports whether the exporter must have the card in quarantine: it has
// served it as refused since it was configured, and there was no answer since.
func (c *recordedCard) inQuarantine() bool {
	return !c.shown.IsZero() && !c.shown.Before(c.since) && !c.mayBeAnswered(c.shown)
}
