package dashboards

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Grafana ignores unknown keys. These types have only the documented keys that
// the files use, and decode refuses all others.
type (
	datasourceFile struct {
		APIVersion  int `yaml:"apiVersion"`
		Datasources []struct {
			Name, UID, Type, Access, URL string
			IsDefault                    bool `yaml:"isDefault"`
			Editable                     bool
			JSONData                     struct {
				HTTPMethod   string `yaml:"httpMethod"`
				TimeInterval string `yaml:"timeInterval"`
			} `yaml:"jsonData"`
		}
	}
	dashboardFile struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name, Type, Folder    string
			AllowUIUpdates        bool `yaml:"allowUiUpdates"`
			UpdateIntervalSeconds int  `yaml:"updateIntervalSeconds"`
			Options               struct{ Path string }
		}
	}
)

func decode(t *testing.T, file string, into any) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func TestProvisioning(t *testing.T) {
	var sources datasourceFile
	decode(t, "../../examples/grafana/provisioning/datasources/prometheus.yaml", &sources)
	if sources.APIVersion != 1 || len(sources.Datasources) != 1 {
		t.Fatalf("data sources: %+v", sources)
	}
	if s := sources.Datasources[0]; s.Type != "prometheus" || s.URL != "http://prometheus:9090" || s.JSONData.TimeInterval == "" {
		t.Errorf("data source: %+v", s)
	}

	var provisioned dashboardFile
	decode(t, "../../examples/grafana/provisioning/dashboards/simcard.yaml", &provisioned)
	if provisioned.APIVersion != 1 || len(provisioned.Providers) != 1 {
		t.Fatalf("dashboards: %+v", provisioned)
	}
	compose, err := os.ReadFile("../../examples/compose/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, mount := range []string{
		"../grafana/provisioning:/etc/grafana/provisioning:ro",
		"../grafana/dashboards:" + provisioned.Providers[0].Options.Path + ":ro",
	} {
		if !strings.Contains(string(compose), mount) {
			t.Errorf("compose.yaml does not mount %s", mount)
		}
	}
}
