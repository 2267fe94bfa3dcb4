// Command simcard_exporter exports the state of IoT SIM cards to Prometheus.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
	"unicode"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
	promslogflag "github.com/prometheus/common/promslog/flag"
	"github.com/prometheus/common/version"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"

	"simcard_exporter/collector"
	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/persistence"
	"simcard_exporter/collector/plan"
	"simcard_exporter/collector/problem"
	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
	"simcard_exporter/collector/web"
	"simcard_exporter/config"
)

const (
	name        = "simcard_exporter"
	description = "Exports the state of IoT SIM cards to Prometheus: whether each is in service, how much data it has left and when it expires."
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal kills the process
	web.FillVersion()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintf(printable(os.Stderr), "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// flags holds the parsed command line.
type flags struct {
	demo        bool
	config      *config.Flags
	collector   *collector.Flags
	persistence *persistence.Flags
	estimate    *plan.Estimate // for --config.check, and for the pages
	web         *web.Flags
	log         promslog.Config
}

// parseFlags returns nil flags if nothing is left to do, as after --help.
func parseFlags(args []string, stdout, stderr io.Writer) (*flags, error) {
	app := kingpin.New(name, description+"\n\n"+
		"Without an account: simcard_exporter --demo, then look at http://localhost:10460\n\n"+
		"With one: list your cards in simcard.yml, check it with --config.check, ask about one with --query, and have Prometheus scrape port 10460.")
	app.HelpFlag.Short('h')
	app.Version(version.Print(name))
	app.UsageWriter(stdout)
	app.ErrorWriter(stderr)
	printed := false
	app.Terminate(func(int) { printed = true })

	f := flags{config: config.AddFlags(app), estimate: plan.AddFlags(app), persistence: persistence.AddFlags(app), collector: collector.AddFlags(app)}
	app.Flag("demo", "Serve a simulated platform inside the process and export its cards, which show every problem but gone. Needs no configuration and no account.").
		BoolVar(&f.demo)
	f.web = web.AddFlags(app, ":10460")
	promslogflag.AddFlags(app, &f.log)
	f.log.Writer = stderr

	_, err := app.Parse(args)
	switch {
	case printed:
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%w, try --help", err)
	case f.demo && f.config.FileIsSet:
		return nil, errors.New("--demo brings its own configuration: leave out --config.file")
	case f.collector.QueryIsSet && f.config.Check:
		return nil, errors.New("--query and --config.check are two steps: check first, and then query")
	case f.demo && f.persistence.Path != "":
		return nil, errors.New("--demo has no answers worth keeping: leave out --persistence.file")
	}
	return &f, errors.Join(f.config.Validate(), f.estimate.Validate(), f.persistence.Validate(), f.collector.Validate(), f.web.Validate())
}

// run is the program. It ends when ctx does, once running scrapes have answered.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f, err := parseFlags(args, stdout, stderr)
	if err != nil || f == nil {
		return err
	}
	if f.web.HealthCheck {
		return f.web.CheckHealth(ctx)
	}
	logger := promslog.New(&f.log)
	file := config.NewFile(f.config.File)
	if f.demo {
		platform, err := simulator.StartDemo(ctx)
		if err != nil {
			return fmt.Errorf("start simulated platform: %w", err)
		}
		defer platform.Close()
		logger.Warn("demo: every card and every value is simulated", "platform", platform.URL)
		file = config.NewFileIn(platform.Files(), simulator.DemoConfig)
	}
	switch {
	case f.config.Check:
		return check(f, file, stdout)
	case f.collector.QueryIsSet:
		return query(ctx, f.collector.Query, file, printable(stdout))
	}
	return serve(ctx, f, file, logger)
}

// check prints what is left out of a valid configuration, the warnings about it, and the
// load that it causes on the platform.
func check(f *flags, file *config.File, stdout io.Writer) error {
	cfg, err := file.Load()
	if err != nil {
		return err
	}
	cfg.WriteFindings(stdout)
	if err := f.persistence.Check(); err != nil {
		return err
	}
	client, err := newClient(cfg)
	if err != nil {
		return err
	}
	settings, groups := toCollector(cfg, f.collector.Shard)
	if err := collector.Plan(client, settings, groups).Write(stdout, *f.estimate); err != nil {
		return err
	}
	if invalid := cfg.InvalidRows(); f.config.Strict && invalid > 0 {
		return fmt.Errorf("--config.check.strict: rows of the card files are left out: %d", invalid)
	}
	fmt.Fprintf(stdout, "next: ask about one card with --query=%s in place of --config.check, and then start\n", cfg.AnyCard())
	return nil
}

// printable replaces what would have an effect on a terminal: the platform may send anything.
func printable(w io.Writer) io.Writer {
	return transform.NewWriter(w, runes.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsGraphic(r) {
			return r
		}
		return unicode.ReplacementChar
	}))
}

