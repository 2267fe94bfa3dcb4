package collector

import (
	"log/slog"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"simcard_exporter/collector/exposition"
)

// maxNames bounds what a nameLog remembers: anybody may ask for any name.
const maxNames = 100

// nameLog logs each name that a scrape asks for and no metric has, once.
type nameLog struct {
	logger   *slog.Logger
	registry prometheus.Gatherer

	mu   sync.Mutex // protects seen
	seen map[string]bool
}

// look logs those of names that no metric has.
func (l *nameLog) look(names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		if exposition.Exposes(name) || l.seen[name] || len(l.seen) >= maxNames {
			continue
		}
		l.seen[name] = true
		if !l.inRegistry(name) {
			l.logger.Warn("scrape asks for an unknown metric in name[]", "name", name)
		}
	}
}

func (l *nameLog) inRegistry(name string) bool {
	families, _ := l.registry.Gather() // an error shows when they are served
	return slices.ContainsFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == name })
}
