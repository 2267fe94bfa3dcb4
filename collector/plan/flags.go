package plan

import (
	"errors"
	"time"

	"github.com/alecthomas/kingpin/v2"
)

// Estimate holds the assumptions of a plan. The durations must be above 0.
type Estimate struct {
	Interval time.Duration // between two scrapes
	Latency  time.Duration // of one request
}

// AddFlags adds the flags to app. Their values are in the estimate when app has parsed the
// command line; call Validate then.
func AddFlags(app *kingpin.Application) *Estimate {
	var e Estimate
	app.Flag("config.check.scrape-interval", "For the plan, which is printed by --config.check and logged at each load: Prometheus's scrape interval.").
		Default("1m").DurationVar(&e.Interval)
	app.Flag("config.check.latency", "For the plan: how long the platform takes for one request.").
		Default("1s").DurationVar(&e.Latency)
	return &e
}

// Validate returns an error if a flag is out of range.
func (e Estimate) Validate() error {
	if e.Interval <= 0 || e.Latency <= 0 {
		return errors.New("--config.check.scrape-interval and --config.check.latency must be above 0")
	}
	return nil
}
