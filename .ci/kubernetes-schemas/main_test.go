package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mistakes are made in the examples by replacing the first old by new.
var mistakes = []struct {
	name     string
	file     string
	old, new string
	want     string // part of the error or of the output
}{
	{
		name: "unknown field", file: "single/deployment.yaml",
		old:  "terminationGracePeriodSeconds:",
		new:  "terminationGraceSeconds:",
		want: "additional properties 'terminationGraceSeconds' not allowed",
	},
	{
		name: "unknown field of an operator's kind", file: "prometheus-operator/servicemonitor.yaml",
		old:  "scrapeTimeout:",
		new:  "scrapeTimeouts:",
		want: "additional properties 'scrapeTimeouts' not allowed",
	},
	{
		name: "unknown field of the metadata of an operator's kind", file: "prometheus-operator/servicemonitor.yaml",
		old:  "  labels:",
		new:  "  label:",
		want: "additional properties 'label' not allowed",
	},
	{
		name: "wrong type", file: "single/deployment.yaml",
		old:  "replicas: 1",
		new:  "replicas: one",
		want: "got string, want integer",
	},
	{
		name: "missing field", file: "single/service.yaml",
		old:  "port: 10460",
		new:  "protocol: TCP",
		want: "missing property 'port'",
	},
	{
		name: "unknown kind", file: "single/deployment.yaml",
		old:  "kind: Deployment",
		new:  "kind: Deploymint",
		want: `no schema for kind "Deploymint" of "apps/v1"`,
	},
	{
		name: "unknown version", file: "common/networkpolicy.yaml",
		old:  "networking.k8s.io/v1",
		new:  "networking.k8s.io/v0",
		want: `no schema for kind "NetworkPolicy" of "networking.k8s.io/v0"`,
	},
	{
		name: "not YAML", file: "single/service.yaml",
		old:  "spec:",
		new:  "spec",
		want: "single/service.yaml: yaml: ",
	},
	{
		name: "fewer shards than replicas", file: "sharded/statefulset.yaml",
		old:  "--shard.count=3",
		new:  "--shard.count=2",
		want: "3 replicas, but no argument --shard.count=3",
	},
	{
		name: "mistake in the configuration", file: "common/configmap.yaml",
		old:  "max_age:",
		new:  "max_ages:",
		want: `max_ages`,
	},
}

func TestCheckFindsMistakes(t *testing.T) {
	t.Chdir("../..")
	s, err := loadSchemas(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS("examples/kubernetes")); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, m.file)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			changed := strings.Replace(string(text), m.old, m.new, 1)
			if changed == string(text) {
				t.Fatalf("%s has no %q", m.file, m.old)
			}
			if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			err = check(t.Context(), s, dir, &out)
			if err == nil {
				t.Fatal("check() = nil")
			}
			if !strings.Contains(err.Error()+out.String(), m.want) {
				t.Errorf("check() = %v, want %q; output:\n%s", err, m.want, &out)
			}
		})
	}
}

func TestNoManifests(t *testing.T) {
	dir := t.TempDir()
	if err := check(t.Context(), nil, dir, nil); err == nil || err.Error() != "no manifests in "+dir {
		t.Errorf("check() = %v", err)
	}
}
