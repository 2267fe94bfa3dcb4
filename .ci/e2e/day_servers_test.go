//go:build e2e

package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"simcard_exporter/collector/szzkc/simulator"
)

const (
	// haste divides the day's durations. With more, the seconds that servers take to start
	// would be too many minutes.
	haste = 150
	hour  = time.Hour / haste
)

func shortened(d time.Duration) string { return model.Duration(d / haste).String() }

var durations = regexp.MustCompile(`(\[|: ?|offset )((?:\d+[smhd])+)\b`)

// compressed shortens all durations of a configuration, also those in the ranges of queries.
// Numbers in queries stay: they are about dates.
func compressed(t *testing.T, text string) string {
	t.Helper()
	return durations.ReplaceAllStringFunc(text, func(found string) string {
		parts := durations.FindStringSubmatch(found)
		long, err := model.ParseDuration(parts[2])
		if err != nil {
			t.Fatal(err)
		}
		return parts[1] + shortened(time.Duration(long))
	})
}

// day is the servers of the examples, a platform, and the messages that were sent.
type day struct {
	t         *testing.T
	dir       string
	cards     []simulator.Card
	platform  *simulator.Simulator
	addresses map[string]string
	stops     map[string]func()
	began     time.Time

	mu       sync.Mutex // protects what follows
	firing   map[string]bool
	messages []dayMessage
}

// dayMessage is what a message tells that was not told before.
type dayMessage struct {
	at      time.Time
	route   string
	changes []string
}

// startDay starts the exporter, Prometheus and Alertmanager.
func startDay(t *testing.T) *day {
	t.Helper()
	d := &day{t: t, cards: fleetInService(60), addresses: map[string]string{}, stops: map[string]func(){}, firing: map[string]bool{}}
	d.platform = simulator.New(d.cards)
	config := writeConfig(t, serve(t, d.platform), d.cards)
	write(t, config, replace(t, string(read(t, config)), `stale_if_error: \S+`, "stale_if_error: "+shortened(time.Hour)))
	d.dir = filepath.Dir(config)
	if err := os.Mkdir(filepath.Join(d.dir, "rules"), 0o700); err != nil {
		t.Fatal(err)
	}
	servers := []string{"exporter", "alertmanager", "prometheus"}
	for _, name := range servers {
		d.addresses[name] = freeAddress(t)
	}
	webhook := serve(t, d)
	for _, file := range []string{"prometheus/prometheus.yml", "prometheus/rules/simcard.rules.yml", "prometheus/rules/watchdog.rules.yml", "alertmanager/alertmanager.yml"} {
		_, to, _ := strings.Cut(file, "/")
		write(t, filepath.Join(d.dir, to), replace(t, compressed(t, example(t, file)),
			`scrape_timeout: \S+`, "scrape_timeout: "+shortened(time.Minute),
			`exporter:10460`, d.addresses["exporter"],
			`prometheus:9090`, d.addresses["prometheus"],
			`alertmanager:9093`, d.addresses["alertmanager"],
			`start_time: "\S+"`, `start_time: "00:00"`, // the morning is all day
			`end_time: "\S+"`, `end_time: "24:00"`,
			`http://127.0.0.1:9999/(\w+)`, webhook+"/$1",
		))
	}
	write(t, filepath.Join(d.dir, "robots.tmpl"), example(t, "alertmanager/robots.tmpl"))
	t.Cleanup(func() { t.Logf("messages:\n%s", d) })
	binaryPath(t)
	d.began = time.Now()
	for _, name := range servers {
		d.start(name)
	}
	return d
}

