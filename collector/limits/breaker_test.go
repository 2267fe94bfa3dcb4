package limits

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// vote casts v for a request, and reports whether the request was to be sent.
func vote(b *Breaker, v Vote) (allowed bool) {
	allowed = !b.Open() || b.Probing()
	b.Vote(v, errors.New("status 503"))
	return allowed
}

func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		available := prometheus.NewGauge(prometheus.GaugeOpts{Name: "available", Help: "Of the platform."})
		b := NewBreaker(slog.New(slog.NewTextHandler(&log, nil)), available)
		check := func(when string, open bool, openings int) {
			t.Helper()
			gauge := testutil.ToFloat64(available)
			if b.Open() != open || b.Openings() != openings || (gauge == 0) != open {
				t.Errorf("%s: open %t, %d openings, available %v, want open %t, %d openings", when, b.Open(), b.Openings(), gauge, open, openings)
			}
		}
		for range 100 {
			vote(b, Failure)
		}
		check("100 failures at once", false, 0)
		<-time.After(5 * time.Second)
		vote(b, Success)
		for range 9 {
			vote(b, Failure)
			<-time.After(time.Second)
		}
		vote(b, Neither)
		check("9 failures since an answer", false, 0)
		vote(b, Failure)
		check("10 failures in 9 s", true, 1)
		if vote(b, Success) || b.Probing() {
			t.Error("a request was allowed at once")
		}
		<-time.After(probeEvery + 1)
		if !b.Probing() || !vote(b, Failure) || vote(b, Success) {
			t.Error("not one probe after 10 s")
		}
		check("a probe that failed", true, 1)
		<-time.After(probeEvery + 1)
		vote(b, Success)
		check("a probe that was answered", false, 1)
		if lines := strings.Count(log.String(), "\n"); lines != 2 || !strings.Contains(log.String(), `msg="platform unavailable" err="status 503"`) ||
			!strings.Contains(log.String(), `msg="platform available again"`) {
			t.Errorf("not a line each for opening and closing:\n%s", &log)
		}
	})
}
