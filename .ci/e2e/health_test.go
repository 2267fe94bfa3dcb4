//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// A user "prometheus" with the password "secret".
const passwordFile = "basic_auth_users: {prometheus: $2a$04$cCZ6ru.R1rPG0NmdnRKVpusgV07VZ731qm7Xleu6elc7Pa40xi9di}\n"

// TestImageHealthCheckWithPassword: the image's health check, as it is written, follows an
// exporter that asks for a password.
func TestImageHealthCheckWithPassword(t *testing.T) {
	dockerfile, err := os.ReadFile(filepath.Join(repository, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	variable := regexp.MustCompile(`(?m)^ENV (\w+)=127\.0\.0\.1:\d+$`).FindSubmatch(dockerfile)
	check := regexp.MustCompile(`(?m)^HEALTHCHECK .*CMD (\[.*\])$`).FindSubmatch(dockerfile)
	if variable == nil || check == nil {
		t.Fatalf("no address or no health check in\n%s", dockerfile)
	}
	var args []string
	if err := json.Unmarshal(check[1], &args); err != nil || args[0] != "/simcard_exporter" {
		t.Fatalf("%q: %v", args, err)
	}
	t.Setenv(string(variable[1]), freeAddress(t))
	isHealthy := func() bool { return command(binaryPath(t), args[1:]...).Run() == nil }
	if isHealthy() {
		t.Error("healthy before it has started")
	}
	e := startExporter(t, "--demo", "--web.config.file="+writePasswordFile(t))
	if !isHealthy() {
		t.Error("not healthy")
	}
	if err := e.stop(); err != nil {
		t.Error(err)
	}
	if isHealthy() {
		t.Error("healthy after it has ended")
	}
}

func writePasswordFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "web.yml")
	write(t, path, passwordFile)
	return path
}
