package collector

import (
	"iter"
	"math"
	"time"

	"simcard_exporter/collector/persistence"
	"simcard_exporter/collector/platform"
)

// Records implements [persistence.Cards]. Requests and scrapes may go on meanwhile.
func (c *Collector) Records() (fingerprint string, records iter.Seq[*persistence.Record]) {
	f := c.fleet.Load()
	return f.settings.Fingerprint, func(yield func(*persistence.Record) bool) {
		for c := range f.all() {
			saved := persistence.Record{ID: c.id, Live: c.batch.group.Live, Answer: c.answer.Load().saved(), Trouble: c.quarantine.Load().saved()}
			if (saved.Answer != nil || saved.Trouble != nil) && !yield(&saved) {
				return
			}
		}
	}
}

// Restore implements [persistence.Cards]. It must be called before Run.
func (c *Collector) Restore() (fingerprint string, restore func(*persistence.Record) bool) {
	f := c.fleet.Load()
	for _, card := range f.cards {
		card.answer.Store(nil)
		card.quarantine.Store(nil)
	}
	f.countQuarantined()
	return f.settings.Fingerprint, f.restore
}

// restore takes over what was saved about a card, and reports whether it is a card of
// f. No request is in flight yet.
func (f *fleet) restore(saved *persistence.Record) bool {
	c := f.card(saved.ID)
	if c == nil || c.batch.group.Live != saved.Live {
		return false
	}
	if a := saved.Answer; a != nil {
		c.answer.Store(&answer{at: time.Unix(0, a.At), card: c.share(restoredCard(a.Card)), remarks: restoredRemarks(a)})
	}
	if t := saved.Trouble; t != nil {
		restored := quarantine{unreadable: int(t.Unreadable), failures: int(t.Failures)}
		if restored.quarantined() {
			restored.until = time.Unix(0, t.Until)
			restored.since, restored.outcome, restored.words = platform.Instant(t.Since).Time(), outcome(t.Outcome), t.Words
			c.batch.group.admit(&restored)
		}
		c.quarantine.Store(&restored)
	}
	return true
}

func (a *answer) saved() *persistence.Answer {
	if a == nil {
		return nil
	}
	saved := persistence.Answer{At: a.at.UnixNano(), Stale: a.ofOtherAccount(), Card: savedCard(a.card)}
	for _, field := range a.invalid() {
		if saved.Invalid == nil {
			saved.Invalid = make(map[string]string)
		}
		saved.Invalid[field.Field] = field.Text
	}
	return &saved
}

// restoredRemarks returns nil if there are none.
func restoredRemarks(saved *persistence.Answer) *remarks {
	if !saved.Stale && len(saved.Invalid) == 0 {
		return nil
	}
	r := remarks{otherAccount: saved.Stale}
	for _, field := range platform.Fields() {
		if text, invalid := saved.Invalid[field]; invalid {
			r.invalid = append(r.invalid, platform.InvalidField{Field: field, Text: text})
		}
	}
	return &r
}

func (q *quarantine) saved() *persistence.Trouble {
	if q == nil {
		return nil
	}
	saved := persistence.Trouble{Unreadable: uint8(q.unreadable), Failures: uint16(min(q.failures, math.MaxUint16))}
	if q.quarantined() {
		saved.Until, saved.Since = q.until.UnixNano(), int64(platform.InstantOf(q.since))
		saved.Outcome, saved.Words = uint8(q.outcome), q.words
	}
	return &saved
}

func savedCard(c *platform.Card) *persistence.Card {
	if c == nil {
		return nil
	}
	return &persistence.Card{
		ServiceNumber: c.ServiceNumber, IMEI: c.IMEI, ICCID: c.ICCID, Status: c.Status, Balance: c.Balance,
		Activated: int64(c.Activated), Expires: int64(c.Expires),
	}
}

func restoredCard(c *persistence.Card) *platform.Card {
	if c == nil {
		return nil
	}
	return &platform.Card{
		ServiceNumber: c.ServiceNumber, IMEI: c.IMEI, ICCID: c.ICCID, Status: c.Status, Balance: c.Balance,
		Activated: platform.Instant(c.Activated), Expires: platform.Instant(c.Expires),
	}
}
