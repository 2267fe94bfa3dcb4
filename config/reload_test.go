package config

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

const (
	oneCard  = "groups: [{name: g, imeis: [352019040635785]}]\n"
	twoCards = "groups: [{name: g, imeis: [352019040635785, 352019040625281]}]\n"
)

// reloading is a Reloader of a file in memory, with what it has logged and
// applied.
type reloading struct {
	*Reloader
	files   *memory
	log     lockedBuffer
	apply   func(running, cfg *Config) error
	applied atomic.Int64
}

func newReloading(t *testing.T, text string) *reloading {
	t.Helper()
	r := &reloading{files: &memory{files: fstest.MapFS{}}, apply: func(_, _ *Config) error { return nil }}
	r.files.write("simcard.yml", text)
	logger := slog.New(slog.NewTextHandler(&r.log, nil))
	r.Reloader = NewReloader(logger, prometheus.NewRegistry(), NewFileIn(r.files, "simcard.yml"), func(running, cfg *Config) error {
		r.applied.Add(1)
		return r.apply(running, cfg)
	})
	if err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// memory is a directory in memory that may change while it is read.
type memory struct {
	mu    sync.Mutex
	files fstest.MapFS
}

func (m *memory) Glob(pattern string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.files.Glob(pattern)
}

func (m *memory) ReadFile(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.files.ReadFile(name)
}

func (m *memory) write(name, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[name] = &fstest.MapFile{Data: []byte(text)}
}

func (m *memory) remove(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, name)
}

// TestReloadThatFails: whatever goes wrong, the running configuration stays.
func TestReloadThatFails(t *testing.T) {
	for name, spoil := range map[string]func(*reloading){
		"bad file":       func(r *reloading) { r.files.write("simcard.yml", "groups: []") },
		"no file":        func(r *reloading) { r.files.remove("simcard.yml") },
		"apply fails":    func(r *reloading) { r.apply = func(_, _ *Config) error { return errors.New("no") } },
		"apply panics":   func(r *reloading) { r.apply = func(_, _ *Config) error { panic("no") } },
		"reading panics": func(r *reloading) { r.file.files = panicking{} },
	} {
		t.Run(name, func(t *testing.T) {
			r := newReloading(t, oneCard)
			running := r.Running()
			spoil(r)
			if at, err := r.Last(); at.IsZero() || err != nil {
				t.Errorf("the last reload: %v, %v", at, err)
			}
			err := r.Reload(t.Context())
			if _, last := r.Last(); err == nil || last != err { //nolint:errorlint // the same
				t.Errorf("error %v, that of the last reload %v", err, last)
			}
			if r.Running() != running {
				t.Error("another configuration is running")
			}
			if got := testutil.ToFloat64(r.successful); got != 0 {
				t.Errorf("last_reload_successful %v", got)
			}
			if panicked := strings.Contains(name, "panic"); panicked != strings.Contains(r.log.String(), "reload_test.go:") {
				t.Errorf("stack of a panic in the log:\n%s", &r.log)
			}
		})
	}
}

// panicking stands for a library that panics.
type panicking struct{ fstest.MapFS }

func (panicking) ReadFile(string) ([]byte, error) { panic("no") }

// TestAutoReload: a change of the file, or of one that it names or looks for, is
// loaded after two looks that found the same, and once.
func TestAutoReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReloading(t, oneCard)
		r.files.write("simcard.yml", "groups: [{name: g, files: ['*.csv']}]\n")
		r.files.write("a.csv", "imei\n352019040635785\n")
		if err := r.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go r.Run(ctx, nil, 30*time.Second)
		time.Sleep(time.Second)
		loads := r.applied.Load()
		look := func(reloads int64, what string) {
			t.Helper()
			time.Sleep(30 * time.Second)
			synctest.Wait()
			if loads += reloads; r.applied.Load() != loads {
				t.Errorf("%s: %d loads, want %d", what, r.applied.Load(), loads)
				loads = r.applied.Load()
			}
		}
		look(0, "nothing has changed")
		look(0, "nothing has changed")
		for _, text := range []string{"im", "imei\n3520", "imei\n352019040625281\n"} {
			r.files.write("a.csv", text)
			look(0, "a file that is being written")
		}
		look(1, "a file that has been written")
		look(0, "the same file")
		r.files.write("b.csv", "imei\n352019040600011\n")
		look(0, "a new file")
		look(1, "a new file, again")
		r.files.write("simcard.yml", "groups: []\n")
		look(0, "a mistake")
		look(0, "a mistake, again") // which is loaded, and not applied
		errorsLogged := strings.Count(r.log.String(), "reload kept the last configuration")
		look(0, "a mistake, still")
		if n := strings.Count(r.log.String(), "reload kept the last configuration"); n != 1 || errorsLogged != 1 {
			t.Errorf("%d errors logged, then %d", errorsLogged, n)
		}
		r.files.write("simcard.yml", oneCard)
		look(0, "a correction")
		look(1, "a correction, again")
		r.files.remove("b.csv")
		look(0, "a file that is not looked for any more")
		look(0, "a file that is not looked for any more")
	})
}

// TestReloadsJoin: those who ask during a reload share the next one, which is dropped if they
// leave.
func TestReloadsJoin(t *testing.T) {
	for name, test := range map[string]struct {
		leave bool
		loads int64 // beside the first two
	}{"stay": {false, 1}, "leave": {true, 0}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReloading(t, oneCard)
				before := r.applied.Load()
				r.apply = func(_, _ *Config) error {
					time.Sleep(time.Minute)
					return nil
				}
				go func() { _ = r.Reload(t.Context()) }()
				synctest.Wait()
				r.files.write("simcard.yml", twoCards) // which the one in progress has not read
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var callers sync.WaitGroup
				for range 100 {
					callers.Go(func() {
						if err := r.Reload(ctx); (err != nil) != test.leave {
							t.Errorf("got %v", err)
						}
					})
				}
				synctest.Wait()
				if test.leave {
					cancel()
				}
				callers.Wait()
				time.Sleep(time.Hour)
				if loads := r.applied.Load() - before - 1; loads != test.loads {
					t.Errorf("%d loads, want %d", loads, test.loads)
				}
			})
		})
	}
}

// TestLongReload: the answer arrives, however long the reload takes.
func TestLongReload(t *testing.T) {
	r := newReloading(t, oneCard)
	r.apply = func(_, _ *Config) error {
		time.Sleep(300 * time.Millisecond)
		return errors.New("no")
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(r.ServeReload))
	server.Config.WriteTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()
	resp, err := server.Client().Post(server.URL, "", nil) //nolint:noctx // it ends with the server
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusInternalServerError || !strings.HasSuffix(string(text), ":\nno\n") {
		t.Errorf("%s %q, %v", resp.Status, text, err)
	}
}
