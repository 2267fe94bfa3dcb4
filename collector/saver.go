package collector

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/persistence"
)

// closeTimeout is how long Saver.Close waits for a disk. A million cards take a second
// or two.
const closeTimeout = 15 * time.Second

// Saver keeps in a file what is known about the cards of a Collector. Create it with
// [OpenSaver]; one without a file does nothing. Load, Start and Close must each be called
// once at most, in this order. Without Start, Close saves nothing: a start that fails
// leaves the file as it was.
type Saver struct {
	collector    *Collector
	logger       *slog.Logger
	file         *persistence.File // nil without --persistence.file
	interval     time.Duration
	loadFailures prometheus.Counter
	state        atomic.Pointer[pages.Persistence] // never nil
	stop         chan struct{}                     // closed by Close
	ended        chan struct{}                     // closed after the last save; nil before Start
}

// OpenSaver opens the file that the flags name, for up to 5 s if another process uses
// it, and registers the metrics about it. The error says why nothing could be saved.
func OpenSaver(ctx context.Context, c *Collector, registerer prometheus.Registerer, flags *persistence.Flags) (*Saver, error) {
	s := &Saver{collector: c, interval: flags.Interval, stop: make(chan struct{})}
	s.state.Store(new(pages.Persistence))
	if flags.Path == "" {
		return s, nil
	}
	file, err := persistence.Open(ctx, flags.Path)
	if err != nil {
		return nil, err
	}
	s.file, s.logger = file, c.logger.With("file", file.String())
	s.state.Store(&pages.Persistence{File: file.String()})
	s.register(promauto.With(registerer))
	return s, nil
}

func (s *Saver) register(factory promauto.Factory) {
	s.loadFailures = factory.NewCounter(prometheus.CounterOpts{Namespace: namespace,
		Name: "persistence_load_failures_total",
		Help: "Files with saved answers that were not loaded, since they were damaged or from another platform."})
	factory.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace,
		Name: "persistence_last_save_success_timestamp_seconds",
		Help: "When the answers were last saved, in seconds since 1970, by this process or the one before; 0 if never.",
	}, func() float64 {
		if saved := s.state.Load().Saved; !saved.IsZero() {
			return float64(saved.UnixNano()) / 1e9
		}
		return 0
	})
	factory.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace,
		Name: "persistence_last_save_bytes",
		Help: "Size of the file that this process saved last; 0 if it has not saved yet.",
	}, func() float64 { return float64(s.state.Load().Bytes) })
}

// State returns what came of the last save, and whether anything is saved at all.
func (s *Saver) State() (state pages.Persistence, enabled bool) {
	return *s.state.Load(), s.file != nil
}

// Load loads what was saved about the cards of the running configuration. It must be
// called before Collector.Run. Without the file, or when ctx is done, the cards are new.
func (s *Saver) Load(ctx context.Context) {
	if s.file == nil {
		return
	}
	f := s.collector.fleet.Load()
	cards := 0
	savedAt, err := s.file.Load(ctx, f.settings.Fingerprint, func(saved *persistence.Record) {
		if f.restore(saved) {
			cards++
		}
	})
	switch {
	case ctx.Err() != nil:
	case err != nil:
		s.loadFailures.Inc()
		s.logger.Error("saved answers not loaded: all cards are queried again", "err", err)
	case savedAt.IsZero():
		s.logger.Info("no saved answers yet")
	default:
		s.state.Store(&pages.Persistence{File: s.file.String(), Saved: savedAt})
		s.logger.Info("saved answers loaded", "cards", cards, "saved_at", savedAt)
	}
}

// Start saves regularly, in the background, until Close.
func (s *Saver) Start() {
	if s.file == nil {
		return
	}
	s.ended = make(chan struct{})
	go func() {
		defer close(s.ended)
		s.saveRegularly()
	}()
}

// saveRegularly saves until stop is closed, and then once more. Shards that started
// together do not save together for long.
func (s *Saver) saveRegularly() {
	for {
		select {
		case <-time.After(s.interval*9/10 + rand.N(s.interval/5+1)):
			s.save()
		case <-s.stop:
			s.save()
			return
		}
	}
}

func (s *Saver) save() {
	f := s.collector.fleet.Load()
	saved, err := s.file.Save(f.settings.Fingerprint, f.records())
	state := *s.state.Load()
	state.Err = err
	if err == nil {
		state.Saved, state.Bytes = time.Now(), saved.Size
	}
	s.state.Store(&state)
	if err != nil {
		s.logger.Error("answers not saved: check the disk's space and the directory's owner", "err", err)
	}
	if saved.SetAside != "" {
		s.logger.Warn("answers of the last platform set aside", "set_aside", saved.SetAside)
	}
}

// Close saves what is known now, and closes the file. It gives up on a disk that hangs.
func (s *Saver) Close() {
	if s.file == nil {
		return
	}
	if s.ended != nil {
		close(s.stop)
		select {
		case <-s.ended:
		case <-time.After(closeTimeout):
			s.logger.Error("answers not saved: the disk is too slow")
			return
		}
	}
	if err := s.file.Close(); err != nil {
		s.logger.Warn("close persistence file", "err", err)
	}
}
