//go:build e2e

// Package examples holds no code: this test runs what a user copies from here
// against the real Prometheus and Alertmanager. It needs their binaries, and
// promtool and amtool, in PATH.
package examples

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// patience is how long anything is waited for before it counts as failed.
const patience = 90 * time.Second

// TestDemo has the examples watch the demo: every target is up, every rule
// works, every panel of the dashboards has data, the suspended card's alert
// arrives with the shop's name.
func TestDemo(t *testing.T) {
	exporter := startExporter(t, "--demo")
	s := startServers(t, exporter)

	s.eventually(t, "every target up", s.targetsUp)
	s.eventually(t, "every rule evaluated without error", s.rulesHealthy)
	s.eventually(t, "the suspended card's alert at the webhook", func() error {
		return s.webhook.has("firing", "SimcardSuspended", "shop", "阳光水果2号店")
	})
	for _, alert := range []string{"SimcardExpired", "SimcardExpiresSoon", "SimcardOutOfData", "SimcardDataLow", "SimcardUnknown", "SimcardMoved"} {
		s.eventually(t, alert+" at the webhook", func() error { return s.webhook.has("firing", alert, "", "") })
	}

	metrics := get(t, "http://"+exporter+"/metrics")
	runWith(t, metrics, "promtool", "check", "metrics")
	checkDashboards(t, s, metrics)
}

// TestSpreadsheet has the examples watch a fleet from a spreadsheet on a
// platform that fails: the card's alert is silenced while the platform is
// down, and resolved when the card is in service again.
func TestSpreadsheet(t *testing.T) {
	cards := simulator.Fleet(60)
	for i := range cards {
		cards[i].Status, cards[i].Balance = 1, "20480.00KB"
		cards[i].ExpireTS = time.Now().AddDate(1, 0, 0).Format("2006-01-02T15:04:05")
	}
	cards[7].Status = 0
	platform := simulator.New(cards)
	server := httptest.NewServer(platform)
	t.Cleanup(server.Close)

	// The example's configuration and spreadsheet, for this platform and with
	// its cards.
	dir := t.TempDir()
	text := replace(t, read(t, "config/simcard.yml"),
		`(?m)^platform:$`, "platform:\n  url: "+server.URL+"\n  max_retries: 0",
		`rate_limit: \S+`, "rate_limit: 0",
		`max_age: \S+`, "max_age: 1s",
		`stale_if_error: \S+`, "stale_if_error: 0s",
		`imeis: \[.*\]`, fmt.Sprintf("imeis: [%s, %s]", cards[50].IMEI, cards[51].IMEI),
		`iccids: \[.*\]`, fmt.Sprintf("iccids: [%s]", cards[52].ICCID))
	write(t, filepath.Join(dir, "simcard.yml"), text)
	header, _, _ := strings.Cut(read(t, "config/terminals.csv"), "\n")
	if header != "imei,iccid,shop,city,till" {
		t.Fatalf("terminals.csv has the columns %s", header)
	}
	var rows strings.Builder
	fmt.Fprintln(&rows, header)
	for i, c := range cards[:40] {
		fmt.Fprintf(&rows, "%s,%s,\"Shop %d, \"\"East\"\"\",Hangzhou,%d\n", c.IMEI, c.ICCID, i, i)
	}
	write(t, filepath.Join(dir, "terminals.csv"), rows.String())

	exporter := startExporter(t, "--config.file="+filepath.Join(dir, "simcard.yml"))
	s := startServers(t, exporter)
	s.eventually(t, "every target up", s.targetsUp)
	s.eventually(t, "every rule evaluated without error", s.rulesHealthy)
	s.eventually(t, "the suspended card's alert at the webhook", func() error {
		return s.webhook.has("firing", "SimcardSuspended", "shop", `Shop 7, "East"`)
	})

	platform.SetBehaviour(simulator.Behaviour{Fault: simulator.Unavailable})
	s.eventually(t, "the platform's alert at the webhook", func() error {
		return s.webhook.has("firing", "SimcardPlatformDown", "group", "terminals")
	})
	s.eventually(t, "the card's alert inhibited", func() error { return s.inhibited("SimcardSuspended") })

	platform.SetBehaviour(simulator.Behaviour{})
	s.eventually(t, "the platform's alert resolved", func() error {
		return s.webhook.has("resolved", "SimcardPlatformDown", "group", "terminals")
	})
	cards[7].Status = 1
	platform.SetCards(cards)
	s.eventually(t, "the card's alert resolved", func() error {
		return s.webhook.has("resolved", "SimcardSuspended", "shop", `Shop 7, "East"`)
	})
}

