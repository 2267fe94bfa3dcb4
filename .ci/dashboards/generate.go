// Package dashboards generates the Grafana dashboards of examples/grafana, in
// English and in Chinese, and lists their queries so that a test can send each
// of them to a Prometheus. It is a module of its own to keep Grafana's schema out
// of the exporter's dependencies.
//
//	go run ./generate        # after a change here
//	go test -count=1 ./...
//
// What the dashboards show is in fleet.go, problems.go and card.go, the Chinese text
// in chinese.go, and how a panel is drawn in view.go and table.go.
package dashboards

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Directory is where the generated files belong, seen from this package.
const Directory = "../../examples/grafana/dashboards"

// File is a dashboard and the name of its file.
type File struct {
	Name      string
	Dashboard dashboard.Dashboard
}

// JSON returns the file's content, indented so that a change reads well as a diff.
func (f File) JSON() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(f.Dashboard); err != nil {
		return nil, fmt.Errorf("encode %s: %w", f.Name, err)
	}
	// The SDK's types escape these for HTML whatever the encoder is told.
	return []byte(strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(out.String())), nil
}

// Generate returns both dashboards in each language. It reports every mistake at
// once: what Grafana's schema refuses, text without a translation, undefined
// variables and dead links.
func Generate() ([]File, error) {
	var files []File
	var errs []error
	for _, l := range []*language{english(), simplifiedChinese()} {
		for _, b := range []*board{fleet(l), card(l)} {
			if err := errors.Join(b.errs...); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", b.file, err))
			}
			files = append(files, File{Name: b.file, Dashboard: b.dashboard})
		}
		errs = append(errs, l.mistakes()...)
	}
	errs = append(errs, check(files)...)
	return files, errors.Join(errs...)
}
