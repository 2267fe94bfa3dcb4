// Command simcard_exporter exports the state of IoT SIM cards to Prometheus.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"reflect"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/common/promslog"
	promslogflag "github.com/prometheus/common/promslog/flag"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/bootstrap"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"simcard_exporter/collector"
	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
	"simcard_exporter/config"
)

const (
	name        = "simcard_exporter"
	description = "Exports the state of IoT SIM cards to Prometheus: whether each is in service, how much data it has left and when it expires."
	// shutdownTimeout bounds how long running scrapes are waited for. They
	// answer at once; it is the scrapers that may read slowly.
	shutdownTimeout = 4 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal does not wait for anything
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// flags is what the command line says.
type flags struct {
	configFile    string
	check         bool
	estimate      collector.Estimate // of check
	demo          bool
	shard         collector.Shard
	timeoutOffset time.Duration
	maxRequests   int
	web           *web.FlagConfig
	log           promslog.Config
}

// parseFlags returns nil if what was asked for, such as --help, is printed.
func parseFlags(args []string, stdout, stderr io.Writer) (*flags, error) {
	app := kingpin.New(name, description+"\n\n"+
		"Without an account: simcard_exporter --demo, then look at http://localhost:10460/metrics\n\n"+
		"With one: list your cards in simcard.yml, check it with --config.check, and have Prometheus scrape port 10460.")
	app.HelpFlag.Short('h')
	app.Version(version.Print(name))
	app.UsageWriter(stdout)
	app.ErrorWriter(stderr)
	printed := false
	app.Terminate(func(int) { printed = true })

	var f flags
	fileGiven := false
	app.Flag("config.file", "The configuration: which cards to query, and how.").
		Default("simcard.yml").IsSetByUser(&fileGiven).StringVar(&f.configFile)
	app.Flag("config.check", "Load the configuration, print the load that it causes on the platform, and exit with 0, or with 1 if it has mistakes.").
		BoolVar(&f.check)
	app.Flag("config.check.scrape-interval", "For --config.check: Prometheus's scrape interval.").
		Default("1m").DurationVar(&f.estimate.Interval)
	app.Flag("config.check.latency", "For --config.check: how long the platform takes for one request.").
		Default("1s").DurationVar(&f.estimate.Latency)
	app.Flag("demo", "Serve a simulated platform inside the process and export its cards, which show every state. Needs no configuration and no account.").
		BoolVar(&f.demo)
	app.Flag("shard.index", "Index of this shard, starting at 0. Shards have the same configuration and query different cards.").
		Default("0").IntVar(&f.shard.Index)
	app.Flag("shard.count", "Number of shards.").
		Default("1").IntVar(&f.shard.Count)
	app.Flag("scrape.timeout-offset", "Safety margin, subtracted from Prometheus's scrape timeout, with 10µs more for each card. At least half of the timeout is left. Without a timeout header a scrape has 10s.").
		Default("0.5s").DurationVar(&f.timeoutOffset)
	app.Flag("web.max-requests", "Maximum number of scrapes served in parallel. Further ones are answered with 503. Use 0 to disable.").
		Default("40").IntVar(&f.maxRequests)
	f.web = kingpinflag.AddFlags(app, ":10460")
	promslogflag.AddFlags(app, &f.log)
	f.log.Writer = stderr

	_, err := app.Parse(args)
	switch {
	case printed:
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%w, try --help", err)
	case f.demo && fileGiven:
		return nil, errors.New("--demo brings its own configuration: leave out --config.file")
	case f.timeoutOffset < 0:
		return nil, errors.New("--scrape.timeout-offset must not be negative")
	case f.shard.Count < 1 || f.shard.Count > collector.MaxShards:
		return nil, fmt.Errorf("--shard.count must be between 1 and %d", collector.MaxShards)
	case f.shard.Index < 0 || f.shard.Index >= f.shard.Count:
		return nil, errors.New("--shard.index must be from 0 to one less than --shard.count")
	case f.maxRequests < 0:
		return nil, errors.New("--web.max-requests must not be negative")
	case f.estimate.Interval <= 0 || f.estimate.Latency <= 0:
		return nil, errors.New("--config.check.scrape-interval and --config.check.latency must be above 0")
	}
	return &f, nil
}

// run is the program. It ends when ctx does, once running scrapes have answered.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f, err := parseFlags(args, stdout, stderr)
	if f == nil {
		return err
	}
	logger := promslog.New(&f.log)
	load := func() (*config.Config, error) { return config.Load(f.configFile) }
	if f.demo {
		platform, err := simulator.StartDemo(ctx)
		if err != nil {
			return fmt.Errorf("start simulated platform: %w", err)
		}
		defer platform.Close()
		logger.Warn("demo: every card and every value is simulated", "platform", platform.URL)
		load = func() (*config.Config, error) { return demoConfig(platform) }
	}
	if f.check {
		return check(f, load, stdout)
	}
	return serve(ctx, f, load, logger)
}

// demoConfig reads the configuration that a demo brings along.
func demoConfig(platform *simulator.DemoServer) (*config.Config, error) {
	files := platform.Files()
	data, err := files.ReadFile(simulator.DemoConfig)
	if err != nil {
		return nil, fmt.Errorf("read demo configuration: %w", err)
	}
	return config.Parse(simulator.DemoConfig, data, files)
}

// check prints what a valid configuration will ask of the platform.
func check(f *flags, load func() (*config.Config, error), stdout io.Writer) error {
	cfg, err := load()
	if err != nil {
		return err
	}
	for _, warning := range cfg.Warnings {
		fmt.Fprintln(stdout, "warning:", warning)
	}
	settings, groups := toCollector(cfg, f.shard)
	return collector.WritePlan(stdout, settings, groups, f.estimate)
}

