// Command kubernetes-schemas checks Kubernetes manifests against the schemas of
// Kubernetes and of the Prometheus operator, and refuses fields that they do not
// have. Its argument is the folder with the manifests.
//
// kubeconform does the checking. The schemas that it would download are made
// here, from what the two projects' Go modules carry. What no schema sees is
// checked besides: that a StatefulSet has as many replicas as shards, and that
// the exporter, which must be in the working directory, likes a ConfigMap.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	kubernetes  = "k8s.io/kubernetes@v1.37.2"
	operator    = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
	kubeconform = "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0"

	objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
)

type object = map[string]any

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: kubernetes-schemas FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "kubernetes-schemas:", err)
		os.Exit(1)
	}
}

func run(folder string) error {
	manifests, err := read(folder)
	if err != nil {
		return err
	}
	if len(manifests) == 0 {
		return fmt.Errorf("no manifests in %s", folder)
	}
	// Outside of any module, so that no go.mod decides about versions.
	dir, err := os.MkdirTemp("", "kubernetes-schemas")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	definitions, roots, err := schemas(dir)
	if err != nil {
		return err
	}

	for _, m := range manifests {
		apiVersion, _ := m.content["apiVersion"].(string)
		kind, _ := m.content["kind"].(string)
		root, ok := roots[apiVersion+" "+kind]
		if !ok {
			return fmt.Errorf("%s: no schema for kind %q of %q", m.file, kind, apiVersion)
		}
		schema := object{"$ref": "#/definitions/" + root, "definitions": definitions}
		text, err := json.Marshal(schema)
		if err != nil {
			return err
		}
		// As kubeconform's {{.ResourceKind}}{{.KindSuffix}} has it: podmonitor-monitoring-v1.
		group, version, found := strings.Cut(apiVersion, "/")
		name := strings.ToLower(kind) + "-" + apiVersion + ".json"
		if found {
			group, _, _ = strings.Cut(group, ".")
			name = strings.ToLower(kind) + "-" + group + "-" + version + ".json"
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
		if err := errors.Join(shards(m.content), configuration(m.content)); err != nil {
			return fmt.Errorf("%s: %w", m.file, err)
		}
	}

	folder, err = filepath.Abs(folder)
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "run", kubeconform, "-strict", "-summary",
		"-schema-location", filepath.Join(dir, "{{.ResourceKind}}{{.KindSuffix}}.json"), folder)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stdout, os.Stderr
	return cmd.Run()
}

type manifest struct {
	file    string
	content object
}

// read returns every YAML document below folder.
func read(folder string) ([]manifest, error) {
	var manifests []manifest
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(file) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		for {
			var content object
			err := decoder.Decode(&content)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			manifests = append(manifests, manifest{file, content})
		}
	})
	return manifests, err
}

// schemas returns the definitions of both projects, by name, and the name of the
// definition of each "apiVersion kind".
func schemas(dir string) (definitions object, roots map[string]string, err error) {
	var swagger struct{ Definitions map[string]object }
	if err := load(dir, kubernetes, "api/openapi-spec/swagger.json", &swagger); err != nil {
		return nil, nil, err
	}
	definitions, roots = object{}, map[string]string{}
	for name, definition := range swagger.Definitions {
		if kinds, ok := definition["x-kubernetes-group-version-kind"].([]any); ok && len(kinds) == 1 {
			kind := kinds[0].(object)
			apiVersion := strings.TrimPrefix(fmt.Sprintf("%s/%s", kind["group"], kind["version"]), "/")
			roots[apiVersion+" "+fmt.Sprint(kind["kind"])] = name
		}
		definitions[name] = strict(definition)
	}
	definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = object{"type": []string{"string", "number"}}
	definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = object{"type": []string{"string", "integer"}}

	for _, plural := range []string{"podmonitors", "servicemonitors", "prometheusrules"} {
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
		if err := load(dir, operator, "jsonnet/prometheus-operator/"+plural+"-crd.json", &crd); err != nil {
			return nil, nil, err
		}
		for _, version := range crd.Spec.Versions {
			schema := strict(version.Schema.OpenAPIV3Schema).(object)
			schema["properties"].(object)["metadata"] = object{"$ref": "#/definitions/" + objectMeta}
			name := plural + "." + version.Name
			definitions[name] = schema
			roots[crd.Spec.Group+"/"+version.Name+" "+crd.Spec.Names.Kind] = name
		}
	}
	return definitions, roots, nil
}

// load decodes a JSON file of a Go module.
func load(dir, module, file string, into any) error {
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("download %s: %w: %s", module, err, out)
	}
	var downloaded struct{ Dir string }
	if err := json.Unmarshal(out, &downloaded); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(downloaded.Dir, filepath.FromSlash(file)))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// strict returns the schema with unknown fields refused, wherever it lists the
// known ones.
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
		_, listed := s["properties"].(object)
		_, decided := s["additionalProperties"]
		if listed && !decided && s["type"] == "object" && s["x-kubernetes-preserve-unknown-fields"] != true {
			out["additionalProperties"] = false
		}
		return out
	}
	return schema
}

// shards finds a StatefulSet with another number of replicas than of shards,
// which no schema sees.
func shards(manifest object) error {
	if manifest["kind"] != "StatefulSet" {
		return nil
	}
	text, err := json.Marshal(manifest)
	if err != nil {
		return err
	}
	var set struct {
		Spec struct {
			Replicas int
			Template struct {
				Spec struct {
					Containers []struct{ Args []string }
				}
			}
		}
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return err
	}
	want := fmt.Sprintf("--shard.count=%d", set.Spec.Replicas)
	for _, container := range set.Spec.Template.Spec.Containers {
		for _, arg := range container.Args {
			if arg == want {
				return nil
			}
		}
	}
	return fmt.Errorf("%d replicas, but no argument %s", set.Spec.Replicas, want)
}

// configuration has the exporter check the configuration that a ConfigMap holds.
func configuration(manifest object) error {
	data, _ := manifest["data"].(object)
	if _, ok := data["simcard.yml"]; !ok || manifest["kind"] != "ConfigMap" {
		return nil
	}
	dir, err := os.MkdirTemp("", "kubernetes-schemas")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for name, text := range data {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(fmt.Sprint(text)), 0o600); err != nil {
			return err
		}
	}
	cmd := exec.Command("go", "run", ".", "--config.check", "--config.file", filepath.Join(dir, "simcard.yml"))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
