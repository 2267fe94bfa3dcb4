package persistence

import (
	"context"
	"iter"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// closeTimeout is how long Saver.Close waits for a disk. A million cards take a second
// or two.
const closeTimeout = 15 * time.Second

// namespace is what the names of the metrics begin with.
const namespace = "simcard_exporter_persistence_"

// Cards are what a [Saver] saves and loads. Both methods also return the fingerprint of the
// platform that the cards are of.
type Cards interface {
	// Records returns what is known about each card.
	Records() (fingerprint string, records iter.Seq[*Record])
	// Restore forgets all that is known about the cards. The function that it returns
	// takes over a saved record, and reports whether it is one of the cards.
	Restore() (fingerprint string, restore func(*Record) bool)
}

// State is what is known about the file in which answers survive a restart. The zero value
// means that there is none.
type State struct {
	File  string    // its path
	Saved time.Time // the last time; zero if never
	Bytes int64     // its size then
	Err   error     // of the last attempt; nil if it was successful
}

// Saver keeps in a file what is known about cards. Create it with [Flags.OpenSaver]; one
// without a file does nothing. Load, Start and Close must each be called once at most, in
// this order. Without Start, Close saves nothing: a start that fails leaves the file as it
// was.
type Saver struct {
	cards        Cards
	logger       *slog.Logger
	file         *File // nil without --persistence.file
	interval     time.Duration
	loadFailures prometheus.Counter
	state        atomic.Pointer[State] // never nil
	stop         chan struct{}         // closed by Close
	ended        chan struct{}         // closed after the last save; nil before Start
}

// OpenSaver opens the file that the flags name, for up to 5 s if another process uses
// it, and registers the metrics about it. The error says why nothing could be saved.
func (f *Flags) OpenSaver(ctx context.Context, cards Cards, registerer prometheus.Registerer, logger *slog.Logger) (*Saver, error) {
	s := &Saver{cards: cards, interval: f.Interval, stop: make(chan struct{})}
	s.state.Store(new(State))
	if f.Path == "" {
		return s, nil
	}
	file, err := Open(ctx, f.Path)
	if err != nil {
		return nil, err
	}
	s.file, s.logger = file, logger.With("file", file.String())
	s.state.Store(&State{File: file.String()})
	s.register(promauto.With(registerer))
	return s, nil
}

func (s *Saver) register(factory promauto.Factory) {
	s.loadFailures = factory.NewCounter(prometheus.CounterOpts{
		Name: namespace + "load_failures_total",
		Help: "Files with saved answers that were not loaded, since they were damaged or from another platform."})
	factory.NewGaugeFunc(prometheus.GaugeOpts{
		Name: namespace + "last_save_success_timestamp_seconds",
		Help: "Unix time at which the answers were last saved, by this process or the one before; 0 if never.",
	}, func() float64 {
		if saved := s.state.Load().Saved; !saved.IsZero() {
			return float64(saved.UnixNano()) / 1e9
		}
		return 0
	})
	factory.NewGaugeFunc(prometheus.GaugeOpts{
		Name: namespace + "last_save_bytes",
		Help: "Size of the file that this process saved last; 0 if it has not saved yet.",
	}, func() float64 { return float64(s.state.Load().Bytes) })
}

// State returns what came of the last save.
func (s *Saver) State() State { return *s.state.Load() }

// Load loads what was saved about the cards as they are configured now. No request may be in
// flight yet. Without the file, or when ctx is done, the cards are new.
func (s *Saver) Load(ctx context.Context) {
	if s.file == nil {
		return
	}
	fingerprint, restore := s.cards.Restore()
	cards := 0
	savedAt, err := s.file.Load(ctx, fingerprint, func(saved *Record) {
		if restore(saved) {
			cards++
		}
	})
	if err != nil {
		s.cards.Restore() // forgets the records that came before the error
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		s.loadFailures.Inc()
		s.logger.Error("saved answers not loaded: all cards are queried again", "err", err)
	case savedAt.IsZero():
		s.logger.Info("no saved answers yet")
	default:
		s.state.Store(&State{File: s.file.String(), Saved: savedAt})
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
	saved, err := s.file.Save(s.cards.Records())
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
