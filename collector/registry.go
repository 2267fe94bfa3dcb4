package collector

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/collectors/version"
)

// NewRegistry returns a registry with the metrics of any process, and the
// version of this program.
func NewRegistry(program string) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		version.NewCollector(program),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return registry
}
