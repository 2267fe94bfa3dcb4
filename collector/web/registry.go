package web

import (
	"cmp"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/common/version"
)

// NewRegistry returns a registry with the program's build information and, unless a flag
// disables them, the usual metrics of a Go process. Those about scrapes belong in the
// second registry, which is the first one unless they are disabled.
func (f *Flags) NewRegistry(program string) (registry, scrapes *prometheus.Registry) {
	registry = prometheus.NewRegistry()
	registry.MustRegister(versioncollector.NewCollector(program))
	if f.disableExporterMetrics {
		return registry, prometheus.NewRegistry()
	}
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return registry, registry
}

// FillVersion fills in what the linker's flags left empty: the version from the
// build information, the rest as unknown. The library finds the revision itself.
func FillVersion() {
	if info, ok := debug.ReadBuildInfo(); ok {
		version.Version = cmp.Or(version.Version, info.Main.Version)
	}
	for _, unset := range []*string{&version.Version, &version.Branch, &version.BuildUser, &version.BuildDate} {
		*unset = cmp.Or(*unset, "unknown")
	}
}
