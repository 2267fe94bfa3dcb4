package web

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kingpin/v2"
)

// parseFlags parses and validates a command line.
func parseFlags(t *testing.T, args ...string) (*Flags, error) {
	t.Helper()
	app := kingpin.New("", "")
	f := AddFlags(app, ":10460")
	if _, err := app.Parse(args); err != nil {
		t.Fatal(err)
	}
	return f, f.Validate()
}

// TestValidate: what a start would fail for is found without one.
func TestValidate(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, test := range map[string]struct {
		args string
		fail string // a part of the error; "" if there is none
	}{
		"defaults":             {},
		"addresses":            {args: "--web.listen-address=127.0.0.1:10460 --web.listen-address=[::1]:10460 --web.listen-address=vsock://:10460"},
		"empty address":        {args: "--web.listen-address=", fail: "--web.listen-address: it is empty"},
		"no port":              {args: "--web.listen-address=127.0.0.1", fail: "missing port"},
		"port that is none":    {args: "--web.listen-address=:x", fail: "unknown port"},
		"port too large":       {args: "--web.listen-address=:70000", fail: "invalid port"},
		"same address":         {args: "--web.listen-address=:1 --web.listen-address=:1", fail: ":1 is there twice"},
		"any port twice":       {args: "--web.listen-address=127.0.0.1:0 --web.listen-address=127.0.0.1:0"},
		"vsock without a port": {args: "--web.listen-address=vsock://", fail: "missing port"},
		"systemd's sockets":    {args: "--web.listen-address= --web.systemd-socket"},
		"health":               {args: "--web.health-listen-address=127.0.0.1:10461"},
		"health, no port":      {args: "--web.health-listen-address=127.0.0.1", fail: "--web.health-listen-address: address 127.0.0.1: missing port"},
		"health, same address": {args: "--web.health-listen-address=:10460", fail: ":10460 is a --web.listen-address"},
		"check without health": {args: "--web.health-check", fail: "--web.health-check needs --web.health-listen-address"},
		"no web.config.file":   {args: "--web.config.file=" + filepath.Join(dir, "nowhere.yml"), fail: "--web.config.file: "},
		"unknown key":          {args: "--web.config.file=" + file("unknown.yml", "basic_auth: {}\n"), fail: "field basic_auth not found"},
		"no certificate":       {args: "--web.config.file=" + file("tls.yml", "tls_server_config: {cert_file: a.pem, key_file: b.pem}\n"), fail: "a.pem"},
		"password in plain":    {args: "--web.config.file=" + file("plain.yml", "basic_auth_users: {me: secret}\n"), fail: "hashedSecret too short"},
	} {
		_, err := parseFlags(t, strings.Fields(test.args)...)
		if (err != nil) != (test.fail != "") || err != nil && !strings.Contains(err.Error(), test.fail) {
			t.Errorf("%s: got %v, want %q", name, err, test.fail)
		}
	}
}

// TestOrigin: the origin is as browsers send it.
func TestOrigin(t *testing.T) {
	for url, want := range map[string]string{
		"HTTPS://Sim.Example.com:443/x": "https://sim.example.com",
		"http://sim.example.com:80":     "http://sim.example.com",
		"http://sim.example.com:443":    "http://sim.example.com:443",
		"http://sim_card.lan:8080":      "http://sim_card.lan:8080",
		"http://终端.example.com:8080":    "http://xn--suzt2f.example.com:8080",
		"http://[2001:DB8::1]:80":       "http://[2001:db8::1]",
		"http://192.0.2.1":              "http://192.0.2.1",
	} {
		f, err := parseFlags(t, "--web.external-url="+url)
		if err != nil || f.Paths.Origin != want {
			t.Errorf("%s: %q, %v, want %q", url, f.Paths.Origin, err, want)
		}
	}
}

// TestCheckHealth: it succeeds while the exporter is ready.
func TestCheckHealth(t *testing.T) {
	loaded, ended := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(HealthHandler(loaded, ended))
	defer server.Close()
	t.Setenv(healthVariable, server.Listener.Addr().String())
	f, err := parseFlags(t, "--web.health-check")
	if err != nil {
		t.Fatal(err)
	}
	check := func(want string) {
		t.Helper()
		if err := f.CheckHealth(t.Context()); err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	check("503 Service Unavailable: Loading")
	close(loaded)
	check("")
	close(ended)
	check("503 Service Unavailable: Shutting down")
	server.Close()
	if f.CheckHealth(t.Context()) == nil {
		t.Error("without an exporter, the check succeeds")
	}
}
