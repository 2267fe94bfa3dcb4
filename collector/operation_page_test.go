package collector

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"
)

// scrapedPage is what a scrape served.
type scrapedPage struct {
	served time.Time
	early  bool                          // before the deadline, so nothing was due any more
	cards  []scrapedCard                 // by the index of the card
	groups map[string]map[string]float64 // by metric, state or problem, and group
	other  map[string]float64            // by series
	shared map[string]string             // what two scrapers at the same moment must both see, by series
}

// scrapedCard is what was served of a card. A value that was not served is NaN.
type scrapedCard struct {
	found, status, balance, expiry, activation float64
	problems                                   map[string]float64 // the facts
	infoGroup, serviceNumber                   string
}

// find sets found for a card that is known, though nothing of it can be read.
func (c *scrapedCard) find() {
	if math.IsNaN(c.found) && c.infoGroup != "" && (!c.has("refused") || c.serviceNumber != "") {
		c.found = 1
	}
}

func (c *scrapedCard) served() bool { return !math.IsNaN(c.found) }

func (c *scrapedCard) has(problem string) bool {
	_, ok := c.problems[problem]
	return ok
}

// field returns where the value of a metric is kept, nil if it is not checked.
func (c *scrapedCard) field(metric string) *float64 {
	switch metric {
	case "simcard_status":
		return &c.status
	case "simcard_balance_bytes":
		return &c.balance
	case "simcard_expiry_timestamp_seconds":
		return &c.expiry
	case "simcard_activation_timestamp_seconds":
		return &c.activation
	}
	return nil
}

// readPage reads the text that a scrape served.
func (s *scraper) readPage(text string) *scrapedPage {
	page := &scrapedPage{
		cards:  make([]scrapedCard, len(s.truth.cards)),
		groups: make(map[string]map[string]float64),
		other:  make(map[string]float64),
		shared: make(map[string]string),
	}
	nan := math.NaN()
	for i := range page.cards {
		page.cards[i] = scrapedCard{found: nan, status: nan, balance: nan, expiry: nan, activation: nan, problems: make(map[string]float64)}
	}
	seen := make(map[string]struct{}, strings.Count(text, "\n"))
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		line = strings.TrimSuffix(line, "\n")
		end := strings.LastIndexByte(line, ' ')
		if end < 0 {
			s.violate("exposition", "line %q", line)
			continue
		}
		series := line[:end]
		if _, again := seen[series]; again {
			s.violate("no series twice", "%s", series)
		}
		seen[series] = struct{}{}
		s.readSeries(page, series, line[end+1:])
	}
	for i := range page.cards {
		page.cards[i].find()
	}
	return page
}

// readSeries reads the value of one series into page.
func (s *scraper) readSeries(page *scrapedPage, series, text string) {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		s.violate("exposition", "%s: %v", series, err)
	}
	metric, rest, _ := strings.Cut(series, "{")
	if !strings.HasPrefix(metric, "simcard_") || strings.HasPrefix(metric, "simcard_exporter_") {
		page.other[series] = value
		return
	}
	// These two may differ between scrapes at the same moment.
	if metric != "simcard_group_wait_seconds" && metric != "simcard_group_requests_total" {
		page.shared[series] = text
	}
	labels := readLabels(rest)
	if _, ofCard := labels["imei"]; ofCard {
		s.readCard(page, series, metric, labels, value)
		return
	}
	metric = cmp.Or(labels["state"], labels["problem"], metric)
	if page.groups[metric] == nil {
		page.groups[metric] = make(map[string]float64)
	}
	page.groups[metric][labels["group"]] = value
}

// readCard finds the card of a series by its labels, whatever the case of its
// ICCID, since the platform may change that.
func (s *scraper) readCard(page *scrapedPage, series, metric string, labels map[string]string, value float64) {
	byIMEI, byICCID := s.truth.byID[labels["imei"]], s.truth.byID[strings.ToUpper(labels["iccid"])]
	c := byIMEI
	if c == nil {
		c = byICCID
	}
	if c == nil || byIMEI != nil && byICCID != nil && byIMEI != byICCID {
		s.violate("served", "%s is no card that anybody asked for", series)
		return
	}
	row := &page.cards[c.index]
	if metric == "simcard_info" {
		if row.infoGroup != "" {
			s.violate("no series twice", "%s and another of the same card", series)
		}
		row.infoGroup, row.serviceNumber = labels["group"], labels["service_number"]
		return
	}
	if metric == "simcard_problem" {
		problem := labels["problem"]
		if row.has(problem) {
			s.violate("no series twice", "%s and another of the same card", series)
		}
		row.problems[problem] = value
		if problem == "unknown" || problem == "gone" {
			row.found = 0
		}
		return
	}
	if field := row.field(metric); field != nil {
		if !math.IsNaN(*field) {
			s.violate("no series twice", "%s and another of the same card", series)
		}
		*field, row.found = value, 1
	}
}

// readLabels reads the labels behind the brace that opens them. No value that
// this test configures needs escaping.
func readLabels(text string) map[string]string {
	labels := make(map[string]string, 4)
	for {
		name, rest, ok := strings.Cut(text, `="`)
		if !ok {
			return labels
		}
		value, rest, _ := strings.Cut(rest, `"`)
		labels[name] = value
		text = strings.TrimPrefix(rest, ",")
	}
}
