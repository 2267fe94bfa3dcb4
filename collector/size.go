package collector

import (
	"fmt"
	"io"
	"time"

	"github.com/alecthomas/units"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/platform"
)

// maxVmagentSize is vmagent's default for -promscrape.maxScrapeSize. What is larger
// it drops, and says so only in its own metrics.
const maxVmagentSize = 16 << 20

// ownSize is at most what the exporter's own metrics add to a scrape of all groups.
var ownSize = exposition.Size{Series: 150, Bytes: 20 << 10}

// Limits are those of the scraper that the size of a scrape is compared with. 0 is no
// limit.
type Limits struct {
	Body    units.Base2Bytes // bytes, as Prometheus's body_size_limit; uncompressed
	Samples int              // as Prometheus's sample_limit
}

// Of a large group, size looks at some runs of batches: neighbours are alike, which
// helps to compress them.
const (
	sampledRuns = 10
	sampledRun  = 100 // batches
)

// size returns the size of a scrape of g alone, when each of its cards has been
// answered with all fields.
func (g *group) size() exposition.Size {
	var group, cards exposition.Builder
	group.AddGroup(exposition.Group{Name: g.Name, Cards: g.shardCards, ConfiguredCards: g.configuredCards, Batches: len(g.batches), Oldest: time.Now(), RefreshDuration: time.Second, Requests: 1})
	sampled := 0
	every := max(sampledRun, len(g.batches)/sampledRuns)
	for i, batch := range g.batches {
		if i%every >= sampledRun {
			continue
		}
		for _, c := range batch.cards {
			cards.AddCard(typicalRow(c, sampled))
			sampled++
		}
	}
	names := g.fleet.settings.LabelNames
	size := cards.Snapshot(names).Size()
	if sampled > 0 {
		size = size.Scale(float64(g.shardCards) / float64(sampled))
	}
	return size.Add(group.Snapshot(names).Size())
}

// typicalRow is the row of a card whose unknown values are made up: the nth digits
// differ from card to card, as real ones do.
func typicalRow(c *card, n int) exposition.Card {
	number := int64(n) * 1_299_709 // a prime, for digits that differ as real ones do
	digits := fmt.Sprintf("%010d", number%1e10)
	status, balance := 1, float64(number%31457280)
	row := exposition.Card{
		IMEI: "86405" + digits, ICCID: "8986042319" + digits, Expected: c.expected, Group: c.batch.group.Name, Labels: c.labels, Answered: true,
		Known: &platform.Card{
			ServiceNumber: "106" + digits, Status: &status, Balance: &balance,
			Activated: platform.InstantOf(time.Now().Add(-time.Duration(n) * time.Hour)), Expires: platform.InstantOf(time.Now().Add(time.Duration(n) * time.Hour)),
		},
	}
	if c.batch.kind == byIMEI {
		row.IMEI = c.id
	} else {
		row.ICCID = c.id
	}
	return row
}

// writeSizeWarnings writes what a scrape of all groups is too large for, and how to
// divide it.
func writeSizeWarnings(w io.Writer, groups []*group, sizes map[string]exposition.Size, all exposition.Size, limits Limits) {
	check := func(what string, size exposition.Size) (tooLarge bool) {
		warn := func(limit, text string) {
			tooLarge = true
			fmt.Fprintf(w, "warning: a scrape of %s is larger than %s: %s\n", what, limit, text)
		}
		if size.Bytes > maxVmagentSize {
			warn("16 MiB", "vmagent drops it without a word in the log; set -promscrape.maxScrapeSize, or divide it")
		}
		if limits.Body > 0 && size.Bytes > int64(limits.Body) {
			warn(fmt.Sprintf("body_size_limit (%v)", limits.Body), "Prometheus would fail it")
		}
		if limits.Samples > 0 && size.Series > limits.Samples {
			warn(fmt.Sprintf("sample_limit (%d)", limits.Samples), "Prometheus would fail it")
		}
		return tooLarge
	}
	if !check("all groups", all.Add(ownSize)) {
		return
	}
	if len(groups) == 1 {
		fmt.Fprintln(w, "divide the cards between several groups, and give each its own scrape job with params: {group: [NAME]}; or use shards")
		return
	}
	fmt.Fprintln(w, "give each group its own scrape job with params: {group: [NAME]}")
	divide := false
	for _, g := range groups {
		divide = check("group "+g.Name, sizes[g.Name]) || divide
	}
	if divide {
		fmt.Fprintln(w, "divide the cards of such a group between several groups, or use shards")
	}
}
