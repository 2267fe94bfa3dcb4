// Package config reads the configuration: YAML and CSV in, a validated Config
// out. It is strict, and it is kind about it: every mistake of a file is
// reported in one go, each with file and line and in the words of the user.
//
// A Config is not changed after it has been loaded, so it may be shared
// between goroutines.
package config

import (
	"fmt"
	"os"
	"path/filepath"
)

// Config is a whole, valid configuration.
type Config struct {
	Platform Platform `yaml:"platform"`
	Groups   []Group  `yaml:"groups"`

	// LabelNames are the names of all labels that the user gave, in groups
	// or in card files, sorted.
	LabelNames []string `yaml:"-"`

	// Warnings name what works but is probably not meant, as
	// "file:line: text", ordered by file and line and meant for the log.
	Warnings []string `yaml:"-"`
}

// Load reads and validates the file at path, and the card files that it names.
// Relative paths in it are taken relative to its directory. Mistakes in the
// files come back as an *Error; if the one at path cannot be read, that is what
// os.ReadFile says.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	cfg, err := Parse(path, data, osFiles{filepath.Dir(path)})
	if err != nil {
		return nil, err
	}
	cfg.Platform.HTTPClientConfig.setDirectory(filepath.Dir(path))
	return cfg, nil
}

// Parse validates data, which messages call name, and the card files that it
// names; files may be nil if it names none. Relative paths inside
// http_client_config stay as they are. Every error is an *Error.
func Parse(name string, data []byte, files Files) (*Config, error) {
	// The defaults stand before anything is read, so that the checks see
	// the values that will run and a key left out needs no code.
	cfg := &Config{Platform: defaultPlatform()}
	d := &document{report: newReport(), file: name, files: files, cfg: cfg, listed: make(map[string]mention)}
	if d.read(data) {
		cfg.Platform.check(d)
		checkGroups(cfg, d)
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	cfg.Warnings = d.warnings.lines()
	return cfg, nil
}
