package collector

import (
	"log/slog"
	"sync"
	"time"

	"simcard_exporter/collector/exposition"
)

// incompleteAgain is how long a group's scrapes are incomplete before that is logged again.
const incompleteAgain = time.Hour

// incompleteLog remembers when it was last logged that the scrapes of a group are incomplete. The
// zero value is for scrapes that are complete.
type incompleteLog struct {
	mu     sync.Mutex // protects logged
	logged time.Time  // zero while they are complete
}

// log logs when scrapes become incomplete, because of err, every hour while they stay so, and
// when they are complete again: an outage would fill a log with a line for each scrape.
func (i *incompleteLog) log(logger *slog.Logger, row *exposition.Group, err error, now time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case err == nil && !i.logged.IsZero():
		logger.Info("scrape complete again", "group", row.Name, "batches", row.Batches)
		i.logged = time.Time{}
	case err != nil && now.Sub(i.logged) >= incompleteAgain:
		logger.Warn("scrape incomplete", "group", row.Name, "batches", row.Batches, "batches_failed", row.BatchesFailed, "err", err)
		i.logged = now
	}
}
