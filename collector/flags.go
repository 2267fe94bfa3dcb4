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

	Query      string // the identifier of a card, for an Inquiry in place of serving
	QueryIsSet bool   // by the user
}

// AddFlags adds the flags to app. Their values are set when app has parsed the
// command line; call Validate then.
func AddFlags(app *kingpin.Application) *Flags {
	var f Flags
	app.Flag("shard.index", "Index of this shard, starting at 0. Shards have the same configuration and query different cards.").
		Default("0").IntVar(&f.Shard.Index)
	app.Flag("shard.count", "Number of shards.").
		Default("1").IntVar(&f.Shard.Count)
	app.Flag("scrape.timeout-offset", "Safety margin, subtracted from Prometheus's scrape timeout, with 10µs more for each card. At least half of the timeout is left. Without a timeout header, the timeout is 10s.").
		Default("0.5s").DurationVar(&f.TimeoutOffset)
	app.Flag("query", "Ask the platform about one card, once, with the configuration's account; print the request, the answer, how it is read, and the metrics; exit with 0 if the answer is about the card, or else with 1. The card need not be listed.").
		PlaceHolder("IMEI|ICCID").IsSetByUser(&f.QueryIsSet).StringVar(&f.Query)
	return &f
}

// Validate returns an error that names a flag that is out of range, nil if none is.
func (f *Flags) Validate() error {
	switch {
	case f.TimeoutOffset < 0:
		return errors.New("--scrape.timeout-offset must not be negative")
	case f.Shard.Count < 1 || f.Shard.Count > maxShards:
		return fmt.Errorf("--shard.count must be between 1 and %d", maxShards)
	case f.Shard.Index < 0 || f.Shard.Index >= f.Shard.Count:
		return errors.New("--shard.index must be from 0 to one less than --shard.count")
	}
	return nil
}
