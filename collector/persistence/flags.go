package persistence

import (
	"errors"
	"time"

	"github.com/alecthomas/kingpin/v2"
)

// Flags are the settings from the command line. [AddFlags] returns them.
type Flags struct {
	Path     string // "" if nothing is to be saved
	Interval time.Duration
}

// AddFlags adds the flags to app.
func AddFlags(app *kingpin.Application) *Flags {
	var f Flags
	app.Flag("persistence.file", "Save what is known about the cards in this file, and load it at a start: a restart then costs no requests. Its directory must exist and be writable. Without the flag, nothing is saved.").
		StringVar(&f.Path)
	app.Flag("persistence.interval", "How often to save, also done at the end.").
		Default("5m").DurationVar(&f.Interval)
	return &f
}

// Validate returns an error if a flag is out of range.
func (f *Flags) Validate() error {
	if f.Interval < time.Second || f.Interval > 8760*time.Hour {
		return errors.New("--persistence.interval must be between 1s and 8760h")
	}
	return nil
}

// Check returns an error if nothing could be saved in the file.
func (f *Flags) Check() error {
	if f.Path == "" {
		return nil
	}
	return check(follow(f.Path))
}
