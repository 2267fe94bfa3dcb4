// Package config reads the configuration: YAML and card files in, a validated
// Config out. It reports every mistake at once, each with its file and line.
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

// Load reads and validates the file at path and the card files that it names.
// Relative paths in it begin at its directory. Mistakes in the files come back
// as an *Error; if the file at path cannot be read, the error is os.ReadFile's.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	cfg, err := Parse(path, data, osFiles{filepath.Dir(path)})
	if err != nil {
		return nil, err
	}
	setDirectory(&cfg.Platform.HTTPClientConfig, filepath.Dir(path))
	return cfg, nil
}

// LoadFrom reads and validates the file called name, and the card files that it
// names, from files. Relative paths inside http_client_config stay as they are.
func LoadFrom(files Files, name string) (*Config, error) {
	data, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return Parse(name, data, files)
}

// Parse validates data, which messages call name, and the card files that it
// names; files may be nil if it names none. Relative paths inside
// http_client_config stay as they are. Every error is an *Error.
func Parse(name string, data []byte, files Files) (*Config, error) {
	d := &decoder{report: newReport(), file: name, data: data, files: files}
	cfg := d.document()
	if err := d.err(); err != nil {
		return nil, err
	}
	cfg.Warnings = d.warnings.lines()
	return cfg, nil
}
