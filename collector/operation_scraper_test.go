package collector

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// scraper is a Prometheus server, or another client.
type scraper struct {
	*operation
	http                      *http.Client
	interval, timeout, offset time.Duration
}

// newScraper returns a scraper that begins at the offset. With an interval of 0 it
// scrapes only when it is told to.
func (o *operation) newScraper(interval, timeout, offset time.Duration) *scraper {
	s := &scraper{operation: o, interval: interval, timeout: timeout, offset: offset}
	if interval > 0 {
		s.timeout = min(timeout, interval)
	}
	s.http = &http.Client{Transport: &http.Transport{DialContext: o.dial, DisableCompression: true}}
	return s
}

// run scrapes at its interval until the operation is over.
func (s *scraper) run() {
	defer s.http.CloseIdleConnections()
	for next := s.epoch.Add(s.offset); ; next = next.Add(s.interval) {
		<-time.After(time.Until(next))
		if s.over.Load() || s.tooMany() {
			return
		}
		patience := time.Duration(0)
		if random := s.weather.drawFor("scraper" + s.interval.String()); random.IntN(40) == 0 {
			patience = time.Duration(random.Int64N(int64(s.timeout))) + 1
		}
		s.scrape(patience)
	}
}

// scrapeSpan is a scrape, with the state at its start.
type scrapeSpan struct {
	started    time.Time
	generation int
	settled    bool
	ended      int // requests to the platform that had ended
}

// scrape scrapes once, checks what is served, and returns it. With a patience above
// 0 it hangs up after that time, and then returns nil.
func (s *scraper) scrape(patience time.Duration) *scrapedPage {
	began := s.truth.beginScrape()
	ctx, cancel := context.WithTimeout(context.Background(), s.timeout+time.Minute)
	defer cancel()
	if patience > 0 {
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	text, err := s.get(ctx)
	took := time.Since(began.started)
	switch {
	case patience > 0 && ctx.Err() != nil:
		s.gone.Add(1)
		return nil
	case err != nil && s.truth.mayFail(began):
		s.cutOff.Add(1)
		return nil
	case err != nil:
		s.violate("200", "scrape of %v with timeout %v: %v", took, s.timeout, err)
		return nil
	}
	if took >= s.timeout {
		s.violate("deadline", "a scrape with timeout %v took %v", s.timeout, took)
	}
	s.scrapes.Add(1)
	page := s.readPage(text)
	page.served, page.early = time.Now(), took < s.timeout-2*slack
	// The clock moves only when nothing else can run, so after this all that
	// happened at the moment of the scrape's end has been recorded.
	<-time.After(1)
	s.truth.endScrape(began, page)
	return page
}

func (s *scraper) get(ctx context.Context) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://exporter/metrics", nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", strconv.FormatFloat(s.timeout.Seconds(), 'f', -1, 64))
	response, err := s.http.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %s: %.200s", response.Status, text)
	}
	return string(text), err
}

// compare scrapes twice at the same moment, in calm weather and with nothing due,
// after something that changes nothing. Both scrapes must see the same, and what one
// before it saw, and the platform must not be asked.
func (o *operation) compare(after string, change func()) {
	long := o.newScraper(0, 110*time.Second, 0)
	defer long.http.CloseIdleConnections()
	if long.scrape(0) == nil || !o.truth.isQuiet() {
		return
	}
	asked := o.truth.requests()
	before := long.scrape(0)
	change()
	if !o.truth.isQuiet() { // it took a while
		return
	}
	at := time.Now()
	pages := make(chan *scrapedPage)
	go func() { pages <- long.scrape(0) }()
	one, other := long.scrape(0), <-pages
	if n := o.truth.requestsForSeveral(at); n > 0 {
		o.violate("free", "%d requests while nothing was due, after %s", n, after)
	}
	// If a card in quarantine was due, time has passed, and the moments are not
	// the same.
	if one == nil || other == nil || !one.served.Equal(at) || !other.served.Equal(at) {
		return
	}
	o.comparisons++
	o.checkSame(one, other, "at the same moment")
	if before != nil && o.truth.requests() == asked {
		o.checkSame(before, one, "after "+after)
	}
}

// checkSame checks that two scrapes were served the same.
func (o *operation) checkSame(one, other *scrapedPage, when string) {
	for series, value := range one.shared {
		if got, ok := other.shared[series]; !ok || got != value {
			o.violate("same", "%s is %v for one scrape and %q for another %s", series, value, got, when)
			break
		}
	}
	if len(one.shared) != len(other.shared) {
		o.violate("same", "%d series for one scrape and %d for another %s", len(one.shared), len(other.shared), when)
	}
}
