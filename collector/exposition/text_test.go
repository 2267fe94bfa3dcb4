package exposition

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// formats are those that scrapers negotiate.
var formats = map[string]string{
	"text 0.0.4":              "text/plain;version=0.0.4",
	"text 1.0.0":              "text/plain;version=1.0.0;escaping=allow-utf-8",
	"text 1.0.0, underscores": "text/plain;version=1.0.0;escaping=underscores",
	"text 1.0.0, dots":        "text/plain;version=1.0.0;escaping=dots",
	"OpenMetrics 0.0.1":       "application/openmetrics-text;version=0.0.1",
	"OpenMetrics 1.0.0":       "application/openmetrics-text;version=1.0.0",
	"OpenMetrics, dots":       "application/openmetrics-text;version=1.0.0;escaping=dots",
	"OpenMetrics, values":     "application/openmetrics-text;version=1.0.0;escaping=values",
}

func negotiate(accept string) expfmt.Format {
	return expfmt.NegotiateAccept(http.Header{"Accept": {accept}}, expfmt.DefaultOpenMetricsAcceptedFormats()...)
}

// written is what Write makes of a snapshot, and gathered what a registry and expfmt
// do, line by line and sorted.
func written(t testing.TB, s *Snapshot, format expfmt.Format) []string {
	t.Helper()
	var text bytes.Buffer
	if err := s.Write(&text, format, all); err != nil {
		t.Fatal(err)
	}
	return sortedLines(text.String())
}

func gathered(t testing.TB, s *Snapshot, format expfmt.Format) []string {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(s)
	families, _ := registry.Gather() // an error is about series that it leaves out
	var text bytes.Buffer
	encoder := expfmt.NewEncoder(&text, format)
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			t.Fatal(err)
		}
	}
	return sortedLines(text.String())
}

func all(string) bool { return true }

func sortedLines(text string) []string {
	lines := slices.Collect(strings.Lines(text))
	slices.Sort(lines)
	return lines
}

// expectSame compares what is written with what a registry makes of it, in all
// formats.
func expectSame(t *testing.T, s *Snapshot) {
	t.Helper()
	for name, accept := range formats {
		format := negotiate(accept)
		got, want := written(t, s, format), gathered(t, s, format)
		if !slices.Equal(got, want) {
			t.Errorf("%s: written only:\n%sgathered only:\n%s", name, without(got, want), without(want, got))
		}
	}
}

// without returns the lines of a that are not in b.
func without(a, b []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(a), func(line string) bool { return slices.Contains(b, line) }), "")
}

// TestWriteRandomFleets holds what is written against the registry, for fleets of
// every shape.
func TestWriteRandomFleets(t *testing.T) {
	for seed := range uint64(100) {
		expectSame(t, randomSnapshot(rand.New(rand.NewPCG(seed, 0))))
	}
	expectSame(t, new(Snapshot))
}

func randomSnapshot(random *rand.Rand) *Snapshot {
	one := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	text := func() string {
		return one("", "a", "北京店", `a "b" \ c`, "line\nbreak", "\ufeff\x00\x1f\u202e", "<script>", "\xff\xfe", "tab\t")
	}
	value := func() float64 {
		values := []float64{0, math.Copysign(0, -1), 1, -1, 1.5, 1e21, 1e-9, 123456789, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1)}
		return values[random.IntN(len(values))]
	}
	moment := func() platform.Instant {
		return []platform.Instant{0, 1, 1773100800_500_000_000, -1e9}[random.IntN(4)]
	}
	s := &Snapshot{LabelNames: [][]string{nil, {"shop"}, {"a", "city", "zone"}}[random.IntN(3)]}
	for i := range random.IntN(3) {
		g := Group{
			Name: fmt.Sprint(i, text()), Cards: random.IntN(3), BatchesFailed: random.IntN(2), OldestAnswer: moment(), OldestData: moment(),
			Waited: time.Duration(random.Int64N(1e12)), Requests: random.Int64(), Served: random.IntN(3), Balance: value(), Balances: random.IntN(2),
		}
		for state := range g.States {
			g.States[state] = random.IntN(5)
		}
		s.Groups = append(s.Groups, g)
	}
	for i := range random.IntN(20) {
		c := Card{IMEI: fmt.Sprint(i, text()), ICCID: text(), Group: text()}
		for range s.LabelNames {
			c.Labels = append(c.Labels, text())
		}
		judged := problem.Card{Limits: problem.Limits{ExpiringWithin: time.Hour, LowBalance: 2}, Now: moment(), Served: random.IntN(2) == 0, Refused: random.IntN(2) == 0}
		if judged.Served && random.IntN(3) > 0 {
			c.Known = &platform.Card{ServiceNumber: text(), Expires: moment(), Activated: moment()}
			if random.IntN(2) == 0 {
				c.Known.Status, c.Known.Balance = new(random.IntN(2)), new(value())
			}
		}
		judged.Item = c.Known
		c.State, c.Problems = problem.Judge(&judged)
		s.Cards = append(s.Cards, c)
	}
	return s
}

// FuzzWrite holds what is written of one card against the registry.
func FuzzWrite(f *testing.F) {
	f.Add("352019040635785", "89860423191970454839", "1064", "北京店", 12.5, int64(1773100800))
	f.Add("", `"\`+"\n", "\xff", "\x00", math.Inf(-1), int64(-1))
	f.Fuzz(func(t *testing.T, imei, iccid, number, shop string, balance float64, expires int64) {
		expectSame(t, &Snapshot{LabelNames: []string{"shop"}, Cards: []Card{{
			IMEI: imei, ICCID: iccid, Group: "g", Labels: []string{shop}, Problems: problem.SetOf("data_low"),
			Known: &platform.Card{ServiceNumber: number, Balance: &balance, Expires: platform.Instant(expires)},
		}}})
	})
}

// TestWriteSelected: only the families that are asked for are written.
func TestWriteSelected(t *testing.T) {
	s := randomSnapshot(rand.New(rand.NewPCG(3, 0)))
	for _, want := range []string{"simcard_info", "simcard_problem", "simcard_up", "simcard_group_state_cards"} {
		var text bytes.Buffer
		if err := s.Write(&text, negotiate(""), func(family string) bool { return family == want }); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(text.String()) {
			if !strings.Contains(line, want) {
				t.Errorf("%s: %s", want, line)
			}
		}
	}
}

// brokenWriter stands for a client that goes away.
type brokenWriter struct{ writes int }

func (w *brokenWriter) Write([]byte) (int, error) {
	w.writes++
	return 0, errors.New("client is gone")
}

// TestWriteEndsWithTheClient: after an error nothing more is written.
func TestWriteEndsWithTheClient(t *testing.T) {
	s := &Snapshot{Cards: slices.Repeat([]Card{{IMEI: "352019040635785"}}, 100_000)}
	w := new(brokenWriter)
	if err := s.Write(w, negotiate(""), all); err == nil || w.writes != 1 {
		t.Errorf("%v after %d writes", err, w.writes)
	}
}
