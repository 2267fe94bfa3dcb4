// Command queries prints every query of the dashboards, those of variables
// included, as one JSON object per line with all variables replaced:
//
//	go run ./queries -var imei=352019040635785 -var __rate_interval=30s
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"simcard_exporter/ci/dashboards"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("queries", flag.ContinueOnError)
	dir := flags.String("dashboards", "../../examples/grafana/dashboards", "directory of the dashboards")
	values := make(map[string]string)
	flags.Func("var", "`NAME=VALUE` of a variable, Grafana's own included; may be repeated", func(s string) error {
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return fmt.Errorf("%q is not NAME=VALUE", s)
		}
		values[name] = value
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	loaded, err := dashboards.Load(*dir)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(stdout)
	lines.SetEscapeHTML(false)
	for _, d := range loaded {
		queries, err := dashboards.Queries(d, values)
		if err != nil {
			return err
		}
		for _, q := range queries {
			if err := lines.Encode(q); err != nil {
				return fmt.Errorf("write query: %w", err)
			}
		}
	}
	return nil
}