// start starts a server, with its own times shortened too. It ends a day in which that takes
// nearly as long as SimcardExporterDown waits.
func (d *day) start(name string) {
	d.t.Helper()
	program := name
	args := []string{"--config.file=" + filepath.Join(d.dir, name+".yml"), "--web.listen-address=" + d.addresses[name]}
	switch name {
	case "exporter":
		program, args[0] = binaryPath(d.t), "--config.file="+filepath.Join(d.dir, "simcard.yml")
		args = append(args, "--config.enable-auto-reload", "--config.auto-reload-interval=100ms",
			"--persistence.file="+filepath.Join(d.dir, "answers"), "--persistence.interval="+shortened(5*time.Minute),
			"--scrape.timeout-offset="+shortened(30*time.Second))
	case "alertmanager":
		args = append(args, "--storage.path="+filepath.Join(d.dir, "am"), "--cluster.listen-address=")
	case "prometheus":
		args = append(args, "--storage.tsdb.path="+filepath.Join(d.dir, "tsdb"),
			"--query.lookback-delta="+shortened(5*time.Minute),
			"--rules.alert.for-outage-tolerance="+shortened(time.Hour),
			"--rules.alert.for-grace-period="+shortened(10*time.Minute),
			"--scrape.discovery-reload-interval="+shortened(5*time.Second),
			// Alerts end after four times this, if Prometheus takes as long to start.
			"--rules.alert.resend-delay=1s")
	}
	d.stops[name] = background(d.t, program, args...)
	began := time.Now()
	waitReady(d.t, d.addresses[name])
	if took := time.Since(began); took > hour/20 {
		d.t.Skipf("%s took %v to start: this machine is too slow to hurry", name, took)
	}
}

func (d *day) stop(name string) { d.stops[name]() }

func (d *day) pass(span time.Duration) { <-time.After(span) }

// change changes what the platform says of a card.
func (d *day) change(card int, change func(c *simulator.Card)) {
	change(&d.cards[card])
	d.platform.SetCards(d.cards)
}

// ServeHTTP takes a message. Alertmanager sends all alerts of a group again with each change.
func (d *day) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		GroupKey string
		Alerts   []alert
	}
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	route, _, _ := strings.Cut(r.URL.Path[1:]+" "+sent.GroupKey, ":")
	m := dayMessage{at: time.Now(), route: route}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range sent.Alerts {
		key, firing := route+fmt.Sprint(a.Labels), a.Status == "firing"
		// Prometheus repeats for 15 minutes, which cannot be shortened, that an alert has ended.
		if told, known := d.firing[key]; !known || told != firing {
			d.firing[key] = firing
			shop, _, _ := strings.Cut(a.Labels["shop"], ",")
			m.changes = append(m.changes, strings.TrimSpace(a.Status+" "+a.Labels["alertname"]+" "+cmp.Or(shop, a.Labels["group"], a.Labels["job"])))
		}
	}
	slices.Sort(m.changes)
	d.messages = append(d.messages, m)
}

// wait waits until a message has told of a change.
func (d *day) wait(change string) {
	d.t.Helper()
	eventually(d.t, change, func() error {
		d.mu.Lock()
		defer d.mu.Unlock()
		if !slices.ContainsFunc(d.messages, func(m dayMessage) bool { return slices.Contains(m.changes, change) }) {
			return fmt.Errorf("not in %d messages", len(d.messages))
		}
		return nil
	})
}

// want checks the messages of each route. It does not judge a day in which the servers stood
// still for longer than alerts bear; the heartbeat shows that.
func (d *day) want(messages map[string][]string) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	got := make(map[string][]string)
	last := make(map[string]time.Time)
	beat := d.began
	for _, m := range d.messages {
		if strings.HasPrefix(m.route, "heartbeat") {
			if m.at.Sub(beat) > hour/4 {
				d.t.Skipf("no heartbeat for %v: this machine is too slow to hurry", m.at.Sub(beat))
			}
			beat = m.at
			continue
		}
		if len(m.changes) == 0 && m.at.Sub(last[m.route]) < 6*hour { // the shortest repeat_interval
			d.t.Errorf("%s repeats after %v what it has told", m.route, m.at.Sub(last[m.route]))
		}
		got[m.route] = append(got[m.route], m.changes...)
		last[m.route] = m.at
	}
	for route, lines := range messages {
		for _, line := range lines {
			want := strings.Split(line, ", ")
			next := slices.Sorted(slices.Values(got[route][:min(len(want), len(got[route]))]))
			got[route] = got[route][len(next):]
			if !slices.Equal(next, want) {
				d.t.Errorf("%s: %q, want %q", route, next, want)
			}
		}
	}
	for route, further := range got {
		if len(further) > 0 {
			d.t.Errorf("%s: further messages %q", route, further)
		}
	}
}

// String returns a line for each message, with its time of the day.
func (d *day) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var b strings.Builder
	for _, m := range d.messages {
		if !strings.HasPrefix(m.route, "heartbeat") {
			fmt.Fprintf(&b, "%6v %s: %s\n", (m.at.Sub(d.began) * haste).Round(time.Minute), m.route, strings.Join(m.changes, ", "))
		}
	}
	return b.String()
}
