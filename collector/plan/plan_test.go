package plan

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kingpin/v2"
)

var testEstimate = Estimate{Interval: time.Minute, Latency: time.Second}

// A batch is asked for by the first scrape that finds its answer max_age old.
func TestPeriod(t *testing.T) {
	for name, test := range map[string]struct {
		maxAge, latency, interval time.Duration
		want                      time.Duration
	}{
		"each scrape":               {interval: time.Minute, want: time.Minute},
		"the default":               {maxAge: 30 * time.Second, latency: time.Second, interval: time.Minute, want: time.Minute},
		"max_age of an interval":    {maxAge: time.Minute, latency: time.Second, interval: time.Minute, want: 2 * time.Minute},
		"without any latency":       {maxAge: time.Minute, interval: time.Minute, want: time.Minute},
		"no multiple of intervals":  {maxAge: 100 * time.Second, latency: time.Second, interval: time.Minute, want: 2 * time.Minute},
		"half a day":                {maxAge: 12 * time.Hour, latency: time.Second, interval: time.Minute, want: 12*time.Hour + time.Minute},
		"latency beyond a scrape's": {maxAge: 30 * time.Second, latency: 45 * time.Second, interval: time.Minute, want: 2 * time.Minute},
	} {
		g := Group{MaxAge: test.maxAge}
		if got := g.period(Estimate{Interval: test.interval, Latency: test.latency}); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// Concurrency or the rate limit decides how long a sweep takes, whichever is slower.
func TestSweepTime(t *testing.T) {
	for name, test := range map[string]struct {
		plan     Plan
		requests int
		want     time.Duration
	}{
		"nothing to ask for": {plan: Plan{Concurrency: 4}, want: 0},
		"one request":        {plan: Plan{Concurrency: 4, RateLimit: 1, SendRate: .98}, requests: 1, want: time.Second},
		"full rounds":        {plan: Plan{Concurrency: 4}, requests: 8, want: 2 * time.Second},
		"one request more":   {plan: Plan{Concurrency: 4}, requests: 9, want: 3 * time.Second},
		"rate limit":         {plan: Plan{Concurrency: 4, RateLimit: 1, SendRate: .98}, requests: 50, want: 51 * time.Second},
		"rate limit at ease": {plan: Plan{Concurrency: 1, RateLimit: 10, SendRate: 9.8}, requests: 50, want: 50 * time.Second},
	} {
		if got := test.plan.sweep(test.requests, testEstimate.Latency); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// The plan warns of a sweep that takes too long, and of data that is asked for more
// often than it changes.
func TestPlanWarnings(t *testing.T) {
	const day, live = "asks more often than the data changes", "ask the mobile operator again and again"
	for name, test := range map[string]struct {
		group Group
		sweep time.Duration
		want  []string // what the warnings contain
	}{
		"as recommended":            {group: Group{MaxAge: 12 * time.Hour}, sweep: time.Second},
		"live, as recommended":      {group: Group{Live: true, MaxAge: 10 * time.Minute}, sweep: time.Second},
		"the default":               {group: Group{MaxAge: 30 * time.Second, StaleIfError: time.Hour}, sweep: time.Second, want: []string{day}},
		"the default, live":         {group: Group{Live: true, MaxAge: 30 * time.Second, StaleIfError: time.Hour}, sweep: time.Second, want: []string{live}},
		"longer than max_age":       {group: Group{MaxAge: 12 * time.Hour, StaleIfError: time.Hour}, sweep: 12*time.Hour + time.Second, want: []string{"without a break"}},
		"longer than is served":     {group: Group{MaxAge: 12 * time.Hour}, sweep: 13 * time.Hour, want: []string{"most cards are missing"}},
		"shorter than the interval": {group: Group{MaxAge: 0}, sweep: 59 * time.Second, want: []string{day}},
	} {
		got := test.group.warnings(test.sweep, testEstimate.Interval)
		if !slices.EqualFunc(got, test.want, strings.Contains) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// Groups take turns, so that a large one makes a small one wait for no more than its own
// number of requests.
func TestWarningsOfGroupsThatTakeTurns(t *testing.T) {
	p := Plan{Concurrency: 1, Groups: []Group{
		{Name: "large", MaxAge: 12 * time.Hour, StaleIfError: 24 * time.Hour, Batches: 50_000},
		{Name: "small", Live: true, MaxAge: 10 * time.Minute, StaleIfError: time.Hour, Batches: 300},
		{Name: "smaller", Live: true, MaxAge: 15 * time.Minute, Batches: 200},
	}}
	var warned []string
	p.warn(testEstimate, func(group, warning string) { warned = append(warned, group+": "+warning) })
	if want := []string{"large: a sweep takes 14h1m40s", "small: a sweep takes 13m20s"}; !slices.EqualFunc(warned, want, strings.HasPrefix) {
		t.Errorf("%q, want %q", warned, want)
	}
}

// What is logged is what is written.
func TestLog(t *testing.T) {
	p := Plan{Concurrency: 4, Groups: []Group{{Name: "live", Live: true, StaleIfError: time.Hour, Cards: 21, Batches: 2}}}
	var got strings.Builder
	p.Log(slog.New(slog.NewTextHandler(&got, nil)), testEstimate)
	for _, want := range []string{"level=INFO msg=plan group=live cards=21 requests_per_sweep=2 requests_per_day=2880", `level=WARN msg="plan warning" group=live warning="max_age 0s`} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("no %s in\n%s", want, got.String())
		}
	}
}

// The plan of two groups, one of which is asked for at every scrape.
func TestWrite(t *testing.T) {
	p := Plan{Concurrency: 4, Shard: 1, Shards: 3, Groups: []Group{
		{Name: "terminals", MaxAge: 12 * time.Hour, StaleIfError: time.Hour, Cards: 20, Batches: 1},
		{Name: "live", Live: true, StaleIfError: time.Hour, Cards: 1, Batches: 1},
	}}
	var got strings.Builder
	if err := p.Write(&got, testEstimate); err != nil {
		t.Fatal(err)
	}
	want := `
GROUP      LIVE   MAX_AGE  STALE_IF_ERROR  CARDS  REQUESTS/SWEEP  REQUESTS/DAY
terminals  false  12h0m0s  1h0m0s          20     1               2
live       true   0s       1h0m0s          1      1               1440
all                                        21     2               1442

assumed: a scrape every 1m0s, and 1s for a request
a sweep of all groups takes 1s (concurrency 4, rate_limit 0)
these are the figures of shard 1 of 3
warning: group live: max_age 0s has the platform ask the mobile operator again and again; 10m is recommended with live
`
	if got.String() != want[1:] {
		t.Errorf("got\n%s\nwant%s", got.String(), want)
	}
}

func TestFlags(t *testing.T) {
	for args, valid := range map[string]bool{
		"": true, "--config.check.scrape-interval=5m --config.check.latency=90ms": true,
		"--config.check.scrape-interval=0s": false, "--config.check.latency=-1s": false,
	} {
		app := kingpin.New("exporter", "")
		estimate := AddFlags(app)
		if _, err := app.Parse(strings.Fields(args)); err != nil {
			t.Fatal(err)
		}
		if err := estimate.Validate(); (err == nil) != valid {
			t.Errorf("%s: %v", args, err)
		}
	}
}
