package web

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	healthy = "/-/healthy"
	ready   = "/-/ready"
)

// healthTimeout is how long a health check may take.
const healthTimeout = 4 * time.Second

// HealthHandler serves health checks alone, at the root.
func HealthHandler(loaded, ended <-chan struct{}) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+healthy, serveHealthy)
	mux.HandleFunc("GET "+ready, readiness(ended))
	return readBody(untilLoaded(loaded, healthy, mux))
}

func serveHealthy(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "Healthy") }

// readiness returns a handler for which the exporter is ready until ended is closed.
func readiness(ended <-chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if isClosed(ended) {
			http.Error(w, "Shutting down", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "Ready")
	}
}

// untilLoaded answers 503 for all paths but one until loaded is closed: a scrape before
// all is loaded would take every card for gone.
func untilLoaded(loaded <-chan struct{}, except string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != except && !isClosed(loaded) {
			serveLoading(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// serveLoading answers a browser with a page that loads itself again, and others in a word.
func serveLoading(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, "Loading", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Retry-After", "3")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = io.WriteString(w, `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="3">
<title>Loading · 正在加载</title>
<h1>Loading …</h1>
<p>The configuration and the saved answers are being loaded. This page reloads itself.</p>
<p lang="zh-CN">正在加载配置和已保存的数据，本页会自动刷新。</p>
`)
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// CheckHealth asks the exporter that runs at --web.health-listen-address whether it is ready.
// The error is nil if it is.
func (f *Flags) CheckHealth(ctx context.Context) error {
	host, port, err := net.SplitHostPort(f.healthAddress)
	if err != nil {
		return err // Validate has checked it
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+ready, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // the status says enough
		return fmt.Errorf("%s: %s", resp.Status, strings.TrimSpace(string(text)))
	}
	return nil
}
