package collector

import (
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"
)

// Flags are the collector's settings from the command line. [AddFlags] returns them.
type Flags struct {
	Shard         Shard
	TimeoutOffset time.Duration // see Collector.Handler
	Estimate      Estimate      // for --config.check, and for the pages
}

// AddFlags adds the flags to app. Their values are set when app has parsed the
// command line; call Validate then.
func AddFlags(app *kingpin.Application) *Flags {
	var f Flags
	app.Flag("config.check.scrape-interval", "For --config.check: Prometheus's scrape interval.").
		Default("1m").DurationVar(&f.Estimate.Interval)
	app.Flag("config.check.latency", "For --config.check: how long the platform takes for one request.").
		Default("1s").DurationVar(&f.Estimate.Latency)
	app.Flag("config.check.body-size-limit", "For --config.check: Prometheus's body_size_limit, such as 64MB; 0 is no limit.").
		Default("0").BytesVar(&f.Estimate.Limits.Body)
	app.Flag("config.check.sample-limit", "For --config.check: Prometheus's sample_limit; 0 is no limit.").
		Default("0").IntVar(&f.Estimate.Limits.Samples)
	app.Flag("shard.index", "Index of this shard, starting at 0. Shards have the same configuration and query different cards.").
		Default("0").IntVar(&f.Shard.Index)
	app.Flag("shard.count", "Number of shards.").
		Default("1").IntVar(&f.Shard.Count)
	app.Flag("scrape.timeout-offset", "Safety margin, subtracted from Prometheus's scrape timeout, with 10µs more for each card. At least half of the timeout is left. Without a timeout header, the timeout is 10s.").
		Default("0.5s").DurationVar(&f.TimeoutOffset)
	return &f
}

// Validate returns an error that names a flag that is out of range, nil if none is.
func (f *Flags) Validate() error {
	switch {
	case f.TimeoutOffset < 0:
		return errors.New("--scrape.timeout-offset must not be negative")
	case f.Shard.Count < 1 || f.Shard.Count > MaxShards:
		return fmt.Errorf("--shard.count must be between 1 and %d", MaxShards)
	case f.Shard.Index < 0 || f.Shard.Index >= f.Shard.Count:
		return errors.New("--shard.index must be from 0 to one less than --shard.count")
	case f.Estimate.Interval <= 0 || f.Estimate.Latency <= 0:
		return errors.New("--config.check.scrape-interval and --config.check.latency must be above 0")
	}
	return nil
}
