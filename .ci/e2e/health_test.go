//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// A user "prometheus" with the password "secret".
const passwordFile = "basic_auth_users: {prometheus: $2a$04$cCZ6ru.R1rPG0NmdnRKVpusgV07VZ731qm7Xleu6elc7Pa40xi9di}\n"

// TestKubernetesProbesWithPassword: the probes of the manifests, as they are written, get an
// answer from an exporter that asks for a password.
func TestKubernetesProbesWithPassword(t *testing.T) {
	for _, file := range []string{"single/deployment.yaml", "sharded/statefulset.yaml"} {
		t.Run(file, func(t *testing.T) {
			type probe struct {
				HTTPGet struct{ Path, Port string } `yaml:"httpGet"`
			}
			var manifest struct {
				Spec struct {
					Template struct {
						Spec struct {
							Containers []struct {
								Args  []string
								Ports []struct {
									Name          string
									ContainerPort string `yaml:"containerPort"`
								}
								Liveness  probe `yaml:"livenessProbe"`
								Readiness probe `yaml:"readinessProbe"`
							}
						}
					}
				}
			}
			text, err := os.ReadFile(examples + "kubernetes/" + file)
			if err != nil {
				t.Fatal(err)
			}
			if err := yaml.Unmarshal(text, &manifest); err != nil {
				t.Fatal(err)
			}
			container := manifest.Spec.Template.Spec.Containers[0]
			ports := make(map[string]string) // addresses here
			for _, port := range container.Ports {
				ports[port.Name] = freeAddress(t)
			}
			args := []string{"--demo", "--web.config.file=" + writePasswordFile(t)}
			for _, arg := range container.Args {
				for _, port := range container.Ports {
					if flag, found := strings.CutSuffix(arg, "=:"+port.ContainerPort); found {
						args = append(args, flag+"="+ports[port.Name])
					}
				}
			}
			startExporter(t, args...)
			for _, probe := range []probe{container.Liveness, container.Readiness} {
				get(t, "http://"+ports[probe.HTTPGet.Port]+probe.HTTPGet.Path) // fails unless the status is 200
			}
		})
	}
}

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
