package collector

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/collectors/version"
)

// NewRegistry returns a registry with the program's build information and, unless a flag
// disables them, the usual metrics of a Go process. Those about scrapes belong into the
// second registry, which is the first one unless they are disabled.
func (f *Flags) NewRegistry(program string) (registry, scrapes *prometheus.Registry) {
	registry = prometheus.NewRegistry()
	registry.MustRegister(version.NewCollector(program))
	if f.disableExporterMetrics {
		return registry, prometheus.NewRegistry()
	}
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return registry, registry
}
