package web

import (
	"errors"

	"github.com/alecthomas/kingpin/v2"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"
)

// Flags are the server's settings from the command line. [AddFlags] returns them.
type Flags struct {
	Paths       Paths // set by Validate
	MaxRequests int   // scrapes that wait for the platform in parallel; 0 is no limit

	telemetryPath, externalURL, routePrefix, grafanaURL string
	disableExporterMetrics                              bool
	toolkit                                             *toolkit.FlagConfig
}

// AddFlags adds the flags to app, with a default for the address to listen on. Their
// values are set when app has parsed the command line; call Validate then.
func AddFlags(app *kingpin.Application, address string) *Flags {
	var f Flags
	app.Flag("web.telemetry-path", "Path under which to expose metrics, below the route prefix.").
		Default("/metrics").StringVar(&f.telemetryPath)
	app.Flag("web.external-url", "The URL under which people reach the exporter, for instance through a reverse proxy. Links begin with its path.").
		PlaceHolder("<url>").StringVar(&f.externalURL)
	app.Flag("web.route-prefix", "Prefix of all paths. Defaults to the path of --web.external-url.").
		PlaceHolder("<path>").StringVar(&f.routePrefix)
	app.Flag("web.grafana-url", "The URL of Grafana, for links from a card to its dashboard.").
		PlaceHolder("<url>").StringVar(&f.grafanaURL)
	app.Flag("web.disable-exporter-metrics", "Exclude metrics about the process and the scrapes themselves (promhttp_*, process_*, go_*).").
		BoolVar(&f.disableExporterMetrics)
	app.Flag("web.max-requests", "Maximum number of scrapes served in parallel. Further ones are answered with 503. Use 0 to disable.").
		Default("40").IntVar(&f.MaxRequests)
	f.toolkit = kingpinflag.AddFlags(app, address)
	return &f
}

// Validate sets Paths. The error names a flag that is not valid.
func (f *Flags) Validate() (err error) {
	if f.MaxRequests < 0 {
		return errors.New("--web.max-requests must not be negative")
	}
	f.Paths, err = f.paths()
	return err
}
