package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"
)

type object = map[string]any

// manifest is one YAML document.
type manifest struct {
	file       string
	apiVersion string
	kind       string
	content    object
}

// readManifests returns every YAML document below folder. It is an error if
// there are none.
func readManifests(folder string) ([]manifest, error) {
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
			m := manifest{file: file}
			err := decoder.Decode(&m.content)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			m.apiVersion, _ = m.content["apiVersion"].(string)
			m.kind, _ = m.content["kind"].(string)
			manifests = append(manifests, m)
		}
	})
	if err == nil && len(manifests) == 0 {
		err = fmt.Errorf("no manifests in %s", folder)
	}
	return manifests, err
}

// checkShards reports a StatefulSet whose number of replicas is not its number
// of shards.
func checkShards(m manifest) error {
	if m.kind != "StatefulSet" {
		return nil
	}
	text, err := json.Marshal(m.content)
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
		if slices.Contains(container.Args, want) {
			return nil
		}
	}
	return fmt.Errorf("%d replicas, but no argument %s", set.Spec.Replicas, want)
}

// checkConfiguration runs the exporter's own check on the configuration in a
// ConfigMap.
func checkConfiguration(ctx context.Context, m manifest, out io.Writer) error {
	data, _ := m.content["data"].(object)
	if _, ok := data["simcard.yml"]; !ok || m.kind != "ConfigMap" {
		return nil
	}
	dir, err := os.MkdirTemp("", "kubernetes-schemas")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for name, text := range data {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(fmt.Sprint(text)), 0o600); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, "go", "run", ".", "--config.check", "--config.file", filepath.Join(dir, "simcard.yml"))
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("check configuration: %w", err)
	}
	return nil
}
