// Command kubernetes-schemas checks the Kubernetes manifests in a folder against
// the schemas of Kubernetes and of the Prometheus operator. Unknown fields are
// mistakes. Run it at the root of the repository:
//
//	go run ./.ci/kubernetes-schemas examples/kubernetes
//
// kubeconform validates. Its schemas are not downloaded but generated from files
// in the Go modules of the two projects. Two more checks cover what a schema
// cannot: a StatefulSet has as many replicas as shards, and the exporter accepts
// the configuration in a ConfigMap.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

const kubeconform = "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: kubernetes-schemas FOLDER")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "kubernetes-schemas:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, folder string, out io.Writer) error {
	s, err := loadSchemas(ctx)
	if err != nil {
		return err
	}
	return check(ctx, s, folder, out)
}

// check checks every manifest below folder. What kubeconform and the exporter
// print goes to out.
func check(ctx context.Context, s *schemas, folder string, out io.Writer) error {
	manifests, err := readManifests(folder)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "kubernetes-schemas")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, m := range manifests {
		err := errors.Join(s.write(dir, m), checkShards(m), checkConfiguration(ctx, m, out))
		if err != nil {
			return fmt.Errorf("%s: %w", m.file, err)
		}
	}

	folder, err = filepath.Abs(folder)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "run", kubeconform, "-strict", "-summary",
		"-schema-location", filepath.Join(dir, schemaLocation), folder)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("kubeconform: %w", err)
	}
	return nil
}
