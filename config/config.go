// Package config reads the configuration file: YAML in, a validated Config
// out. It is strict, and it is kind about it: every mistake of a file is
// reported in one go, each with file and line and in the words of the user.
//
// A Config is not changed after it has been loaded, so it may be shared
// between goroutines.
package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Config is a whole, valid configuration.
type Config struct {
	Platform Platform `yaml:"platform"`
	Groups   []Group  `yaml:"groups"`

	// Warnings name what works but is probably not meant, as
	// "file:line: text", ordered by line and meant for the log.
	Warnings []string `yaml:"-"`
}

// Load reads and validates the file at path. Relative paths inside
// http_client_config are taken relative to that file. Mistakes in the file
// come back as an *Error; a file that cannot be read, as what os.ReadFile says.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	cfg, err := Parse(path, data)
	if err != nil {
		return nil, err
	}
	cfg.Platform.HTTPClientConfig.setDirectory(filepath.Dir(path))
	return cfg, nil
}

// Parse validates data, which messages call name. Relative paths inside
// http_client_config stay as they are. Every error is an *Error.
func Parse(name string, data []byte) (*Config, error) {
	// The defaults stand before anything is read, so that the checks see
	// the values that will run and a key left out needs no code.
	cfg := &Config{Platform: defaultPlatform()}
	d := &document{report: report{unread: make(map[place]bool)}, file: name, cfg: cfg}
	if d.read(data) {
		cfg.Platform.check(d)
		checkGroups(cfg.Groups, d)
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	cfg.Warnings = capped(sorted(d.warnings))
	return cfg, nil
}

// LabelNames is the union of all label names that the user gave, sorted.
func (c *Config) LabelNames() []string {
	names := make(map[string]struct{})
	for _, g := range c.Groups {
		for name := range g.Labels {
			names[name] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(names))
}