// TestCheckers runs the servers' own checkers over the examples as they are.
func TestCheckers(t *testing.T) {
	runWith(t, "", "promtool", "check", "config", "prometheus/prometheus.yml")
	runWith(t, "", "promtool", "check", "rules", "--lint=all", "--lint-fatal", "prometheus/rules/simcard.rules.yml")
	tests, err := filepath.Glob("prometheus/rules/tests/*.yml")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no rule tests: %v", err)
	}
	runWith(t, "", "promtool", append([]string{"test", "rules"}, tests...)...)
	runWith(t, "", "amtool", "check-config", "alertmanager/alertmanager.yml")
	runWith(t, "", "sh", "alertmanager/routes_test.sh")
}

// checkDashboards runs every query of the dashboards.
func checkDashboards(t *testing.T, s *servers, metrics string) {
	t.Helper()
	card := regexp.MustCompile(`simcard_device_match\{iccid="(\w+)",imei="(\w+)"\} 1`).FindStringSubmatch(metrics)
	if card == nil {
		t.Fatal("the demo has no card in its expected device")
	}
	check := command("go", "run", "./queries", "-var", "job=simcard.*", "-var", "iccid="+card[1], "-var", "imei="+card[2],
		"-var", "__rate_interval=20s", "-var", "__range=1m", "-var", "__interval=5s")
	check.Dir = "../.ci/dashboards"
	out, err := check.Output()
	if err != nil {
		t.Fatalf("queries: %v", err)
	}
	n := 0
	for line := range bytes.Lines(out) {
		var q struct {
			Dashboard, Panel, Expr string
			MayBeEmpty             bool
		}
		if err := json.Unmarshal(line, &q); err != nil {
			t.Fatal(err)
		}
		n++
		s.eventually(t, fmt.Sprintf("data for %s / %s: %s", q.Dashboard, q.Panel, q.Expr), func() error {
			var result struct{ Result []json.RawMessage }
			if err := s.query("/api/v1/query?query="+url.QueryEscape(q.Expr), &result); err != nil {
				return err
			}
			if len(result.Result) == 0 && !q.MayBeEmpty {
				return errors.New("no data")
			}
			return nil
		})
	}
	if n < 50 {
		t.Errorf("only %d queries", n)
	}
}

// servers are Prometheus and Alertmanager with the example configuration.
type servers struct {
	prometheus, alertmanager string
	webhook                  *webhook
}

// startServers starts both with the configuration of the examples, in which
// addresses and times are changed and nothing else.
func startServers(t *testing.T, exporter string) *servers {
	t.Helper()
	s := &servers{prometheus: freeAddress(t), alertmanager: freeAddress(t), webhook: &webhook{}}
	receiver := httptest.NewServer(s.webhook)
	t.Cleanup(receiver.Close)
	dir := t.TempDir()
	faster := []string{
		`(scrape_interval|evaluation_interval|interval): \S+`, "$1: 1s",
		`scrape_timeout: \S+`, "scrape_timeout: 1s",
		`(for|keep_firing_for): \d+\w+`, "$1: 2s",
		`(group_wait|group_interval): \S+`, "$1: 1s",
		`repeat_interval: \S+`, "repeat_interval: 1h",
		`exporter:10460`, exporter,
		`prometheus:9090`, s.prometheus,
		`alertmanager:9093`, s.alertmanager,
		`http://127.0.0.1:9999/\w+`, receiver.URL,
	}
	write(t, filepath.Join(dir, "prometheus.yml"), replace(t, read(t, "prometheus/prometheus.yml"), faster...))
	write(t, filepath.Join(dir, "alertmanager.yml"), replace(t, read(t, "alertmanager/alertmanager.yml"), faster...))
	if err := os.Mkdir(filepath.Join(dir, "rules"), 0o700); err != nil {
		t.Fatal(err)
	}
	// The windows of the rules are left as they are, but for the one in which
	// a platform that is down goes unnoticed.
	write(t, filepath.Join(dir, "rules", "simcard.rules.yml"), replace(t, read(t, "prometheus/rules/simcard.rules.yml"), faster...))

	background(t, "alertmanager", "--config.file="+filepath.Join(dir, "alertmanager.yml"), "--storage.path="+filepath.Join(dir, "am"),
		"--web.listen-address="+s.alertmanager, "--cluster.listen-address=")
	background(t, "prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "tsdb"),
		"--web.listen-address="+s.prometheus)
	for _, address := range []string{s.alertmanager, s.prometheus} {
		s.eventually(t, address+" ready", func() error {
			_, err := fetch("http://" + address + "/-/ready")
			return err
		})
	}
	return s
}

