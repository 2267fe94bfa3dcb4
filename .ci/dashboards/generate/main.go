// Command generate writes the dashboards of examples/grafana. Run it in the
// folder above:
//
//	go run ./generate
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"simcard_exporter/ci/dashboards"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	files, err := dashboards.Generate()
	if err != nil {
		return err
	}
	for _, f := range files {
		content, err := f.JSON()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dashboards.Directory, f.Name), content, 0o644); err != nil {
			return fmt.Errorf("write dashboard: %w", err)
		}
	}
	return nil
}
