package collector

import (
	"context"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"time"

	"simcard_exporter/collector/persistence"
)

// restart is one restart of the exporter.
type restart struct {
	crash   bool                     // else the exporter answers the scrapes that wait, saves, and ends
	damage  func(file []byte) []byte // nil leaves the file alone; it returns nil for no file
	saving  bool                     // the next exporter has the file
	waiting bool                     // scrapes begin shortly before it
	gap     time.Duration            // without an exporter
	change  func()                   // what changes meanwhile, with the lock of the truth held
}

// drawRestart draws a restart. It takes a second at least: the limit of requests in a
// second holds for each exporter.
func (o *operation) drawRestart(random *rand.Rand) restart {
	r := restart{
		crash:   random.IntN(2) == 0,
		saving:  random.IntN(4) > 0,
		waiting: random.IntN(2) == 0,
		gap:     time.Second + time.Duration(random.IntN(40_000))*time.Millisecond,
		change:  func() { o.truth.troubleLocked(0) },
	}
	if random.IntN(4) == 0 {
		r.damage = damages(random)
	}
	if random.IntN(3) == 0 {
		r.change = func() { o.truth.troubleLocked(0); o.truth.rearrange(random) }
	}
	return r
}

// damages draws a way in which a file is damaged, or lost.
func damages(random *rand.Rand) func([]byte) []byte {
	switch random.IntN(4) {
	case 0:
		return func([]byte) []byte { return nil }
	case 1:
		return func(file []byte) []byte { return file[:random.IntN(len(file))] }
	case 2:
		return func(file []byte) []byte { return file[:0] }
	default:
		return func(file []byte) []byte {
			file[random.IntN(len(file))] ^= 1 << random.IntN(8)
			return file
		}
	}
}

// restart ends the exporter and starts another.
func (o *operation) restart(r restart) {
	var scrapes sync.WaitGroup
	if r.waiting {
		client := o.newScraper(0, 2*time.Minute, 0)
		defer client.http.CloseIdleConnections()
		for range 3 {
			scrapes.Go(func() { client.scrape(0) })
		}
		advance(time.Second)
	}
	saved, file := o.lastSave(), o.readFile()
	o.truth.stop(r.crash)
	o.end(r.crash)
	switch {
	case o.env.saving.Path == "":
	case r.crash:
		o.writeFile(file)
		o.truth.keep(saved)
	default:
		o.truth.keepAll()
	}
	if file = o.readFile(); len(file) > 0 && r.damage != nil {
		file = r.damage(file)
		o.writeFile(file)
		o.truth.lose(file != nil)
	}
	advance(r.gap)
	o.start(r.saving, r.change)
	o.truth.serves()
	o.count(r)
	scrapes.Wait()
}

// count counts a restart by its kind.
func (o *operation) count(r restart) {
	o.restarts["all"]++
	for kind, is := range map[string]bool{"crashes": r.crash, "damages": r.damage != nil, "without file": !r.saving} {
		if is {
			o.restarts[kind]++
		}
	}
}

// end ends the exporter. In a crash it may save, but the file is then replaced.
func (o *operation) end(crash bool) {
	if crash {
		_ = o.server.Close() // an error changes nothing
	} else {
		o.env.stop()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := o.server.Shutdown(ctx); err != nil {
			o.violate("end", "scrapes still wait: %v", err)
		}
	}
	o.env.end()
	advance(time.Millisecond) // what was served last has been checked
}

// start starts the exporter, with the file or without.
func (o *operation) start(saving bool, change func()) {
	o.env.saving = persistence.Flags{}
	if saving {
		o.env.saving = o.file
	}
	o.env.start(o.t, o.truth.start(change, o.env.saving.Interval))
	server, listener := serveInMemory(o.t, o.env.handler)
	o.server = server
	o.exporter.Store(listener)
}

// dial connects to the exporter that runs at the moment.
func (o *operation) dial(ctx context.Context, network, address string) (net.Conn, error) {
	return o.exporter.Load().dial(ctx, network, address)
}

// lastSave returns when the exporter says that it last saved; the zero time if never.
func (o *operation) lastSave() time.Time {
	families, err := o.env.registry.Gather()
	if err != nil {
		o.t.Error(err)
	}
	for _, family := range families {
		if at := family.GetMetric()[0].GetGauge().GetValue(); family.GetName() == lastSave && at > 0 {
			return time.Unix(0, int64(at*1e9))
		}
	}
	return time.Time{}
}

// readFile returns the content of the file, nil if there is none.
func (o *operation) readFile() []byte {
	file, err := os.ReadFile(o.file.Path)
	if err != nil && !os.IsNotExist(err) {
		o.t.Error(err)
	}
	return file
}

// writeFile replaces the content of the file, with nil the file itself.
func (o *operation) writeFile(file []byte) {
	err := os.Remove(o.file.Path)
	if file != nil {
		err = os.WriteFile(o.file.Path, file, 0o600)
	}
	if err != nil {
		o.t.Error(err)
	}
}
