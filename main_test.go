package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
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
	client  *http.Client
}

// start runs the program until the test ends.
func start(t *testing.T, args ...string) *exporter {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log := &logWatch{address: make(chan string, 1)}
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append(args, "--web.listen-address=127.0.0.1:0"), io.Discard, log)
	}()
	e := &exporter{log: log, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("program ended: %v", err)
		}
	})
	select {
	case e.address = <-log.address:
	case err := <-ended:
		ended <- err
		t.FailNow()
	}
	for ready := 0; ready != http.StatusOK; { // ended by the test's timeout
		ready, _ = e.get(t, prefixOf(args)+"/-/ready")
	}
	return e
}

// prefixOf returns the prefix of all paths.
func prefixOf(args []string) string {
	for _, arg := range args {
		if prefix, found := strings.CutPrefix(arg, "--web.route-prefix="); found {
			return prefix
		}
	}
	return ""
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
	mu      sync.Mutex
	text    bytes.Buffer
	address chan string
}

var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

func (l *logWatch) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := listening.FindSubmatch(p); m != nil {
		l.address <- string(m[1])
	}
	return l.text.Write(p)
}

func (l *logWatch) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
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
	_, text := e.get(t, "/metrics")
	wantContains(t, text,
		`simcard_up{group="terminals"} 1`, `simcard_up{group="live"} 1`,
		`simcard_group_cards{group="terminals"} 48`, `simcard_group_cards{group="live"} 15`,
		`simcard_group_state_cards{group="terminals",state="not_in_use"} 1`,
		"simcard_exporter_config_last_reload_successful 1", "simcard_exporter_build_info{", "go_goroutines", "process_open_fds")
	for metric, want := range map[string]int{"simcard_info{": 63, "simcard_problem{": 16, "simcard_balance_bytes{": 59, "simcard_expiry_timestamp_seconds{": 58} {
		if n := strings.Count(text, "\n"+metric); n != want {
			t.Errorf("%d of %s, want %d", n, metric, want)
		}
	}
	for path, want := range map[string]string{
		"/":                        `href="/metrics"`,
		"/card?id=864053031046034": "卡号不合法",
		"/digest?for=wecom":        "🔴 阳光水果2号店（广州）：已停机",
		"/config":                  "timezone: Asia/Shanghai",
		"/-/healthy":               "Healthy\n",
	} {
		if status, body := e.get(t, path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := e.do(t, http.MethodPost, "/-/reload"); status != http.StatusOK {
		t.Errorf("reload: %d", status)
	}
	wantContains(t, e.log.String(), "every card and every value is simulated")
}

// TestMetricsAlone: without pages, metrics are served, and health at an address of its own.
func TestMetricsAlone(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	health := listener.Addr().String()
	listener.Close()
	e := start(t, "--demo", "--web.disable-pages", "--web.health-listen-address="+health, "--web.route-prefix=/sim")
	for path, want := range map[string]int{"/sim/metrics": http.StatusOK, "/sim/": http.StatusNotFound, "/sim/config": http.StatusNotFound, "/sim/cards.json": http.StatusNotFound, "/sim/digest": http.StatusNotFound, "/": http.StatusNotFound} {
		if status, _ := e.get(t, path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	if err := run(t.Context(), []string{"--web.health-check", "--web.health-listen-address=" + health}, io.Discard, io.Discard); err != nil {
		t.Error(err)
	}
	e.address = health
	for path, want := range map[string]int{"/-/healthy": http.StatusOK, "/-/ready": http.StatusOK, "/metrics": http.StatusNotFound, "/sim/metrics": http.StatusNotFound} {
		if status, _ := e.get(t, path); status != want {
			t.Errorf("%s for health: %d, want %d", path, status, want)
		}
	}
}

// TestRows: a row that is no card is on its page, and in the report.
func TestRows(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "cards.csv"), "IMEI,shop\n352019040635785,a\n35201904063578,b\n")
	writeFile(t, filepath.Join(dir, "simcard.yml"), "groups: [{name: terminals, files: [cards.csv]}]\n")
	e := start(t, "--config.file="+filepath.Join(dir, "simcard.yml"))
	_, text := e.get(t, "/rows")
	wantContains(t, text, "left out: 1", "terminals", "cards.csv", "line 3", "has 14 digits, and an IMEI has 15")
	_, text = e.get(t, "/digest?lang=zh")
	wantContains(t, text, "台账有 1 行未采用", "⚪ a：从未有数据，IMEI …635785")
}

func TestReload(t *testing.T) {
	platform := httptest.NewServer(simulator.New(simulator.PageCards()))
	defer platform.Close()
	file := filepath.Join(t.TempDir(), "simcard.yml")
	const good = "platform:\n  url: %s\n  http_client_config:\n    basic_auth: {username: me, password: hunter2}\ngroups:\n  - name: %s\n    imeis: [352019040635785]\n"
	writeFile(t, file, fmt.Sprintf(good, platform.URL, "first"))
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

	writeFile(t, file, fmt.Sprintf(good, platform.URL, "second"))
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

func TestCommandLine(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.yml")
	writeFile(t, bad, "groups: []\n")
	rows := filepath.Join(filepath.Dir(bad), "rows.yml")
	writeFile(t, rows, "groups: [{name: g, files: [cards.csv]}]\n")
	writeFile(t, filepath.Join(filepath.Dir(bad), "cards.csv"), "imei\n352019040635785\n3520\n待补\n")
	for name, test := range map[string]struct{ args, out, fail string }{
		"help":            {args: "--help", out: "Without an account: simcard_exporter --demo"},
		"version":         {args: "--version", out: "simcard_exporter, version"},
		"plan":            {args: "--demo --config.check", out: "63     4               5760\n"},
		"plan of a shard": {args: "--demo --config.check --shard.index=1 --shard.count=3", out: "these are the figures of shard 1 of 3\n"},
		"next step":       {args: "--demo --config.check", out: "\nnext: ask about one card with --query=864052031046002 in place of --config.check, and then start\n"},
		"query":           {args: "--demo --query=864052031046002", out: "next: start without --query, "},
		"query, unknown":  {args: "--demo --query=352019040635785", out: `problem="unknown"`, fail: "the platform does not know this card"},
		"query, no card":  {args: "--demo --query=3520", fail: "--query: neither an IMEI nor an ICCID: "},
		"query and check": {args: "--demo --config.check --query=352019040635785", fail: "--query and --config.check are two steps"},
		"plan, mistakes":  {args: "--config.check --config.file=" + bad, fail: bad + ":1: "},
		"rows left out":   {args: "--config.check --config.file=" + rows, out: "cards.csv:3: imei: \"3520\" has 4 digits, and an IMEI has 15\ngroup \"g\": 1 row left out, 1 row without an identifier\nGROUP "},
		"strict":          {args: "--config.check --config.check.strict --config.file=" + rows, out: "GROUP ", fail: "--config.check.strict: rows of the card files are left out: 1"},
		"strict, sound":   {args: "--demo --config.check --config.check.strict", out: "GROUP "},
		"no file":         {args: "--config.file=nowhere.yml", fail: "open nowhere.yml: no such file"},
		"both":            {args: "--demo --config.file=" + bad, fail: "leave out --config.file"},
		"unknown":         {args: "--bogus", fail: "unknown long flag '--bogus', try --help"},
		"offset":          {args: "--demo --scrape.timeout-offset=-1s", fail: "must not be negative"},
		"shard":           {args: "--demo --shard.index=3 --shard.count=3", fail: "must be from 0 to one less"},
		"too many shards": {args: "--demo --shard.count=1001", fail: "must be between 1 and 1000"},
		"max requests":    {args: "--demo --web.max-requests=-1", fail: "must not be negative"},
		"interval":        {args: "--demo --config.check.scrape-interval=0s", fail: "must be above 0"},
		"address":         {args: "--demo --web.listen-address=127.0.0.1:x", fail: "--web.listen-address: lookup tcp/x"},
		"check, address":  {args: "--demo --config.check --web.listen-address=", fail: "--web.listen-address: it is empty"},
		"check, web file": {args: "--demo --config.check --web.config.file=nowhere.yml", fail: "--web.config.file: nowhere.yml: open nowhere.yml"},
		"health check":    {args: "--web.health-check --web.health-listen-address=127.0.0.1:1", fail: "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := run(t.Context(), strings.Fields(test.args), &out, io.Discard)
			if test.fail == "" && err != nil || test.fail != "" && (err == nil || !strings.Contains(err.Error(), test.fail)) {
				t.Errorf("got %v, want %q", err, test.fail)
			}
			wantContains(t, out.String(), test.out)
		})
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

// TestPrintable: a terminal shows whatever a text has, and does nothing else.
func TestPrintable(t *testing.T) {
	var got strings.Builder
	text := "老王　面馆\u00a0é 1\t\n"
	fmt.Fprint(printable(&got), text, "\x1b[2J\r\a\x9b\u202e\u2028\u200b\xff")
	if want := text + "�[2J�������"; got.String() != want {
		t.Errorf("got %q, want %q", got.String(), want)
	}
}
