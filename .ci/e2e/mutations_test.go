//go:build e2e

package e2e

import (
	"archive/zip"
	"bytes"
	"flag"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var mutations = flag.Int("mutations", 40, "how many configurations TestMutations reloads")

// TestMutations reloads mutations of a good configuration and of its workbook.
// The process lives, and serves the last good configuration or the new one.
func TestMutations(t *testing.T) {
	dir := t.TempDir()
	config, workbook := filepath.Join(dir, "simcard.yml"), filepath.Join(dir, "terminals.xlsx")
	good := map[string][]byte{config: []byte(goodConfig), workbook: read(t, repository+"/config/testdata/libreoffice/terminals.xlsx")}
	restore := func() {
		for path, data := range good {
			write(t, path, string(data))
		}
	}
	restore()
	e := startExporter(t, "--config.file="+config)
	running := get(t, "http://"+e.address+"/config")
	random := rand.New(rand.NewPCG(1, 2))
	loaded, refused := 0, 0
	for i := range *mutations {
		restore()
		if i%2 == 0 {
			write(t, config, string(mutate(random, good[config])))
		} else {
			write(t, workbook, string(mutatePart(t, random, good[workbook])))
		}
		before := countReloads(e.log.String())
		if err := e.process.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatalf("mutation %d: %v", i, err)
		}
		after := before
		for start := time.Now(); after == before; after = countReloads(e.log.String()) {
			if time.Since(start) > patience {
				t.Fatalf("mutation %d was not reloaded", i)
			}
			<-time.After(time.Millisecond)
		}
		shown := get(t, "http://"+e.address+"/config")
		if after.refused > before.refused {
			refused++
			if shown != running {
				t.Fatalf("mutation %d was refused, and the configuration changed to\n%s", i, shown)
			}
		} else {
			loaded++
		}
		running = shown
	}
	restore()
	if status, body := post(t, "http://"+e.address+"/-/reload"); status != http.StatusOK {
		t.Errorf("reload of the good configuration: %d %s", status, body)
	}
	wantContains(t, e.scrape(t, "1"), `simcard_group_cards{group="terminals"} 4`, "simcard_exporter_config_last_reload_successful 1")
	t.Logf("%d loaded, %d refused", loaded, refused)
}

const goodConfig = `platform:
  url: http://127.0.0.1:9/
  timeout: 1s
  concurrency: 2
  max_retries: 0
  http_client_config: {basic_auth: {username: me, password: hunter2}, tls_config: {insecure_skip_verify: true}}
groups:
  - &first
    name: terminals
    max_age: 1h
    labels: &labels {tier: a, note: ""}
    files: [terminals.xlsx]
    columns: {门店: shop, 城市: city, 负责人: owner, 电话: phone, 安装日期: ""}
  - <<: *first
    name: second
    labels: {<<: *labels, tier: b}
    files: []
    imeis: [352019040600011, "352019040600029"]
    iccids: [898604231919c0083314]
`

// mutate changes some bytes: it removes, repeats, exchanges or replaces them.
func mutate(random *rand.Rand, data []byte) []byte {
	data = bytes.Clone(data)
	for range 1 + random.IntN(2) {
		if len(data) < 4 {
			break
		}
		from := random.IntN(len(data) - 2)
		to := from + 1 + random.IntN(min(64, len(data)-from-1))
		switch random.IntN(5) {
		case 0:
			data = append(data[:from], data[to:]...)
		case 1:
			data = append(data[:to], append(bytes.Clone(data[from:to]), data[to:]...)...)
		case 2:
			data[from], data[to-1] = data[to-1], data[from]
		case 3:
			data[from] = byte(random.IntN(256))
		case 4:
			signs := []string{"*first", "&x ", "!!null ", "!!binary ", "<<: ", "[", "{", "\n", "\t", ": ", "- ", "'", `"`, "|\n", "\x00", "终", "9999999999"}
			data = append(data[:from], append([]byte(signs[random.IntN(len(signs))]), data[from:]...)...)
		}
	}
	return data
}

// mutatePart changes one part of a workbook, which stays a valid archive.
func mutatePart(t *testing.T, random *rand.Rand, data []byte) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var mutated bytes.Buffer
	writer := zip.NewWriter(&mutated)
	chosen := random.IntN(len(archive.File))
	for i, file := range archive.File {
		part, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		if i == chosen {
			content = mutate(random, content)
		}
		to, err := writer.Create(file.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return mutated.Bytes()
}

// reloads counts the lines of a log about reloads.
type reloads struct{ loaded, refused int }

func countReloads(log string) reloads {
	return reloads{
		loaded:  strings.Count(log, `msg="configuration loaded"`),
		refused: strings.Count(log, `msg="reload kept the last configuration"`),
	}
}
