package collector

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/persistence"
	"simcard_exporter/collector/szzkc/simulator"
)

var (
	operationSeeds  = flag.Uint64("operation.seeds", 1, "how many spans TestOperation simulates")
	operationSeed   = flag.Uint64("operation.seed", 0, "the one seed that TestOperation replays; 0 is all of -operation.seeds")
	operationErrors = flag.Int("operation.errors", 20, "how many violations of a seed TestOperation prints before it gives up")
	operationSpan   = flag.Duration("operation.span", 6*time.Hour, "how long the spans of simulated time are, of TestOperation and of other tests that count over days")
)

// TestOperation simulates days of operation: three groups, two scrapers, a
// platform that fails in every way that the simulator knows, outages of minutes
// and of hours, reloads, restarts with and without a file, and clients that hang up.
// After every scrape it compares what was served with what the platform was asked and
// answered.
//
// What the test decides is drawn from the seed. A replay still differs in what the
// exporter draws itself, and in the order of events at the same instant.
func TestOperation(t *testing.T) {
	first, last := uint64(1), *operationSeeds
	if *operationSeed != 0 {
		first, last = *operationSeed, *operationSeed
	}
	for seed := first; seed <= last; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { newOperation(t, seed).run(*operationSpan) })
		})
	}
}

// operation is one simulated span.
type operation struct {
	*violations
	seed     uint64
	random   *rand.Rand // for the schedule alone, which so does not depend on what the exporter does
	env      *testEnv
	file     persistence.Flags
	truth    *truth
	weather  *weather
	server   *http.Server
	exporter atomic.Pointer[pipeListener] // of the server
	scrapers []*scraper

	over                  atomic.Bool // tells the scrapers to end
	background            sync.WaitGroup
	scrapes, gone, cutOff atomic.Int64 // scrapes that were checked, whose client hung up, and that a restart prevented
	reloads               int
	restarts              map[string]int // by kind
	comparisons           int
}

func newOperation(t *testing.T, seed uint64) *operation {
	random := rand.New(rand.NewPCG(seed, 1))
	o := &operation{seed: seed, random: random, restarts: make(map[string]int)}
	o.weather = newWeather(seed, random)
	o.violations = &violations{t: t, seed: seed, epoch: time.Now(), weather: o.weather, counts: make(map[string]int)}
	settings := Settings{Timeout: 20 * time.Second, Concurrency: 4, MaxRetries: 2, Fingerprint: "platform"}
	if random.IntN(3) == 0 {
		settings.RateLimit = float64(1 + random.IntN(2))
	}
	o.truth = newTruth(o.violations, o.weather, settings, random)
	sim := simulator.New(o.truth.platformCards())
	sim.SetBehaviour(o.weather.behaviour(o.truth))
	o.env = &testEnv{sim: sim, client: recordedPlatform(t, o.truth, sim), settings: settings}
	intervals := []time.Duration{15 * time.Second, 30 * time.Second, 45 * time.Second, time.Minute, 90 * time.Second, 2 * time.Minute}
	o.scrapers = []*scraper{
		o.newScraper(time.Minute, 10*time.Second, time.Duration(random.IntN(60))*time.Second),
		o.newScraper(intervals[random.IntN(len(intervals))], time.Duration(5+random.IntN(25))*time.Second,
			time.Duration(random.IntN(60_000))*time.Millisecond),
	}
	for _, s := range o.scrapers {
		o.truth.longestInterval = max(o.truth.longestInterval, s.interval)
	}
	o.file = persistence.Flags{Path: filepath.Join(t.TempDir(), "answers"), Interval: time.Duration(1+random.IntN(15)) * time.Minute}
	o.start(random.IntN(4) > 0, func() {})
	return o
}

// run simulates the span.
func (o *operation) run(span time.Duration) {
	for _, s := range o.scrapers {
		o.background.Go(s.run)
	}
	end := o.epoch.Add(span)
	for at := o.epoch; at.Before(end) && !o.tooMany(); {
		until := at.Add(o.weather.change(o.random))
		if until.After(end) {
			until = end
		}
		o.advance(at, until)
		at = until
	}
	o.over.Store(true)
	o.background.Wait()
	synctest.Wait()
	o.truth.mu.Lock()
	defer o.truth.mu.Unlock()
	o.checkCounters()
	o.t.Log(o.summary())
}

// advance moves the clock, with an event at random moments.
func (o *operation) advance(from, until time.Time) {
	wait := func() time.Duration { return time.Duration(120+o.random.IntN(2400)) * time.Second }
	for at := from.Add(wait()); at.Before(until); at = at.Add(wait()) {
		event := rand.New(rand.NewPCG(o.seed, o.random.Uint64()))
		advance(time.Until(at))
		if o.tooMany() {
			return
		}
		o.disturb(event)
	}
	advance(time.Until(until))
}

