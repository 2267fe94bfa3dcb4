package collector

import (
	"math"
	"strings"
	"testing"
	"testing/synctest"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

// The size of a plan is about that of a scrape when all cards are answered.
func TestSize(t *testing.T) {
	for name, kind := range map[string]kind{"by IMEI": byIMEI, "by ICCID": byICCID} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.Fleet(1000)
				env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", kind, cards)})
				env.scrape(t)
				text := env.scrapeText(t)
				series, bytes := 0, 0
				for line := range strings.Lines(text) {
					if strings.HasPrefix(line, "simcard_") && !strings.HasPrefix(line, "simcard_exporter_") {
						series++
						bytes += len(line)
					}
				}
				size := newFleet(new(szzkc.Client), Settings{}, []Group{testGroup("g", kind, cards)}, nil).groups[0].size()
				if size.Series != series {
					t.Errorf("%d series, want %d", size.Series, series)
				}
				if off := math.Abs(float64(size.Bytes)/float64(bytes) - 1); off > 0.05 {
					t.Errorf("%d bytes, want about %d", size.Bytes, bytes)
				}
				if size.Compressed == 0 || size.Compressed > size.Bytes/4 {
					t.Errorf("%d of %d bytes compressed", size.Compressed, size.Bytes)
				}
			})
		})
	}
}

// What a scraper does not take is said, and how to divide it.
func TestSizeWarnings(t *testing.T) {
	small, large := exposition.Size{Series: 100, Bytes: 1 << 20}, exposition.Size{Series: 1000, Bytes: 20 << 20}
	for name, test := range map[string]struct {
		sizes  []exposition.Size
		limits Limits
		want   []string
	}{
		"small":                 {sizes: []exposition.Size{small, small}},
		"below all limits":      {sizes: []exposition.Size{small}, limits: Limits{Body: 2 << 20, Samples: 250}},
		"too large for vmagent": {sizes: []exposition.Size{large}, want: []string{"all groups is larger than 16 MiB", "between several groups"}},
		"one of two groups":     {sizes: []exposition.Size{small, large}, want: []string{"all groups is larger than 16 MiB", "its own scrape job", "group 1 is larger than 16 MiB", "of such a group between several"}},
		"only together":         {sizes: []exposition.Size{small, small}, limits: Limits{Samples: 150}, want: []string{"all groups is larger than sample_limit (150)", "its own scrape job"}},
		"body_size_limit":       {sizes: []exposition.Size{small}, limits: Limits{Body: 1000 << 10}, want: []string{"body_size_limit (1000KiB)", "between several groups"}},
	} {
		t.Run(name, func(t *testing.T) {
			var groups []*group
			sizes, all := make(map[string]exposition.Size), exposition.Size{}
			for i, size := range test.sizes {
				g := &group{Group: Group{Name: string(rune('0' + i))}}
				groups = append(groups, g)
				sizes[g.Name], all = size, all.Add(size)
			}
			var text strings.Builder
			writeSizeWarnings(&text, groups, sizes, all, test.limits)
			lines := strings.Split(strings.TrimSpace(text.String()), "\n")
			if text.Len() == 0 {
				lines = nil
			}
			if len(lines) != len(test.want) {
				t.Fatalf("got\n%s", text.String())
			}
			for i, want := range test.want {
				if !strings.Contains(lines[i], want) {
					t.Errorf("got %q, want %q", lines[i], want)
				}
			}
		})
	}
}

// The size of a large group is that of a sample, scaled.
func TestSizeOfALargeGroup(t *testing.T) {
	sizeOf := func(n int) exposition.Size {
		return newFleet(new(szzkc.Client), Settings{}, []Group{testGroup("g", byIMEI, simulator.Fleet(n))}, nil).groups[0].size()
	}
	whole, sampled := sizeOf(20*sampledRun*sampledRuns), sizeOf(80*sampledRun*sampledRuns)
	for what, ratio := range map[string]float64{
		"series":     float64(sampled.Series) / float64(whole.Series),
		"bytes":      float64(sampled.Bytes) / float64(whole.Bytes),
		"compressed": float64(sampled.Compressed) / float64(whole.Compressed),
	} {
		if math.Abs(ratio-4) > 0.05 {
			t.Errorf("four times as many cards have %v times as many %s", ratio, what)
		}
	}
}
