//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// podFiles are the manifests that run the exporter.
var podFiles = []string{"single/deployment.yaml", "sharded/statefulset.yaml"}

// pod is the container of a manifest, as far as it is run here.
type pod struct {
	Args  []string
	Ports []struct {
		Name          string
		ContainerPort string `yaml:"containerPort"`
	}
	Liveness  probe `yaml:"livenessProbe"`
	Readiness probe `yaml:"readinessProbe"`
}

type probe struct {
	HTTPGet struct{ Path, Port string } `yaml:"httpGet"`
}

// readPod reads a manifest of examples/kubernetes. What it has as a comment for a
// password is in use if there is to be one.
func readPod(t *testing.T, file string, withPassword bool) pod {
	t.Helper()
	text := example(t, "kubernetes/"+file)
	if withPassword {
		text = regexp.MustCompile(`(?m)^( +)# (- --web\.config\.file=)`).ReplaceAllString(text, "$1$2")
	}
	var manifest struct {
		Spec struct {
			Template struct {
				Spec struct{ Containers []pod }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &manifest); err != nil {
		t.Fatal(err)
	}
	return manifest.Spec.Template.Spec.Containers[0]
}

// start starts the exporter with the arguments of the manifest, and more. The directory of the
// configuration is config. The container's ports are at the addresses returned.
func (p pod) start(t *testing.T, config string, more ...string) (e *exporter, ports map[string]string) {
	t.Helper()
	args := p.Args
	ports = make(map[string]string)
	pairs := []string{"/etc/simcard_exporter/", config + "/", "/var/lib/simcard_exporter/", t.TempDir() + "/", "$(POD_INDEX)", "0"}
	for _, port := range p.Ports {
		ports[port.Name] = freeAddress(t)
		pairs = append(pairs, "=:"+port.ContainerPort, "="+ports[port.Name])
	}
	for i, arg := range args {
		args[i] = strings.NewReplacer(pairs...).Replace(arg)
	}
	return startExporter(t, append(args, more...)...), ports
}

// configMap is a directory into which the kubelet puts a ConfigMap: the files are behind two
// symbolic links, the first of which it replaces.
type configMap struct{ dir string }

// put replaces all files at once.
func (c configMap) put(t *testing.T, files map[string]string) {
	t.Helper()
	version, err := os.MkdirTemp(c.dir, "..version")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		write(t, filepath.Join(version, name), text)
		if link := filepath.Join(c.dir, name); !exists(link) {
			if err := os.Symlink(filepath.Join("..data", name), link); err != nil {
				t.Fatal(err)
			}
		}
	}
	data, next := filepath.Join(c.dir, "..data"), filepath.Join(c.dir, "..data_tmp")
	last, _ := os.Readlink(data)
	if err := os.Symlink(filepath.Base(version), next); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, data); err != nil {
		t.Fatal(err)
	}
	if last == "" {
		return
	}
	if err := os.RemoveAll(filepath.Join(c.dir, last)); err != nil {
		t.Fatal(err)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// TestKubernetesReload: an exporter with the flags of the manifests takes over a ConfigMap that
// was changed, and keeps its last good one.
func TestKubernetesReload(t *testing.T) {
	const configuration = "groups: [{name: g, files: ['terminals*.csv'], max_age: 12h}]\n"
	const one = "imei\n352019040635785\n"
	for _, file := range podFiles {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			mounted := configMap{t.TempDir()}
			mounted.put(t, map[string]string{"simcard.yml": configuration, "terminals.csv": one})
			e, _ := readPod(t, file, false).start(t, mounted.dir, "--config.auto-reload-interval=1s")
			mounted.put(t, map[string]string{"simcard.yml": configuration, "terminals.csv": one + "352019040625281\n"})
			eventually(t, "second load", func() error {
				if n := strings.Count(e.log.String(), "configuration loaded"); n != 2 {
					return fmt.Errorf("loaded %d times", n)
				}
				return nil
			})
			mounted.put(t, map[string]string{"simcard.yml": configuration + "mistake", "terminals.csv": one})
			e.waitFor(t, "reload kept the last configuration")
		})
	}
}

// TestKubernetesPassword: with the password of the manifests' comments, metrics need it, and
// the probes, as they are written, do not.
func TestKubernetesPassword(t *testing.T) {
	for _, file := range podFiles {
		t.Run(file, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "simcard.yml"), "groups: [{name: g, imeis: [352019040635785]}]\n")
			write(t, filepath.Join(dir, "web.yml"), passwordFile)
			p := readPod(t, file, true)
			e, ports := p.start(t, dir)
			for _, probe := range []probe{p.Liveness, p.Readiness} {
				get(t, "http://"+ports[probe.HTTPGet.Port]+probe.HTTPGet.Path) // fails unless the status is 200
			}
			_, err := fetch("http://" + e.address + "/-/ready")
			if err == nil || !strings.Contains(err.Error(), http.StatusText(http.StatusUnauthorized)) {
				t.Errorf("without the password: %v", err)
			}
		})
	}
}