// eventually waits until check returns nil.
func (s *servers) eventually(t *testing.T, what string, check func() error) {
	t.Helper()
	start := time.Now()
	deadline := start.Add(patience)
	for {
		err := check()
		if err == nil {
			t.Logf("%s, after %v", what, time.Since(start).Round(time.Second/10))
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no %s: %v\n%s", what, err, s.webhook)
		}
		<-time.After(200 * time.Millisecond)
	}
}

func (s *servers) query(path string, data any) error {
	body, err := fetch("http://" + s.prometheus + path)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, &struct{ Data any }{data})
}

func (s *servers) targetsUp() error {
	var data struct {
		ActiveTargets []struct{ ScrapePool, Health, LastError string }
	}
	if err := s.query("/api/v1/targets", &data); err != nil {
		return err
	}
	if len(data.ActiveTargets) < 3 {
		return fmt.Errorf("%d targets", len(data.ActiveTargets))
	}
	for _, target := range data.ActiveTargets {
		if target.Health != "up" {
			return fmt.Errorf("%s is %s: %s", target.ScrapePool, target.Health, target.LastError)
		}
	}
	return nil
}

func (s *servers) rulesHealthy() error {
	var data struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	if err := s.query("/api/v1/rules", &data); err != nil {
		return err
	}
	n := 0
	for _, group := range data.Groups {
		for _, rule := range group.Rules {
			n++
			if rule.Health != "ok" {
				return fmt.Errorf("%s is %s: %s", rule.Name, rule.Health, rule.LastError)
			}
		}
	}
	if n < 20 {
		return fmt.Errorf("%d rules", n)
	}
	return nil
}

// inhibited says whether every alert of that name is silenced by another.
func (s *servers) inhibited(name string) error {
	body, err := fetch("http://" + s.alertmanager + "/api/v2/alerts?filter=alertname=" + name)
	if err != nil {
		return err
	}
	var alerts []struct {
		Status struct{ InhibitedBy []string }
	}
	if err := json.Unmarshal(body, &alerts); err != nil {
		return err
	}
	for _, alert := range alerts {
		if len(alert.Status.InhibitedBy) == 0 {
			return errors.New("not inhibited")
		}
	}
	if len(alerts) == 0 {
		return errors.New("no such alert")
	}
	return nil
}

// webhook is a receiver of Alertmanager's notifications.
type webhook struct {
	mu     sync.Mutex
	alerts []notified
}

type notified struct {
	Status      string
	Labels      map[string]string
	Annotations map[string]string
}

func (h *webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var message struct{ Alerts []notified }
	if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.alerts = append(h.alerts, message.Alerts...)
}

// has says whether an alert with that label has arrived, in label and text.
func (h *webhook) has(status, name, label, value string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.alerts {
		if a.Status == status && a.Labels["alertname"] == name && (label == "" || a.Labels[label] == value &&
			strings.Contains(a.Annotations["description"], value)) {
			return nil
		}
	}
	return fmt.Errorf("%d alerts, and none is %s %s with %s=%s", len(h.alerts), status, name, label, value)
}

func (h *webhook) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var b strings.Builder
	for _, a := range h.alerts {
		fmt.Fprintln(&b, a.Status, a.Labels)
	}
	return b.String()
}

// startExporter builds and starts the exporter and returns its address.
func startExporter(t *testing.T, args ...string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "simcard_exporter")
	runWith(t, "", "go", "build", "-o", binary, "..")
	address := freeAddress(t)
	background(t, binary, append(args, "--web.listen-address="+address)...)
	(&servers{webhook: &webhook{}}).eventually(t, "exporter ready", func() error {
		_, err := fetch("http://" + address + "/-/ready")
		return err
	})
	return address
}

// background runs a program until the test ends.
func background(t *testing.T, name string, args ...string) {
	t.Helper()
	var log bytes.Buffer
	program := command(name, args...)
	program.Stdout, program.Stderr = &log, &log
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = program.Process.Signal(syscall.SIGTERM)
		_ = program.Wait()
		if t.Failed() {
			t.Logf("%s:\n%s", filepath.Base(name), tail(log.String(), 4000))
		}
	})
}

// runWith runs a program to its end, which must be a good one.
func runWith(t *testing.T, input, name string, args ...string) {
	t.Helper()
	program := command(name, args...)
	program.Stdin = strings.NewReader(input)
	if out, err := program.CombinedOutput(); err != nil {
		t.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, tail(string(out), 4000))
	}
}

func command(name string, args ...string) *exec.Cmd {
	return exec.CommandContext(context.Background(), name, args...)
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func fetch(address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, tail(string(body), 200))
	}
	return body, err
}

func get(t *testing.T, address string) string {
	t.Helper()
	body, err := fetch(address)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// replace applies pairs of pattern and replacement.
func replace(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		text = regexp.MustCompile(pairs[i]).ReplaceAllString(text, pairs[i+1])
	}
	return text
}
