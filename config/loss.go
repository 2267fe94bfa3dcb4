package config

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strings"

	"simcard_exporter/config/cards"
)

// loaded is what a reload is compared with.
type loaded struct {
	names  []string   // of groups
	cards  [][]uint32 // of each group: hashes of a device's IMEI, or of an ICCID without one
	bad    int        // rows that are no cards
	unread int        // as of cards.Rows
}

// newLoaded returns what there is to know of a configuration when the next one is loaded.
func (r *Reloader) newLoaded(cfg *Config) *loaded {
	l := &loaded{}
	for _, g := range cfg.Groups {
		hashes := make([]uint32, len(g.Cards))
		for i, c := range g.Cards {
			hashes[i] = uint32(maphash.String(r.seed, cmp.Or(c.IMEI, strings.ToUpper(c.ICCID))))
		}
		l.names, l.cards = append(l.names, g.Name.V), append(l.cards, hashes)
		l.bad += g.Rows.Invalid + g.Rows.Unidentified + g.Rows.Repeated
		l.unread += g.Rows.Unread
	}
	return l
}

// A reload may lose this many cards whose rows may still be there: fewer than lostCards, or
// than one in lostOf of a group's.
const (
	lostCards = 10
	lostOf    = 100
)

// checkLoss returns an error if a group would lose many of its cards to rows that are no
// cards any more. Rows that are deleted are no loss, unless a table may have ended early.
func (r *Reloader) checkLoss(cfg *Config, next *loaded) error {
	most := next.bad - r.loaded.bad
	if next.unread > r.loaded.unread {
		most = math.MaxInt
	}
	if most < lostCards {
		return nil
	}
	listed := slices.Concat(next.cards...)
	slices.Sort(listed)
	for i, had := range r.loaded.cards {
		lost := 0
		for _, hash := range had {
			if _, found := slices.BinarySearch(listed, hash); !found {
				lost++
			}
		}
		if lost = min(lost, most); lost >= lostCards && lost*lostOf >= len(had) {
			return fmt.Errorf("group %s would lose %d of its %d cards: their rows are left out, have no identifier or repeat another's, or a file or sheet is not read to its end; mend the files, or restart the exporter if that is meant:\n%s",
				cards.Quote(r.loaded.names[i]), lost, len(had), strings.Join(slices.Concat(cfg.LeftOut, cfg.Warnings), "\n"))
		}
	}
	return nil
}

// logLoaded logs how many cards each group has and had: a truncated file may have
// no mistakes.
func (r *Reloader) logLoaded(cfg *Config, next *loaded) {
	before := make(map[string]int)
	for i, name := range r.loaded.names {
		before[name] = len(r.loaded.cards[i])
	}
	for _, g := range cfg.Groups {
		name := g.Name.V
		r.logger.Info("group loaded", "group", name, "cards", len(g.Cards), "cards_before", before[name],
			"invalid_rows", g.Rows.Invalid, "rows_without_identifier", g.Rows.Unidentified)
		delete(before, name)
	}
	for name, had := range before {
		r.logger.Info("group removed", "group", name, "cards_before", had)
	}
	r.loaded = next
	r.logger.Info("configuration loaded", "groups", len(cfg.Groups))
}
