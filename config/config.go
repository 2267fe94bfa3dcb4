// Package config reads the configuration: YAML and card files in, a validated
// Config out. It reports every mistake at once, each with its file and line.
//
// A Config is not changed after it has been loaded, so it may be shared
// between goroutines.
package config

import (
	"fmt"
	"path/filepath"
	"slices"
)

// Config is a whole, valid configuration.
type Config struct {
	Platform Platform `yaml:"platform"`
	Groups   []Group  `yaml:"groups"`

	// LabelNames are the names of all labels that the user gave, in groups
	// or in card files, sorted.
	LabelNames []string `yaml:"-"`

	// Places says where a card is listed.
	Places Places `yaml:"-"`

	// Warnings name what works but is probably not meant, as
	// "file:line: text", ordered by file and line and meant for the log.
	Warnings []string `yaml:"-"`
}

// maxSize limits the size of a configuration file, in bytes.
const maxSize = 64 << 20

func load(path string, files Files) (*Config, error) {
	data, err := files.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if len(data) > maxSize {
		return nil, fmt.Errorf("read configuration: %s is larger than %d MiB", path, maxSize>>20)
	}
	d := newDecoder(path, data, files)
	cfg := d.document()
	d.tryHTTPClient(&cfg.Platform.HTTPClientConfig, filepath.Dir(path))
	return d.result(cfg)
}

// Parse validates data, which messages call name, and the card files that it
// names; files may be nil if it names none. The files that http_client_config
// names are not read, and their relative paths stay as they are. Every error is
// an *Error.
func Parse(name string, data []byte, files Files) (*Config, error) {
	d := newDecoder(name, data, files)
	return d.result(d.document())
}

// result is the configuration if it has no mistakes.
func (d *decoder) result(cfg *Config) (*Config, error) {
	if err := d.err(); err != nil {
		return nil, err
	}
	cfg.Warnings = d.warnings.lines()
	return cfg, nil
}

// withoutCards is a copy that holds no cards: there can be a million.
func (c *Config) withoutCards() *Config {
	light := *c
	light.Groups = slices.Clone(c.Groups)
	for i := range light.Groups {
		light.Groups[i].Cards = nil
	}
	return &light
}
