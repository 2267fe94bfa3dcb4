package web

import (
	"errors"
	"fmt"

	"github.com/alecthomas/kingpin/v2"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"
)

// healthVariable is the environment variable that stands for --web.health-listen-address, so
// that an image can set it for the exporter and for its health check.
const healthVariable = "SIMCARD_EXPORTER_HEALTH_LISTEN_ADDRESS"

// Flags are the server's settings from the command line. [AddFlags] returns them.
type Flags struct {
	Paths       Paths // set by Validate
	MaxRequests int   // scrapes that wait for the platform in parallel; 0 is no limit

	DisablePages bool // and downloads, reload and all that a page could ask for
	HealthCheck  bool // ask a running exporter, and do nothing else

	telemetryPath, externalURL, routePrefix, grafanaURL string
	healthAddress                                       string // "" for none
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
	app.Flag("web.max-requests", "Maximum number of scrapes that wait for the platform in parallel. Further ones are answered with 503. Use 0 to disable.").
		Default("40").IntVar(&f.MaxRequests)
	app.Flag("web.disable-pages", "Serve metrics and health checks only: no page, no download, no reload, nothing that a browser could ask for.").
		BoolVar(&f.DisablePages)
	app.Flag("web.health-listen-address", "A second address, for /-/healthy and /-/ready alone, without password and TLS: for probes. Such as 127.0.0.1:10461. Also from the environment.").
		PlaceHolder("<address>").Envar(healthVariable).StringVar(&f.healthAddress)
	app.Flag("web.health-check", "Ask the exporter that runs at --web.health-listen-address whether it is ready, and exit with 0 or 1.").
		BoolVar(&f.HealthCheck)
	f.toolkit = kingpinflag.AddFlags(app, address)
	return &f
}

// Validate sets Paths. The error names a flag, or the file of one, with which the server
// could not start. It binds no address.
func (f *Flags) Validate() (err error) {
	if f.MaxRequests < 0 {
		return errors.New("--web.max-requests must not be negative")
	}
	if f.HealthCheck && f.healthAddress == "" {
		return errors.New("--web.health-check needs --web.health-listen-address")
	}
	if err := f.checkAddresses(); err != nil {
		return err
	}
	if err := toolkit.Validate(*f.toolkit.WebConfigFile); err != nil {
		return fmt.Errorf("--web.config.file: %s: %w", *f.toolkit.WebConfigFile, err)
	}
	f.Paths, err = f.paths()
	return err
}
