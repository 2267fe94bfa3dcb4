package config

import "github.com/alecthomas/kingpin/v2"

// Flags are the settings about the configuration that come from the command
// line.
type Flags struct {
	File      string
	FileIsSet bool // by the user
	Check     bool
}

// AddFlags adds the flags to app.
func AddFlags(app *kingpin.Application) *Flags {
	var f Flags
	app.Flag("config.file", "The configuration: which cards to query, and how.").
		Default("simcard.yml").IsSetByUser(&f.FileIsSet).StringVar(&f.File)
	app.Flag("config.check", "Load the configuration, print the load that it causes on the platform, and exit with 0, or with 1 if it has mistakes.").
		BoolVar(&f.Check)
	return &f
}
