// Command queries prints every query of the English dashboards, those of
// variables included, as one JSON object per line with all variables replaced:
//
//	go run ./queries -card 352019040635785 -var __rate_interval=30s
//
// The Chinese dashboards have the same queries.
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
	id := flags.String("card", "", "IMEI or ICCID of the dashboard of one card")
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
	// As Grafana does with what the queries of these variables find.
	values["id"], values["imei"], values["iccid"] = *id, "(none|"+*id+")", "(none|"+*id+")"

	files, err := dashboards.Generate()
	if err != nil {
		return err
	}
	lines := json.NewEncoder(stdout)
	lines.SetEscapeHTML(false)
	for _, f := range files {
		if strings.HasSuffix(f.Name, ".zh-CN.json") {
			continue
		}
		queries, err := dashboards.Queries(f.Dashboard, values)
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