// query asks the platform about the card with an identifier, and prints what it says.
func query(ctx context.Context, identifier string, file *config.File, stdout io.Writer) error {
	cfg, err := file.Load()
	if err != nil {
		return err
	}
	client, err := newClient(cfg)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	settings, groups := toCollector(cfg, collector.Shard{}) // whichever shard it is of
	inquiry, err := collector.NewInquiry(client, settings, groups, identifier)
	if err != nil {
		return fmt.Errorf("--query: %w", err)
	}
	var exchange szzkc.Exchange
	client.Record(&exchange)
	fmt.Fprintln(stdout, inquiry)
	inquiry.Ask(ctx)
	exchange.Write(stdout, cfg.Platform.URL.V.Redacted())
	return inquiry.Report(stdout, szzkc.Explain)
}

// serve serves metrics until ctx is done. It listens from the beginning: loading a
// million cards takes seconds, in which the exporter is healthy but not ready.
func serve(ctx context.Context, f *flags, file *config.File, logger *slog.Logger) error {
	logger.Info("starting "+name, "version", version.Info(), "build_context", version.BuildContext())
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	registry, scrapes := f.web.NewRegistry(name)
	simcards := collector.New(logger, registry)
	saver, err := f.persistence.OpenSaver(ctx, simcards, registry, logger)
	if err != nil {
		return err
	}
	defer saver.Close()
	reloader := config.NewReloader(logger, registry, file, applyTo(simcards, f.collector.Shard, func() { simcards.Plan().Log(logger, *f.estimate) }))
	loaded := make(chan struct{})
	site := pages.Options{
		Name: name, Version: version.Version, Source: simcards.Pages(*f.estimate),
		Origin: f.web.Paths.Origin, Base: f.web.Paths.Base, Telemetry: f.web.Paths.Telemetry, Grafana: f.web.Paths.Grafana,
		Interval: f.estimate.Interval, LastReload: reloader.Last, Persistence: saver.State,
		Location: func() *time.Location { return reloader.Running().Platform.Timezone.V.Location },
		Rows:     func() []pages.GroupRows { return rowsOf(reloader.Running()) },
	}
	endpoints := web.Endpoints{
		Paths:   f.web.Paths,
		Metrics: simcards.Handler(registry, scrapes, f.collector.TimeoutOffset, f.web.MaxRequests),
		Loaded:  loaded, Ended: ctx.Done(),
	}
	if !f.web.DisablePages {
		endpoints.Pages, endpoints.Config, endpoints.Reload = site.Register, reloader.ServeConfig, reloader.ServeReload
	}
	server := web.Listen(web.Handler(endpoints), web.HealthHandler(loaded, ctx.Done()), f.web, logger)
	defer server.Close()
	if err := load(ctx, reloader, saver, server); err != nil || ctx.Err() != nil {
		return err
	}
	saver.Start()
	close(loaded)
	logger.Info("ready")

	// At the end, requests to the platform are cancelled at once, and running
	// scrapes answer with what is known.
	ctx, cancel := context.WithCancel(ctx)
	var background sync.WaitGroup
	defer func() {
		cancel()
		background.Wait()
	}()
	background.Go(func() { simcards.Run(ctx) })
	if f.demo {
		background.Go(func() { _, _ = simcards.Scrape(ctx, time.Now().Add(time.Minute), collector.Selection{}) }) // so that the first look shows values
	}
	go reloader.Run(ctx, hangup, f.config.AutoReloadInterval()) // not waited for: a reload can take minutes

	return server.Wait(ctx)
}