// serve serves metrics until ctx is done.
func serve(ctx context.Context, f *flags, load func() (*config.Config, error), logger *slog.Logger) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		versioncollector.NewCollector(name),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	cards := collector.New(logger, registry)
	reloader := config.NewReloader(logger, registry, load, applyTo(cards, f.shard))
	if err := reloader.Reload(); err != nil {
		return err
	}

	// At the end requests to the platform are cancelled at once, and running
	// scrapes answer with what is known.
	ctx, cancel := context.WithCancel(ctx)
	var asking sync.WaitGroup
	asking.Go(func() { cards.Run(ctx) })
	defer asking.Wait()
	defer cancel()

	scrape := cards.Handler(registry, f.timeoutOffset)
	mux, err := routes(ctx, (&bootstrap.Bootstrap{Logger: logger, MaxRequests: f.maxRequests}).MaxRequestsHandler(scrape), reloader)
	if err != nil {
		return err
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)

	// exporter-toolkit's bootstrap.Runner would start the server as well, but
	// has no way to end it.
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute, WriteTimeout: time.Minute, IdleTimeout: 5 * time.Minute}
	served := make(chan error, 1)
	go func() { served <- web.ListenAndServe(server, f.web, logger) }()
	logger.Info("starting "+name, "version", version.Info(), "build_context", version.BuildContext())
	for {
		select {
		case err := <-served:
			return fmt.Errorf("serve: %w", err)
		case <-hangup:
			if err := reloader.Reload(); err != nil {
				logger.Error("reload kept the last configuration", "err", err)
			}
		case <-ctx.Done():
			logger.Info("shutting down", "cause", context.Cause(ctx))
			grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
			defer cancel()
			if err := server.Shutdown(grace); err != nil {
				logger.Warn("scrapes were cut off", "err", err)
				_ = server.Close() // whose connections are gone either way
			}
			return nil
		}
	}
}

// applyTo returns the part of a reload that comes after the configuration was
// read: what can fail is built first, then all is swapped.
func applyTo(cards *collector.Collector, shard collector.Shard) func(*config.Config) error {
	var running *config.Config
	var client *szzkc.Client
	return func(cfg *config.Config) error {
		p := cfg.Platform
		next, err := szzkc.New(p.URL.String(), p.Timezone.Location, p.HTTPClientConfig)
		if err != nil {
			return err
		}
		settings, groups := toCollector(cfg, shard)
		cards.Load(next, settings, groups, changeOf(running, cfg))
		if client != nil {
			client.CloseIdleConnections()
		}
		running, client = cfg, next
		return nil
	}
}

// changeOf says what a new configuration means for the answers that there are.
func changeOf(running, cfg *config.Config) collector.Change {
	switch {
	case running == nil:
		return collector.SamePlatform
	case cfg.Platform.URL.String() != running.Platform.URL.String(), cfg.Platform.Timezone.String() != running.Platform.Timezone.String():
		return collector.AnotherPlatform // which would have answered otherwise
	case !reflect.DeepEqual(cfg.Platform.HTTPClientConfig, running.Platform.HTTPClientConfig):
		return collector.AnotherAccount // as far as anybody can tell
	default:
		return collector.SamePlatform
	}
}

// toCollector turns the configuration into the collector's terms.
func toCollector(cfg *config.Config, shard collector.Shard) (collector.Settings, []collector.Group) {
	settings := collector.Settings{
		Timeout:     time.Duration(cfg.Platform.Timeout),
		Concurrency: cfg.Platform.Concurrency,
		RateLimit:   cfg.Platform.RateLimit,
		MaxRetries:  cfg.Platform.MaxRetries,
		LabelNames:  cfg.LabelNames,
		Shard:       shard,
	}
	var groups []collector.Group
	for _, g := range cfg.Groups {
		group := collector.Group{
			Name:         g.Name,
			Live:         g.Live,
			MaxAge:       time.Duration(g.MaxAge),
			StaleIfError: time.Duration(g.StaleIfError),
			Cards:        make([]collector.Card, 0, len(g.Cards)),
		}
		for _, c := range g.Cards {
			group.Cards = append(group.Cards, collector.Card(c))
		}
		groups = append(groups, group)
	}
	return settings, groups
}

// routes are the endpoints. When ctx is done the process is no longer ready.
func routes(ctx context.Context, metrics http.Handler, reloader *config.Reloader) (http.Handler, error) {
	landing, err := web.NewLandingPage(web.LandingConfig{
		Name:        name,
		Description: description,
		Version:     version.Info(),
		Profiling:   "false",
		Links: []web.LandingLinks{
			{Address: "/metrics", Text: "Metrics"},
			{Address: "/config", Text: "Configuration", Description: "secrets masked"},
			{Address: "/-/healthy", Text: "Healthy"},
			{Address: "/-/ready", Text: "Ready"},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("create landing page: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", landing)
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /config", reloader.ServeConfig)
	mux.HandleFunc("POST /-/reload", reloader.ServeReload)
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "Healthy") })
	// There is no server before the configuration is loaded. What the platform
	// does is no concern of this: nobody behind a Service would ever scrape.
	mux.HandleFunc("GET /-/ready", func(w http.ResponseWriter, _ *http.Request) {
		if ctx.Err() != nil {
			http.Error(w, "Shutting down", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "Ready")
	})
	return mux, nil
}
