package config

import (
	"errors"
	"time"

	"github.com/alecthomas/kingpin/v2"
)

// Flags are the settings about the configuration that come from the command
// line.
type Flags struct {
	File      string
	FileIsSet bool // by the user
	Check     bool
	Strict    bool // with Check

	autoReload         bool
	autoReloadInterval time.Duration
}

// AddFlags adds the flags to app.
func AddFlags(app *kingpin.Application) *Flags {
	var f Flags
	app.Flag("config.file", "The configuration: which cards to query, and how.").
		Default("simcard.yml").IsSetByUser(&f.FileIsSet).StringVar(&f.File)
	app.Flag("config.check", "Load the configuration, print the rows of card files that are left out, warnings, and the load on the platform; exit with 0, or with 1 if it has mistakes.").
		BoolVar(&f.Check)
	app.Flag("config.check.strict", "With --config.check: exit with 1 also if a row of a card file is left out.").
		BoolVar(&f.Strict)
	app.Flag("config.enable-auto-reload", "Reload the configuration when it, or a file that it names, has changed.").
		BoolVar(&f.autoReload)
	app.Flag("config.auto-reload-interval", "How often to look for changes. A change is loaded once two looks in a row have found it.").
		Default("30s").DurationVar(&f.autoReloadInterval)
	return &f
}

// Validate returns an error if a flag is out of range.
func (f *Flags) Validate() error {
	if f.autoReloadInterval <= 0 {
		return errors.New("--config.auto-reload-interval must be above 0")
	}
	return nil
}

// AutoReloadInterval returns how often to look for changes, 0 for never.
func (f *Flags) AutoReloadInterval() time.Duration {
	if !f.autoReload {
		return 0
	}
	return f.autoReloadInterval
}
