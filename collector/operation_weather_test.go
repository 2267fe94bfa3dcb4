package collector

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// weather is how well the platform works at the moment. The fault of a request is
// drawn from the seed, the request and the time, so that it does not depend on the
// order in which requests of the same instant arrive.
type weather struct {
	seed       uint64
	now        atomic.Pointer[forecast]
	retryAfter time.Duration
	fast, live span
}

// forecast is one spell of weather. It is immutable.
type forecast struct {
	name   string
	faults []simulator.Fault
	share  float64 // of the requests that a fault hits
	spares string  // the requests that no fault hits: live, daily, or none
}

// span is what a duration is drawn from.
type span struct{ least, most time.Duration }

func (s span) draw(random *rand.Rand) time.Duration {
	return s.least + time.Duration(random.Int64N(int64(s.most-s.least)))
}

// maxPlatformPause is the longest that Retry-After pauses all requests.
const maxPlatformPause = time.Minute

func newWeather(seed uint64, random *rand.Rand) *weather {
	fast := time.Duration(100+random.IntN(1500)) * time.Millisecond
	live := time.Duration(3+random.IntN(5)) * time.Second
	w := &weather{
		seed: seed,
		fast: span{least: fast / 2, most: fast * 3 / 2},
		// Up to 16 s: longer than the first scraper waits, shorter than the
		// timeout of a request.
		live:       span{least: live, most: 2 * live},
		retryAfter: []time.Duration{0, 7 * time.Second, 30 * time.Second, 2 * time.Minute}[random.IntN(4)],
	}
	w.now.Store(&forecast{name: "calm"})
	return w
}

// change draws the next spell of weather and returns how long it lasts.
func (w *weather) change(random *rand.Rand) time.Duration {
	minutes := func(least, most int) time.Duration {
		return time.Duration(least*60+random.IntN((most-least)*60)) * time.Second
	}
	switch n := random.IntN(10); {
	case n < 4:
		w.now.Store(&forecast{name: "calm"})
		return minutes(60, 360)
	case n < 6:
		w.now.Store(noise(random))
		return minutes(10, 240)
	case n < 7:
		w.now.Store(outage(random))
		return time.Duration(1+random.IntN(20)) * time.Second
	case n < 9:
		w.now.Store(outage(random))
		return minutes(1, 20)
	default:
		w.now.Store(outage(random))
		return minutes(60, 300)
	}
}

// noise makes some requests go wrong, half of the time all in the same way.
func noise(random *rand.Rand) *forecast {
	if random.IntN(2) == 0 {
		share := .005 + .195*random.Float64()*random.Float64()
		return &forecast{name: fmt.Sprintf("noise of %.1f %%", share*100), faults: simulator.Faults(), share: share}
	}
	// Refusals and unreadable items lead to quarantine most easily.
	faults := append(simulator.Faults(), simulator.Rejected, simulator.Rejected, simulator.Rejected, simulator.Rejected,
		simulator.UnreadableItem, simulator.UnreadableItem, simulator.UnreadableItem, simulator.HTML, simulator.HTML)
	fault, share := faults[random.IntN(len(faults))], .05+.35*random.Float64()
	return &forecast{name: fmt.Sprintf("%v in %.1f %%", fault, share*100), faults: []simulator.Fault{fault}, share: share}
}

// outage makes every request fail, mostly all in the same way, or only live ones, or only
// the others.
func outage(random *rand.Rand) *forecast {
	f := totalOutage(random)
	if f.spares = []string{"", "", "live", "daily"}[random.IntN(4)]; f.spares != "" {
		f.name += " but for " + f.spares + " requests"
	}
	return f
}

func totalOutage(random *rand.Rand) *forecast {
	var failing []simulator.Fault
	for _, fault := range simulator.Faults() {
		if fault < simulator.ForeignItems {
			failing = append(failing, fault)
		}
	}
	if random.IntN(3) == 0 {
		return &forecast{name: "outage in every way", faults: failing, share: 1}
	}
	usual := []simulator.Fault{simulator.Rejected, simulator.Rejected, simulator.Hang, simulator.Hang,
		simulator.ServerError, simulator.HTML, simulator.Throttled, simulator.Reset}
	fault := append(failing, usual...)[random.IntN(len(failing)+len(usual))]
	return &forecast{name: "outage by " + fault.String(), faults: []simulator.Fault{fault}, share: 1}
}

// behaviour returns how the platform treats requests in this weather.
func (w *weather) behaviour(x *truth) simulator.Behaviour {
	b := simulator.Behaviour{RetryAfter: w.retryAfter, AlwaysCurrent: true}
	for _, c := range x.cards {
		if c.refused && !c.spoils {
			b.Refuse = append(b.Refuse, c.IMEI, c.ICCID)
		}
	}
	b.Draw = func(identifiers []string, live bool) (simulator.Fault, time.Duration) {
		fault, delay := w.draw(identifiers, live)
		if fault != simulator.None {
			x.trouble(0)
		}
		if x.anySpoils(identifiers) && (fault == simulator.None || fault >= simulator.ForeignItems) {
			fault = simulator.NotFoundPage // there is never an answer
		}
		return fault, delay
	}
	return b
}

// draw returns the fault and the latency of a request.
func (w *weather) draw(identifiers []string, live bool) (simulator.Fault, time.Duration) {
	random := w.drawFor(strings.Join(identifiers, ","))
	delay := w.fast.draw(random)
	if live {
		delay = w.live.draw(random)
	}
	now, kind := w.now.Load(), "daily"
	if live {
		kind = "live"
	}
	if random.Float64() >= now.share || now.spares == kind {
		return simulator.None, delay
	}
	return now.faults[random.IntN(len(now.faults))], delay
}

// drawFor returns a random source for one decision that is made now.
func (w *weather) drawFor(what string) *rand.Rand {
	hash := fnv.New64a()
	fmt.Fprint(hash, what, time.Now().UnixNano())
	return rand.New(rand.NewPCG(w.seed, hash.Sum64()))
}
