package collector

import (
	"cmp"
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
			saved := persistence.Record{ID: c.id, Live: c.batch.group.Live, Answer: c.last().saved(), Trouble: c.quarantine.Load().saved()}
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
		restored := c.restored(a)
		c.answer.Store(restored)
		c.noteTwin(restored)
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
	saved := persistence.Answer{
		At: int64(a.came), About: int64(a.about), Since: a.since, Dated: a.wasDated,
		Stale: a.otherAccount, Card: savedCard(a.card()),
	}
	if a.unknown {
		saved.Was = savedCard(a.item)
	}
	for _, field := range a.invalid() {
		if saved.Invalid == nil {
			saved.Invalid = make(map[string]string)
		}
		saved.Invalid[field.Field] = field.Text
	}
	return &saved
}

// restored returns what was saved of an answer about c. A file of version 2 says neither
// what the answer is about nor what was before it.
func (c *card) restored(saved *persistence.Answer) *answer {
	a := &answer{otherAccount: saved.Stale, unknown: saved.Card == nil, item: c.share(restoredCard(cmp.Or(saved.Card, saved.Was)))}
	a.came, a.about = platform.Instant(saved.At), platform.Instant(saved.About)
	if a.about == 0 {
		a.about = describedAt(a.came, c.batch.group.Live, c.batch.group.fleet.settings.Location)
	}
	a.follow(&answer{since: saved.Since, wasDated: saved.Dated, unknown: a.unknown, item: a.item})
	var invalid []platform.InvalidField
	for _, field := range platform.Fields() {
		if text, there := saved.Invalid[field]; there {
			invalid = append(invalid, platform.InvalidField{Field: field, Text: text})
		}
	}
	if invalid != nil {
		a.unreadable = &invalid
	}
	return a
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
