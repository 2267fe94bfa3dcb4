package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	toolkit "github.com/prometheus/exporter-toolkit/web"
)

const (
	// readTimeout is how long a client may take to send a request.
	readTimeout = 10 * time.Second
	// writeTimeout is how long a client may take to read a response. What may take longer
	// sets a deadline of its own.
	writeTimeout = time.Minute
)

// shutdownTimeout limits the wait for running scrapes at the end. They answer at once,
// but a scraper may read slowly.
const shutdownTimeout = 4 * time.Second

// Server serves a handler over HTTP. [Listen] returns one. exporter-toolkit's
// bootstrap.Runner is no alternative, since it has no way to end.
type Server struct {
	http   *http.Server
	health *http.Server // nil without an address
	logger *slog.Logger
	failed chan error
}

// Listen starts a server of handler on the addresses that the flags name, and one of health
// on the address for that, if there is one.
func Listen(handler, health http.Handler, flags *Flags, logger *slog.Logger) *Server {
	s := &Server{http: newServer(handler, logger), logger: logger, failed: make(chan error, 2)}
	go func() { s.failed <- fmt.Errorf("serve: %w", toolkit.ListenAndServe(s.http, flags.toolkit, logger)) }()
	if flags.healthAddress != "" {
		s.health = newServer(health, logger)
		s.health.Addr = flags.healthAddress
		logger.Info("serving health checks", "address", flags.healthAddress)
		go func() { s.failed <- fmt.Errorf("serve health checks: %w", s.health.ListenAndServe()) }()
	}
	return s
}

func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: 5 * time.Minute,
		// A client of HTTP/2 that reads nothing blocks the connection, whose streams
		// then cannot even be reset.
		HTTP2:    &http.HTTP2Config{WriteByteTimeout: readTimeout},
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

// Failed returns a channel that delivers why the server cannot serve, or serves no longer.
func (s *Server) Failed() <-chan error { return s.failed }

// Wait waits until ctx is done. Then the server takes no more requests, and Wait waits up
// to 4 s for those that run. The error is that of Failed, if the server fails before.
func (s *Server) Wait(ctx context.Context) error {
	select {
	case err := <-s.failed:
		return err
	case <-ctx.Done():
		s.logger.Info("shutting down", "cause", context.Cause(ctx))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		s.logger.Warn("scrapes were cut off", "err", err)
		s.Close()
	}
	return nil
}

// Close ends the server and all requests at once.
func (s *Server) Close() {
	_ = s.http.Close() // an error changes nothing, here and below: the process ends
	if s.health != nil {
		_ = s.health.Close()
	}
}
