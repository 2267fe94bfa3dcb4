package szzkc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/szzkc/simulator"
)

func TestTransportError(t *testing.T) {
	broken := &url.Error{Op: "Post", URL: "http://127.0.0.1/?token=hunter2", Err: io.ErrUnexpectedEOF}
	post := func(err error) error { return &url.Error{Op: "Post", URL: "http://127.0.0.1/", Err: err} }
	token := &url.Error{Op: "Post", URL: "https://idp/token?secret=hunter2", Err: io.ErrUnexpectedEOF}
	unparsable := &url.Error{Op: "parse", URL: "https://me:hunter2@[idp/", Err: errors.New(`invalid port ":hunter2" after host`)}
	for name, test := range map[string]struct {
		err                error
		expired, cancelled bool // the context of the request
		want               string
	}{
		"a broken connection": {err: broken, want: "connect: unexpected EOF"},
		"of a token":          {err: post(token), want: "connect: Post URL: unexpected EOF"},
		"wrapped":             {err: post(fmt.Errorf("fetch token: %w", token)), want: "connect: fetch token: Post URL: unexpected EOF"},
		"one of two":          {err: post(errors.Join(io.EOF, token)), want: "connect: EOF\nPost URL: unexpected EOF"},
		"an unparsable URL":   {err: post(unparsable), want: "connect: parse URL: invalid URL"},
		"unparsable, wrapped": {err: post(fmt.Errorf("fetch token: %w", unparsable)), want: "connect: fetch token: parse URL: invalid URL"},
		"a timeout":           {err: context.DeadlineExceeded, want: "timeout: context deadline exceeded"},
		"an expired context":  {err: broken, expired: true, want: "timeout: unexpected EOF"},
		"a cancelled context": {err: broken, cancelled: true, want: "query platform: context canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if test.expired {
				ctx, cancel = context.WithDeadline(ctx, time.Unix(0, 0))
				defer cancel()
			}
			if test.cancelled {
				cancel()
			}
			if got := transportError(ctx, test.err); got.Error() != test.want {
				t.Errorf("got %v, want %s", got, test.want)
			}
		})
	}
}

func TestQueryEnds(t *testing.T) {
	sim := simulator.New(simulator.PageCards())
	sim.SetBehaviour(simulator.Behaviour{Fault: simulator.Hang})
	server := httptest.NewServer(sim)
	defer server.Close()
	client := newClient(t, server.URL, promconfig.DefaultHTTPClientConfig)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := client.Query(ctx, []string{"352019040635785"}, false)
	var failure *platform.Error
	if !errors.As(err, &failure) || failure.Reason != platform.Timeout || !failure.Temporary() {
		t.Errorf("deadline: %v", err)
	}

	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	if _, err = client.Query(ctx, []string{"352019040635785"}, false); !errors.Is(err, context.Canceled) || errors.As(err, &failure) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestStatus(t *testing.T) {
	for status, want := range map[int]platform.Reason{
		201: platform.Decode, 204: platform.Decode, 304: platform.Decode,
		400: platform.HTTP4xx, 405: platform.HTTP4xx, 429: platform.Throttled, 499: platform.HTTP4xx,
		500: platform.HTTP5xx, 503: platform.HTTP5xx,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
		}))
		answer, err := newClient(t, server.URL, promconfig.DefaultHTTPClientConfig).Query(t.Context(), []string{"1"}, false)
		server.Close()
		var failure *platform.Error
		if !errors.As(err, &failure) || failure.Reason != want || answer.RetryAfter != 7*time.Second {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// Retry-After applies to every failure, not only to those with an error status.
func TestRetryAfterWithStatus200(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want platform.Reason
	}{
		"HTML":       {body: "<html>", want: platform.Decode},
		"a refusal":  {body: `{"state":false,"result":null,"error":"系统繁忙"}`, want: platform.Rejected},
		"no items":   {body: `{"state":true,"result":[],"error":""}`, want: platform.Decode},
		"too large":  {body: strings.Repeat(" ", MaxBody+1), want: platform.TooLarge},
		"broken off": {body: "", want: platform.Connect}, // shorter than its Content-Length
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				if test.want == platform.Connect {
					w.Header().Set("Content-Length", "100")
				}
				_, _ = io.WriteString(w, test.body)
			}))
			defer server.Close()
			answer, err := newClient(t, server.URL, promconfig.DefaultHTTPClientConfig).Query(t.Context(), []string{"1"}, false)
			var failure *platform.Error
			if !errors.As(err, &failure) || failure.Reason != test.want || answer.RetryAfter != 7*time.Second {
				t.Errorf("got %#v", err)
			}
		})
	}
}

// An error contains neither the failure to read the body after an error status nor
// the query of the URL.
func TestErrorsKeepToTheMatter(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusServiceUnavailable) // without the body that was promised
	}))
	_, err := newClient(t, server.URL, promconfig.DefaultHTTPClientConfig).Query(t.Context(), []string{"1"}, false)
	server.Close()
	if err == nil || err.Error() != "http_5xx: status 503 Service Unavailable" {
		t.Errorf("broken off: %v", err)
	}
	_, err = newClient(t, server.URL+"/?token=hunter2", promconfig.DefaultHTTPClientConfig).Query(t.Context(), []string{"1"}, false)
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.HasPrefix(err.Error(), "connect: ") {
		t.Errorf("refused: %v", err)
	}
}

// TestTokenServerThatRepeatsSecrets: what it answers is left out of the error.
func TestTokenServerThatRepeatsSecrets(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.Copy(w, r.Body)
	}))
	defer server.Close()
	client := promconfig.DefaultHTTPClientConfig
	client.OAuth2 = &promconfig.OAuth2{ClientID: "me", ClientSecret: "hunter2", TokenURL: server.URL, EndpointParams: map[string]string{"pin": "hunter2"}}
	_, err := newClient(t, server.URL, client).Query(t.Context(), []string{"1"}, false)
	if want := "connect: oauth2: cannot fetch token: 400 Bad Request"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
