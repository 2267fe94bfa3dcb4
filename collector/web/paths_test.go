package web

import (
	"strings"
	"testing"
)

// parsePaths returns the paths that a command line sets.
func parsePaths(t *testing.T, args string) (Paths, error) {
	t.Helper()
	flags, err := parseFlags(t, strings.Fields(args)...)
	return flags.Paths, err
}

func TestPaths(t *testing.T) {
	for args, want := range map[string]Paths{
		"": {Telemetry: "/metrics"},
		"--web.external-url=http://example.com:8080/a/b/":                         {Prefix: "/a/b", Base: "/a/b", Origin: "http://example.com:8080", Telemetry: "/metrics"},
		"--web.telemetry-path=x/y --web.grafana-url=https://example.com/grafana/": {Telemetry: "/x/y", Grafana: "https://example.com/grafana"},
	} {
		if got, err := parsePaths(t, args); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", args, got, err, want)
		}
	}
	for args, want := range map[string]string{
		"--web.external-url=example.com":              "--web.external-url: this must be a URL",
		"--web.external-url=http://me:hunter2@a/":     "without a password",
		"--web.grafana-url=ftp://example.com":         "--web.grafana-url: this must be a URL",
		"--web.external-url=http://[fe80::1%25eth0]/": "--web.external-url: ",
		"--web.route-prefix=/{x}":                     "--web.route-prefix may have",
		"--web.external-url=http://example.com/{x}":   "its path may have",
		"--web.telemetry-path=/":                      "--web.telemetry-path may have",
		"--web.telemetry-path=/a/../b":                "--web.telemetry-path may have",
		"--web.telemetry-path=/cards":                 "/cards is another page",
		"--web.telemetry-path=/-/healthy":             "/-/healthy is another page",
		"--web.telemetry-path=/static/style.css":      "is another page",
	} {
		if _, err := parsePaths(t, args); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
}
