package collector

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// truth is what was configured, asked and answered, recorded between the exporter
// and the platform.
type truth struct {
	*violations
	weather  *weather
	settings Settings
	cards    []*recordedCard
	byID     map[string]*recordedCard // by IMEI, and by ICCID in upper case
	// longestInterval is the longer of the two scrapers' intervals.
	longestInterval time.Duration

	mu     sync.Mutex // guards what follows, and the cards
	groups [operationGroups]Group
	order  [operationGroups][]*recordedCard // as configured
	// generation is odd while a reload or restart is under way, so that a scrape
	// can tell that one happened meanwhile.
	generation int
	process    recordedProcess
	file       recordedFile
	gap        recordedGap // the last one
	givesUp    bool        // the exporter gives up what is in flight, without a verdict
	account    time.Time   // when it changed last, as far as the exporter knows
	accounts   int         // how often it changed

	queries         []*recordedQuery // those of the last minutes, in the order of their arrival
	checked         int              // of the queries, how many were checked for concurrency
	arrivals, ended int
	several         int // arrivals, without those for a single refused card
	mostAtOnce      int

	troubled   time.Time // when there last was a fault, a pause, or a reload that changed something
	scrapes    int       // since then, 10 s apart or more
	counted    time.Time // the last of them
	settled    time.Time // when all must be well again; zero if that is not known yet
	lastAnswer time.Time // of any request since the start of the exporter
	rearranged time.Time // the last reload that changed something, since then

	doubtful [operationGroups]time.Time // the last answer to each that could not be read whole

	unanswered int            // requests in a row that brought no answer
	ways       [2]recordedWay // daily and live

	paused, resumes time.Time // the last pause that the platform asked for

	worstAge, longestWait time.Duration
	mostRefused           int
}

// recordedWay is one way of asking.
type recordedWay struct {
	failures  int       // requests in a row that brought no answer
	open      time.Time // since when the breaker must be open; zero if it need not be
	lastProbe time.Time // the last request since then
}

// wayIndex returns the index of a way in truth.ways.
func wayIndex(live bool) int {
	if live {
		return 1
	}
	return 0
}

// recordedCard is a card, what it is to the platform, and what is known of it.
type recordedCard struct {
	simulator.Card
	index            int
	byICCID          bool // how it is configured
	device           bool // the configuration names its device too
	refused, unknown bool // by the platform, for ever
	spoils           bool // a request with it is answered by a page that says 404

	group int
	since time.Time // since when it has been configured, live or not as now

	memory           // of the exporter that runs
	saved  memory    // of the file
	asking int       // requests for it that are in flight
	due    time.Time // the first scrape in calm that found it due; zero if it is not
	asked  bool      // since the start of the exporter
	// failing is how many answers have to come before its batch has certainly
	// forgotten the last failure; 0 if there was none since the start.
	failing int
}

// recordedAnswer is what the platform said about one card. What it left out, or
// wrote unreadably, is NaN.
type recordedAnswer struct {
	asked, arrived  time.Time
	live            bool
	account         int // that was told so
	found           bool
	status, balance float64
	// sure says whether the exporter must have it: the client read all of it, and
	// it can be understood.
	sure bool
}

func newTruth(v *violations, w *weather, settings Settings, random *rand.Rand) *truth {
	x := &truth{violations: v, weather: w, settings: settings, byID: make(map[string]*recordedCard), troubled: v.epoch}
	x.cards = newCards(v.epoch, random)
	x.groups = newOperationGroups(random)
	for _, c := range x.cards {
		x.byID[c.IMEI] = c
		x.byID[strings.ToUpper(c.ICCID)] = c
		if c.group != spare {
			x.order[c.group] = append(x.order[c.group], c)
		}
	}
	return x
}

// trouble notes that something is wrong until now, or until the end of a pause.
func (x *truth) trouble(pause time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.troubleLocked(pause)
}

// troubleLocked is trouble with mu held.
func (x *truth) troubleLocked(pause time.Duration) {
	if at := time.Now().Add(pause); at.After(x.troubled) {
		x.troubled = at
	}
	x.scrapes, x.settled = 0, time.Time{}
	for _, c := range x.cards {
		c.due = time.Time{}
	}
}

// isSettled reports whether everything must be fresh and up again: trouble ended
// three scrapes and some sweeps ago.
func (x *truth) isSettled() bool {
	return !x.settled.IsZero() && !time.Now().Before(x.settled)
}

// calmFor returns how long there has been no trouble.
func (x *truth) calmFor() time.Duration { return time.Since(x.troubled) }

// countScrape counts the scrapes since the last trouble. The third one settles when
// all is well again: after two sweeps, since batches that failed get only half of
// the slots, and after the bisections that find the refused cards.
func (x *truth) countScrape() {
	now := time.Now()
	if !now.After(x.troubled) || x.scrapes > 0 && now.Sub(x.counted) < 10*time.Second {
		return
	}
	x.counted = now
	if x.scrapes++; x.scrapes != 3 {
		return
	}
	x.settled = now.Add(2*x.sweep() + 90*time.Second) // and until the next probe
	for _, c := range x.cards {
		if c.group == spare || !c.refused || c.blamedNow() && c.inQuarantine() {
			continue
		}
		x.settled = x.settled.Add(2*time.Minute + 30*(x.weather.fast.most+x.pace())) // and until a control
		if c.spoils {                                                                // found at the third failure, while others are answered
			x.settled = x.settled.Add(3*x.longestInterval + 10*time.Minute)
		}
	}
}

// pace returns the time between two requests at the rate limit.
func (x *truth) pace() time.Duration {
	if x.settings.RateLimit == 0 {
		return 0
	}
	return time.Duration(float64(time.Second) / x.settings.RateLimit)
}

// reload changes the configuration, and loads it by load.
func (x *truth) reload(change func(), load func(...Group)) {
	x.mu.Lock()
	x.generation++
	groups := x.arrange(change)
	x.mu.Unlock()

	load(groups...)

	x.mu.Lock()
	x.generation++
	x.mu.Unlock()
}

// arrange changes the configuration, and returns it. mu is held.
func (x *truth) arrange(change func()) []Group {
	before := x.arrangement()
	change()
	for live := range x.ways { // which closes if nothing is asked so any more
		if !slices.ContainsFunc(x.cards, func(c *recordedCard) bool { return c.group != spare && wayIndex(x.groups[c.group].Live) == live }) {
			x.ways[live] = recordedWay{}
		}
	}
	if x.arrangement() != before {
		x.troubleLocked(0)
		x.rearranged = time.Now()
		x.spreadFailures()
	}
	return x.configured()
}

// arrangement describes which cards each group has, in their order.
func (x *truth) arrangement() string {
	var b strings.Builder
	for _, cards := range x.order {
		for _, c := range cards {
			b.WriteString(c.IMEI)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
