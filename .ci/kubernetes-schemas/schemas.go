package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	kubernetes = "k8s.io/kubernetes@v1.37.2"
	operator   = "github.com/prometheus-operator/prometheus-operator@v0.85.0"

	objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

	// schemaLocation is kubeconform's template for the name of a schema file.
	// schemaFile returns the same names.
	schemaLocation = "{{.ResourceKind}}{{.KindSuffix}}.json"
)

// schemas are the JSON schemas of both projects.
type schemas struct {
	definitions object            // by name
	roots       map[string]string // name of the definition, by "apiVersion kind"
}

// loadSchemas downloads the modules of both projects if necessary.
func loadSchemas(ctx context.Context) (*schemas, error) {
	s := &schemas{definitions: object{}, roots: map[string]string{}}
	if err := s.addKubernetes(ctx); err != nil {
		return nil, err
	}
	for _, plural := range []string{"servicemonitors", "prometheusrules"} {
		if err := s.addOperator(ctx, plural); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// addKubernetes adds all kinds of Kubernetes.
func (s *schemas) addKubernetes(ctx context.Context) error {
	var swagger struct{ Definitions map[string]object }
	if err := load(ctx, kubernetes, "api/openapi-spec/swagger.json", &swagger); err != nil {
		return err
	}
	for name, definition := range swagger.Definitions {
		if kinds, ok := definition["x-kubernetes-group-version-kind"].([]any); ok && len(kinds) == 1 {
			kind := kinds[0].(object)
			apiVersion := strings.TrimPrefix(fmt.Sprintf("%s/%s", kind["group"], kind["version"]), "/")
			s.roots[apiVersion+" "+fmt.Sprint(kind["kind"])] = name
		}
		s.definitions[name] = strict(definition)
	}
	// Kubernetes' own schema has them as strings only.
	s.definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = object{"type": []string{"string", "number"}}
	s.definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = object{"type": []string{"string", "integer"}}
	return nil
}

// addOperator adds one of the Prometheus operator's kinds, all versions of it.
func (s *schemas) addOperator(ctx context.Context, plural string) error {
	var crd struct {
		Spec struct {
			Group    string
			Names    struct{ Kind string }
			Versions []struct {
				Name   string
				Schema struct{ OpenAPIV3Schema object }
			}
		}
	}
	if err := load(ctx, operator, "jsonnet/prometheus-operator/"+plural+"-crd.json", &crd); err != nil {
		return err
	}
	for _, version := range crd.Spec.Versions {
		schema := strict(version.Schema.OpenAPIV3Schema).(object)
		schema["properties"].(object)["metadata"] = object{"$ref": "#/definitions/" + objectMeta}
		name := plural + "." + version.Name
		s.definitions[name] = schema
		s.roots[crd.Spec.Group+"/"+version.Name+" "+crd.Spec.Names.Kind] = name
	}
	return nil
}

// write writes the schema for a manifest to dir, where kubeconform finds it.
func (s *schemas) write(dir string, m manifest) error {
	root, ok := s.roots[m.apiVersion+" "+m.kind]
	if !ok {
		return fmt.Errorf("no schema for kind %q of %q", m.kind, m.apiVersion)
	}
	text, err := json.Marshal(object{"$ref": "#/definitions/" + root, "definitions": s.definitions})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, schemaFile(m)), text, 0o600)
}

// schemaFile returns, for example, servicemonitor-monitoring-v1.json or
// service-v1.json.
func schemaFile(m manifest) string {
	group, version, found := strings.Cut(m.apiVersion, "/")
	if !found {
		return strings.ToLower(m.kind) + "-" + m.apiVersion + ".json"
	}
	group, _, _ = strings.Cut(group, ".")
	return strings.ToLower(m.kind) + "-" + group + "-" + version + ".json"
}

// load decodes a JSON file of a Go module.
func load(ctx context.Context, module, file string, into any) error {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	cmd.Dir = os.TempDir() // not in a module: no go.mod and go.sum take part
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("download %s: %w: %s", module, err, out)
	}
	var downloaded struct{ Dir string }
	if err := json.Unmarshal(out, &downloaded); err != nil {
		return fmt.Errorf("download %s: %w", module, err)
	}
	text, err := os.ReadFile(filepath.Join(downloaded.Dir, filepath.FromSlash(file)))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s of %s: %w", file, module, err)
	}
	return nil
}

// strict returns a copy of the schema that refuses unknown fields wherever it
// lists the known ones.
func strict(schema any) any {
	switch s := schema.(type) {
	case []any:
		list := make([]any, len(s))
		for i := range s {
			list[i] = strict(s[i])
		}
		return list
	case object:
		out := maps.Clone(s)
		for key, value := range out {
			if key != "default" && key != "enum" {
				out[key] = strict(value)
			}
		}
		_, hasProperties := s["properties"].(object)
		_, decided := s["additionalProperties"]
		if hasProperties && !decided && s["type"] == "object" && s["x-kubernetes-preserve-unknown-fields"] != true {
			out["additionalProperties"] = false
		}
		return out
	}
	return schema
}
