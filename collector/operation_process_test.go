package collector

import "time"

// recordedProcess is the exporter between a start and the next.
type recordedProcess struct {
	started        time.Time
	saves          bool          // it has a file
	longest        time.Duration // between two saves; about 10 % above the interval
	loadFailures   float64
	savedAt        time.Time // of what it loaded; the zero time if that is nothing
	arrived, ended int       // requests to the platform before it
}

// recordedGap is the time between two exporters.
type recordedGap struct {
	from, to time.Time // zero if it has not begun, or ended
	crash    bool      // it began with one
}

// recordedFile is what the file holds, beside what it holds of each card.
type recordedFile struct {
	there, damaged bool
	savedAt        time.Time
	account        time.Time // as in truth
}

// stop notes that the exporter is about to stop.
func (x *truth) stop(crash bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.generation++
	x.givesUp = true
	x.gap = recordedGap{from: time.Now(), crash: crash}
}

// keep notes what the exporter has left in its file, which it saved at a time. A
// zero time stands for no file.
func (x *truth) keep(saved time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.file = recordedFile{there: !saved.IsZero(), savedAt: saved}
	if x.account.Before(saved) {
		x.file.account = x.account
	}
	for _, c := range x.cards {
		c.saved = memory{}
		if x.file.there {
			c.saved = c.at(saved)
		}
	}
}

// keepAll is keep for an exporter that saved at its end.
func (x *truth) keepAll() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.file = recordedFile{there: true, savedAt: time.Now(), account: x.account}
	for _, c := range x.cards {
		c.saved = c.clone()
	}
}

// lose notes that nothing in the file can be used any more.
func (x *truth) lose(damaged bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.file = recordedFile{there: damaged && x.file.there, damaged: damaged && x.file.there}
	for _, c := range x.cards {
		c.saved = memory{}
	}
}

// start notes what an exporter begins with that has just been started, and returns its
// configuration.
func (x *truth) start(change func(), saving time.Duration) []Group {
	x.mu.Lock()
	defer x.mu.Unlock()
	p := recordedProcess{started: time.Now(), saves: saving > 0, longest: saving*11/10 + slack, arrived: x.arrivals, ended: x.ended}
	if p.saves {
		p.savedAt = x.file.savedAt
		if x.file.damaged {
			p.loadFailures, x.file = 1, recordedFile{}
		}
	}
	x.process = p
	groups := x.arrange(change)
	x.forget()
	x.account = time.Time{}
	if p.saves {
		x.account = x.file.account
	}
	for _, c := range x.cards {
		c.memory = memory{}
		if p.saves {
			c.memory = c.saved.clone()
		}
	}
	return groups
}

// forget notes that the exporter begins anew, apart from what it knows about cards.
// mu is held.
func (x *truth) forget() {
	for _, c := range x.cards {
		c.asked, c.failing, c.due = false, 0, time.Time{}
	}
	x.lastAnswer, x.rearranged, x.resumes = time.Time{}, time.Time{}, time.Time{}
	x.ways, x.unanswered = [2]recordedWay{}, 0
}

// changeAccount changes the account, and loads that by load. Each card is asked for
// again, also those in quarantine.
func (x *truth) changeAccount(load func(...Group)) {
	x.mu.Lock()
	x.generation++
	x.givesUp = true
	groups := x.configured()
	x.mu.Unlock()

	load(groups...)
	advance(0) // what was in flight is given up

	x.mu.Lock()
	defer x.mu.Unlock()
	x.generation++
	x.givesUp = false
	x.account = time.Now()
	x.accounts++
	x.troubleLocked(0)
	x.forget()
	for _, c := range x.cards {
		c.blamed, c.shown, c.unreadable = time.Time{}, time.Time{}, 0
	}
}

// serves notes that the exporter that was started last serves scrapes.
func (x *truth) serves() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.generation++
	x.givesUp = false
	x.gap.to = time.Now()
}

// mayFail reports whether a scrape that has just failed may have: there was no
// exporter, or it crashed. One that stops answers the scrapes that wait.
func (x *truth) mayFail(s scrapeSpan) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	over := x.gap.from.IsZero() || !x.gap.to.IsZero() && s.started.After(x.gap.to)
	return !over && (x.gap.crash || !s.started.Before(x.gap.from))
}