// load loads the configuration and the saved answers. The error may be the server's. When
// ctx ends, load returns nil at once: a load of a million cards is not waited for.
func load(ctx context.Context, reloader *config.Reloader, saver *persistence.Saver, server *web.Server) error {
	loading := make(chan error, 1)
	go func() {
		err := reloader.Reload(context.WithoutCancel(ctx))
		if err == nil {
			saver.Load(ctx)
		}
		loading <- err
	}()
	select {
	case err := <-loading:
		return err
	case err := <-server.Failed():
		return err
	case <-ctx.Done():
		return nil
	}
}

// applyTo returns the function that a reload calls with a valid configuration. The
// function first builds what can fail, then replaces everything, and calls loaded.
func applyTo(simcards *collector.Collector, shard collector.Shard, loaded func()) func(running, cfg *config.Config) error {
	closeIdleConnections := func() {} // of the last client
	return func(running, cfg *config.Config) error {
		client, err := newClient(cfg)
		if err != nil {
			return err
		}
		settings, groups := toCollector(cfg, shard)
		simcards.Load(client, settings, groups, changeOf(running, cfg))
		closeIdleConnections()
		closeIdleConnections = client.CloseIdleConnections
		loaded()
		return nil
	}
}

// rowsOf returns what became of the rows of card files that are no cards.
func rowsOf(cfg *config.Config) []pages.GroupRows {
	rows := make([]pages.GroupRows, len(cfg.Groups))
	for i, g := range cfg.Groups {
		rows[i] = pages.GroupRows{Group: g.Name.V, Rows: g.Rows}
	}
	return rows
}

// newClient returns the client of the platform. To query another platform, change this
// function.
func newClient(cfg *config.Config) (*szzkc.Client, error) {
	p := cfg.Platform
	return szzkc.New(p.URL.V.String(), p.Timezone.V.Location, p.HTTPClientConfig.Config)
}

// changeOf says what a new configuration means for the cached answers.
func changeOf(running, cfg *config.Config) collector.Change {
	switch {
	case running == nil || cfg.Platform.SameAccount(&running.Platform):
		return collector.SamePlatform
	case cfg.Platform.SamePlatform(&running.Platform):
		return collector.AnotherAccount
	default:
		return collector.AnotherPlatform
	}
}

// toCollector converts the configuration to the collector's types.
func toCollector(cfg *config.Config, shard collector.Shard) (collector.Settings, []collector.Group) {
	groups := make([]collector.Group, len(cfg.Groups))
	for i, g := range cfg.Groups {
		groups[i] = collector.Group{
			Name: g.Name.V, Live: g.Live.V, InvalidRows: g.Rows.Invalid, Cards: g.Cards,
			MaxAge: time.Duration(g.MaxAge.V), StaleIfError: time.Duration(g.StaleIfError.V),
			Limits: problem.Limits{ExpiringWithin: time.Duration(g.ExpiringWithin.V), LowBalance: float64(g.LowBalance.V)},
		}
	}
	p := cfg.Platform
	return collector.Settings{
		Timeout: time.Duration(p.Timeout.V), Concurrency: p.Concurrency.V, RateLimit: p.RateLimit.V, MaxRetries: p.MaxRetries.V,
		LabelNames: cfg.LabelNames, Columns: cfg.Columns,
		PlaceText: cfg.Places.Text, // and not all of cfg, which holds the cards
		Location:  p.Timezone.V.Location, Fingerprint: p.Fingerprint(), Shard: shard,
	}, groups
}