// disturb causes one event.
func (o *operation) disturb(random *rand.Rand) {
	switch random.IntN(16) {
	case 0, 1, 2, 3:
		o.restart(o.drawRestart(random))
	case 4:
		o.reload(func() {})
	case 5:
		o.changeAccount(random)
	case 6, 7, 8:
		o.reload(func() { o.truth.rearrange(random) })
	case 9:
		o.env.sim.SetCards(o.truth.flipStatus(random))
	case 10:
		o.impatientClients()
	case 11, 12:
		o.press(random)
	default:
		switch random.IntN(3) {
		case 0:
			o.compare("nothing", func() {})
		case 1:
			o.compare("a reload", func() { o.reload(func() {}) })
		case 2:
			o.compare("a restart", func() {
				if o.env.saving.Path != "" {
					o.restart(restart{saving: true, gap: time.Second, change: func() {}})
				}
			})
		}
	}
}

// reload changes the configuration, and loads it.
func (o *operation) reload(change func()) {
	o.reloads++
	o.truth.reload(change, o.env.reload)
}

// changeAccount loads another account, and perhaps restarts at once.
func (o *operation) changeAccount(random *rand.Rand) {
	if o.env.settings.RateLimit > 0 {
		return // whose limit begins anew: there may be more in a second
	}
	o.reloads++
	o.truth.changeAccount(func(groups ...Group) { o.env.load(AnotherAccount, groups...) })
	if r := o.drawRestart(random); o.env.saving.Path != "" && random.IntN(2) == 0 {
		r.crash, r.damage, r.saving = false, nil, true
		o.restart(r)
	}
}

// press presses the button on the pages of some cards, whatever the weather. Those in
// quarantine are left out: their cooldowns are checked.
func (o *operation) press(random *rand.Rand) {
	source := o.env.Pages(testEstimate)
	for range 1 + random.IntN(10) {
		if id := o.truth.pressable(random); id != "" {
			ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
			if err := source.Refresh(ctx, id); err != nil {
				o.violate("press", "card %s: %v", id, err)
			}
			cancel()
		}
	}
}

// impatientClients scrapes with clients that have a long timeout and soon hang up.
func (o *operation) impatientClients() {
	client := o.newScraper(0, 2*time.Minute, 0)
	defer client.http.CloseIdleConnections()
	var clients sync.WaitGroup
	for i := range 20 {
		clients.Go(func() { client.scrape(time.Duration(100+i*37) * time.Millisecond) })
	}
	clients.Wait()
}

// checkCounters checks what the simulator counted by itself.
func (o *operation) checkCounters() {
	got := o.env.sim.Counters()
	if got.Requests != o.truth.arrivals {
		o.t.Errorf("the simulator counted %d requests and the recorder %d: the test is wrong", got.Requests, o.truth.arrivals)
	}
	if got.LargestBatch > 20 || got.Violations > 0 {
		o.violate("batch size", "up to %d identifiers in a request, and %d requests that break the rules of the call", got.LargestBatch, got.Violations)
	}
	if limit := o.env.settings.RateLimit; limit > 0 && got.MaxPerSecond > int(limit) {
		o.violate("rate", "%d requests in a second, %v are allowed", got.MaxPerSecond, limit)
	}
}

// summary describes the span, for whoever reads the log.
func (o *operation) summary() string {
	got := o.env.sim.Counters()
	var faults strings.Builder
	for _, fault := range simulator.Faults() {
		fmt.Fprintf(&faults, " %s=%d", fault, got.ByFault[fault])
	}
	x := o.truth
	var groups strings.Builder
	for _, g := range x.groups {
		fmt.Fprintf(&groups, "%s %v+%v, ", g.Name, g.MaxAge, g.StaleIfError)
	}
	return fmt.Sprintf("seed %d: %v; %srate limit %v, Retry-After %v; "+
		"%d scrapes, %d given up, %d cut off, %d reloads, restarts %v, %d comparisons; %d requests, at most %d at once; "+
		"worst age served %v, longest wait in calm %v (a sweep takes up to %v); most refused %d; faults:%s; violations: %v",
		o.seed, time.Since(o.epoch), groups.String(), o.env.settings.RateLimit, o.weather.retryAfter,
		o.scrapes.Load(), o.gone.Load(), o.cutOff.Load(), o.reloads, o.restarts, o.comparisons, got.Requests, x.mostAtOnce,
		x.worstAge, x.longestWait, x.sweep(), x.mostRefused, faults.String(), o.counts)
}
