package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"simcard_exporter/collector"
	"simcard_exporter/collector/szzkc/simulator"
	"simcard_exporter/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// exporter is the program, running inside the test on a port of its own.
type exporter struct {
	address string
	log     *logWatch
	stop    func() error
	client  *http.Client
}

// start runs the program until the test ends or stop is called.
func start(t *testing.T, args ...string) *exporter {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log := &logWatch{line: make(chan string, 1)}
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append(args, "--web.listen-address=127.0.0.1:0"), io.Discard, log)
	}()
	e := &exporter{log: log, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	e.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = e.stop() })
	select {
	case e.address = <-log.line:
	case err := <-ended:
		t.Fatalf("program ended: %v", err)
	}
	return e
}

func (e *exporter) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	return e.do(t, http.MethodGet, path)
}

func (e *exporter) do(t *testing.T, method, path string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+e.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := e.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// logWatch keeps the log and sends the address that the server listens on.
type logWatch struct {
	mu   sync.Mutex
	text bytes.Buffer
	line chan string
}

var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

func (l *logWatch) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := listening.FindSubmatch(p); m != nil {
		l.line <- string(m[1])
	}
	return l.text.Write(p)
}

func (l *logWatch) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// platform serves the three cards of the platform's page.
func platform(t *testing.T) (*simulator.Simulator, string) {
	t.Helper()
	sim := simulator.New(simulator.PageCards())
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	return sim, server.URL
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func wantContains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
}

func TestDemo(t *testing.T) {
	e := start(t, "--demo")
	status, text := e.get(t, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	wantContains(t, text,
		`simcard_up{group="terminals"} 1`, `simcard_up{group="live"} 1`,
		`simcard_group_cards{group="terminals"} 47`, `simcard_group_cards{group="live"} 15`,
		"simcard_exporter_config_last_reload_successful 1", "simcard_exporter_build_info{", "go_goroutines", "process_open_fds")
	for metric, want := range map[string]int{"simcard_found{": 62, "simcard_found{iccid=\"\"": 2, "simcard_info{": 62, "simcard_balance_bytes{": 60, "simcard_expiry_timestamp_seconds{": 58} {
		if n := strings.Count(text, "\n"+metric); n != want {
			t.Errorf("%d of %s, want %d", n, metric, want)
		}
	}
	for path, want := range map[string]string{
		"/":          `href="/metrics"`,
		"/config":    "timezone: Asia/Shanghai",
		"/-/healthy": "Healthy\n",
		"/-/ready":   "Ready\n",
	} {
		if status, body := e.get(t, path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := e.get(t, "/nowhere"); status != http.StatusNotFound {
		t.Errorf("/nowhere: %d", status)
	}
	if status, _ := e.do(t, http.MethodPost, "/-/reload"); status != http.StatusOK {
		t.Errorf("reload: %d", status)
	}
	wantContains(t, e.log.String(), "every card and every value is simulated")
	if err := e.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func TestReload(t *testing.T) {
	_, url := platform(t)
	file := filepath.Join(t.TempDir(), "simcard.yml")
	const good = "platform:\n  url: %s\n  http_client_config:\n    basic_auth: {username: me, password: hunter2}\ngroups:\n  - name: %s\n    imeis: [352019040635785]\n"
	writeFile(t, file, fmt.Sprintf(good, url, "first"))
	e := start(t, "--config.file="+file)
	_, text := e.get(t, "/metrics")
	wantContains(t, text, `simcard_up{group="first"} 1`)
	_, text = e.get(t, "/config")
	wantContains(t, text, "name: first", "password: <secret>")

	writeFile(t, file, "groups:\n  - name: second\n    imeis: [35201904063578]\n  - nam: third\n")
	status, body := e.do(t, http.MethodPost, "/-/reload")
	if status != http.StatusInternalServerError {
		t.Errorf("reload of a bad file: %d", status)
	}
	wantContains(t, body, file+":3: ", file+":4: ")
	_, text = e.get(t, "/metrics")
	wantContains(t, text, `simcard_up{group="first"} 1`, "simcard_exporter_config_last_reload_successful 0")

	// A certificate that is not there is found after the file was read.
	writeFile(t, file, "platform: {http_client_config: {tls_config: {ca_file: nowhere.pem}}}\ngroups: [{name: second, imeis: [352019040635785]}]\n")
	if status, body := e.do(t, http.MethodPost, "/-/reload"); status != http.StatusInternalServerError || !strings.Contains(body, "nowhere.pem") {
		t.Errorf("reload without certificate: %d %s", status, body)
	}
	_, text = e.get(t, "/config")
	wantContains(t, text, "name: first")

	writeFile(t, file, fmt.Sprintf(good, url, "second"))
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(text, "name: second") { // ended by the test's timeout
		_, text = e.get(t, "/config")
	}
	_, text = e.get(t, "/metrics")
	wantContains(t, text, `simcard_up{group="second"} 1`, "simcard_exporter_config_last_reload_successful 1")
	if strings.Contains(text, `group="first"`) {
		t.Error("the first group is still there")
	}
	if log := e.log.String(); strings.Contains(log, "hunter2") {
		t.Errorf("a secret in the log:\n%s", log)
	}
}

// However long the platform takes, a scrape that is running at the end answers
// with what is known, and the program ends without an error.
func TestShutdownDuringScrape(t *testing.T) {
	for name, behaviour := range map[string]simulator.Behaviour{
		"slow platform":    {Latency: time.Minute},
		"hanging platform": {Fault: simulator.Hang},
	} {
		t.Run(name, func(t *testing.T) {
			sim, url := platform(t)
			arrived := make(chan struct{}, 1)
			behaviour.Only = func([]string) bool { // called when a request arrives
				arrived <- struct{}{}
				return true
			}
			if behaviour.Fault == simulator.None {
				behaviour.Fault = simulator.ShuffledItems
			}
			sim.SetBehaviour(behaviour)
			file := filepath.Join(t.TempDir(), "simcard.yml")
			writeFile(t, file, "platform: {url: "+url+", timeout: 10m}\ngroups: [{name: g, imeis: [352019040635785]}]\n")
			e := start(t, "--config.file="+file)
			text := make(chan string, 1)
			go func() {
				_, body := e.get(t, "/metrics")
				text <- body
			}()
			<-arrived
			if err := e.stop(); err != nil {
				t.Errorf("stop: %v", err)
			}
			wantContains(t, <-text, `simcard_up{group="g"} 0`, `simcard_group_cards{group="g"} 1`)
		})
	}
}

// A request that nobody waits for any more does not hold up the end either.
func TestShutdownAfterScrape(t *testing.T) {
	sim, url := platform(t)
	sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
	file := filepath.Join(t.TempDir(), "simcard.yml")
	writeFile(t, file, "platform: {url: "+url+", timeout: 10m}\ngroups: [{name: g, imeis: [352019040635785]}]\n")
	e := start(t, "--config.file="+file)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+e.address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "1")
	resp, err := e.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	wantContains(t, string(text), `simcard_up{group="g"} 0`, "simcard_exporter_requests_in_flight 1")
	if err := e.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// A platform that is down does not make the process unready.
func TestReady(t *testing.T) {
	sim, url := platform(t)
	sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
	file := filepath.Join(t.TempDir(), "simcard.yml")
	writeFile(t, file, "platform: {url: "+url+"}\ngroups: [{name: g, imeis: [352019040635785]}]\n")
	e := start(t, "--config.file="+file)
	e.get(t, "/metrics")
	if status, _ := e.get(t, "/-/ready"); status != http.StatusOK {
		t.Errorf("platform down: status %d", status)
	}
}

func TestTLSAndBasicAuth(t *testing.T) {
	dir := t.TempDir()
	roots := writeCertificate(t, dir)
	// The password is "secret".
	writeFile(t, filepath.Join(dir, "web.yml"), "tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n"+
		"basic_auth_users: {prometheus: $2a$04$cCZ6ru.R1rPG0NmdnRKVpusgV07VZ731qm7Xleu6elc7Pa40xi9di}\n")
	e := start(t, "--demo", "--web.config.file="+filepath.Join(dir, "web.yml"))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	for password, want := range map[string]int{"secret": http.StatusOK, "wrong": http.StatusUnauthorized, "": http.StatusUnauthorized} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+e.address+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		if password != "" {
			req.SetBasicAuth("prometheus", password)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want || (want == http.StatusOK) != strings.Contains(string(body), "simcard_up") {
			t.Errorf("password %q: %d", password, resp.StatusCode)
		}
	}
}

// writeCertificate writes a certificate for 127.0.0.1 and returns who trusts it.
func writeCertificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	writeFile(t, filepath.Join(dir, "cert.pem"), string(cert))
	writeFile(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(cert)
	return roots
}

func TestCommandLine(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.yml")
	writeFile(t, bad, "groups: []\n")
	for name, test := range map[string]struct {
		args      []string
		out, fail string
	}{
		"help":            {[]string{"--help"}, "Without an account: simcard_exporter --demo", ""},
		"version":         {[]string{"--version"}, "simcard_exporter, version", ""},
		"plan":            {[]string{"--demo", "--config.check"}, "62     4               5760\n", ""},
		"plan of a shard": {[]string{"--demo", "--config.check", "--shard.index=1", "--shard.count=3"}, "these are the figures of shard 1 of 3\n", ""},
		"plan, mistakes":  {[]string{"--config.check", "--config.file=" + bad}, "", bad + ":1: "},
		"no file":         {[]string{"--config.file=nowhere.yml"}, "", "open nowhere.yml: no such file"},
		"both":            {[]string{"--demo", "--config.file=" + bad}, "", "leave out --config.file"},
		"unknown":         {[]string{"--bogus"}, "", "unknown long flag '--bogus', try --help"},
		"offset":          {[]string{"--demo", "--scrape.timeout-offset=-1s"}, "", "must not be negative"},
		"shard":           {[]string{"--demo", "--shard.index=3", "--shard.count=3"}, "", "must be from 0 to one less"},
		"too many shards": {[]string{"--demo", "--shard.count=2147483648"}, "", "must be between 1 and 2147483647"},
		"max requests":    {[]string{"--demo", "--web.max-requests=-1"}, "", "must not be negative"},
		"interval":        {[]string{"--demo", "--config.check.scrape-interval=0s"}, "", "must be above 0"},
		"address":         {[]string{"--demo", "--web.listen-address=127.0.0.1:x"}, "", "serve: listen"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := run(t.Context(), test.args, &out, io.Discard)
			if test.fail == "" && err != nil || test.fail != "" && (err == nil || !strings.Contains(err.Error(), test.fail)) {
				t.Errorf("got %v, want %q", err, test.fail)
			}
			wantContains(t, out.String(), test.out)
		})
	}
}

// TestReadme finds every flag, metric and setting in the README.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var help bytes.Buffer
	if err := run(t.Context(), []string{"--help"}, &help, io.Discard); err != nil {
		t.Fatal(err)
	}
	demo := start(t, "--demo")
	_, metrics := demo.get(t, "/metrics")
	_, settings := demo.get(t, "/config")
	for _, key := range regexp.MustCompile(`(?m)^[ -]*([a-z_]+):`).FindAllStringSubmatch(settings, -1) {
		if !bytes.Contains(readme, []byte(key[1]+":")) && !bytes.Contains(readme, []byte("`"+key[1]+"`")) {
			t.Errorf("README.md says nothing of the setting %s", key[1])
		}
	}
	names := regexp.MustCompile(`--(?:\[no-\])?([a-z.-]+)`).FindAllStringSubmatch(help.String(), -1)
	names = append(names, regexp.MustCompile(`(?m)^# TYPE (simcard_\w+)`).FindAllStringSubmatch(metrics, -1)...)
	if len(names) < 30 {
		t.Fatalf("only %d names", len(names))
	}
	for _, name := range names {
		if name[1] != "help-long" && name[1] != "help-man" && !bytes.Contains(readme, []byte(name[1]+"`")) {
			t.Errorf("README.md says nothing of %s", name[1])
		}
	}
}

// What answers are worth after a reload depends on what has changed.
func TestChangeOf(t *testing.T) {
	parse := func(platform string) *config.Config {
		cfg, err := config.Parse("simcard.yml", []byte("platform: {"+platform+"}\ngroups: [{name: g, imeis: [352019040635785]}]\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	running := parse("url: http://a/, http_client_config: {basic_auth: {username: me, password: one}}")
	for platform, want := range map[string]collector.Change{
		"url: http://a/, http_client_config: {basic_auth: {username: me, password: one}}":                              collector.SamePlatform,
		"url: http://a/, timeout: 5s, concurrency: 9, http_client_config: {basic_auth: {username: me, password: one}}": collector.SamePlatform,
		"url: http://a/, http_client_config: {basic_auth: {username: me, password: two}}":                              collector.AnotherAccount,
		"url: http://b/, http_client_config: {basic_auth: {username: me, password: one}}":                              collector.AnotherPlatform,
		"url: http://a/, timezone: UTC, http_client_config: {basic_auth: {username: me, password: one}}":               collector.AnotherPlatform,
	} {
		if got := changeOf(running, parse(platform)); got != want {
			t.Errorf("%s: %v, want %v", platform, got, want)
		}
	}
	if got := changeOf(nil, running); got != collector.SamePlatform {
		t.Errorf("first load: %v", got)
	}
}
