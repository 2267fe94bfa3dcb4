package collector

import (
	"flag"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"simcard_exporter/collector/szzkc/simulator"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestExposition compares a whole scrape, in the clock of the bubble, with the
// golden file: what users see and rely on.
func TestExposition(t *testing.T) {
	for file, accept := range map[string]string{
		"testdata/exposition.txt":             "",
		"testdata/exposition.openmetrics.txt": "application/openmetrics-text; version=1.0.0",
	} {
		t.Run(file, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				page := simulator.PageCards()
				never := simulator.Card{ServiceNum: "460040000000001", IMEI: "352019041648944", ICCID: "89860423191970450001",
					Status: 0, ActiveTS: "0001-01-01T00:00:00", ExpireTS: "0001-01-01T00:00:00"}
				groups := []Group{
					{Name: "terminals", Cards: []Card{
						{IMEI: page[0].IMEI, ICCID: page[0].ICCID, Labels: []string{"海淀", `Li's "Noodles"`}},
						{IMEI: page[1].IMEI, Labels: []string{"", ""}},
						{IMEI: "490154203237518", Labels: []string{"朝阳", ""}}, // unknown to the platform
					}},
					{Name: "live", Live: true, Cards: []Card{
						{IMEI: page[0].IMEI, ICCID: page[2].ICCID, Labels: []string{"", ""}}, // moved to another device
						{ICCID: never.ICCID, Labels: []string{"", ""}},
						{ICCID: "89860423191970459999", Labels: []string{"", "Refused"}},
					}},
				}
				sim := simulator.New(append(page, never))
				sim.SetBehaviour(simulator.Behaviour{Refuse: []string{"89860423191970459999"}})
				r := newRig(t, sim, true, groups, func(s *Settings) { s.LabelNames = []string{"district", "shop"} })
				got := r.text(t, 10*time.Second, accept)
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("%s: got\n%s", file, got)
				}
			})
		})
	}
}

func TestLint(t *testing.T) {
	r := newRig(t, simulator.New(simulator.PageCards()), false, []Group{byIMEIs("g", simulator.PageCards())})
	everything := prometheus.NewRegistry()
	snapshot, err := r.Scrape(t.Context(), time.Now().Add(10*time.Second), Selection{})
	if err != nil {
		t.Fatal(err)
	}
	everything.MustRegister(r.registry, snapshot)
	problems, err := testutil.GatherAndLint(everything)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// Whatever the platform answers, every series is there once and the scrape is
// a 200 without an error inside.
func TestOneCardManyWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := simulator.PageCards()
		groups := []Group{
			byIMEIs("a", page),
			byICCIDs("b", page),
			{Name: "c", Cards: []Card{{ICCID: strings.ToUpper(page[2].ICCID)}, {IMEI: page[2].IMEI}}},
		}
		r := newRig(t, simulator.New(page), true, groups, func(s *Settings) { s.Concurrency = 1 })
		for _, fault := range []simulator.Fault{simulator.None, simulator.RepeatedItems, simulator.ForeignItems,
			simulator.ICCIDCase, simulator.InvalidUTF8, simulator.ShuffledItems} {
			r.sim.SetBehaviour(simulator.Behaviour{Fault: fault})
			got := r.scrape(t, 10*time.Second)
			pass(time.Minute)
			if n := count(got, "simcard_balance_bytes"); n != 3 {
				t.Errorf("%v: %d balances, want 3", fault, n)
			}
			for series, value := range got {
				if strings.HasPrefix(series, "simcard_found{") && value != 1 {
					t.Errorf("%v: %s = %v", fault, series, value)
				}
			}
			expect(t, got, map[string]float64{
				`simcard_up{group="a"}`: 1, `simcard_up{group="b"}`: 1, `simcard_up{group="c"}`: 1,
				`promhttp_metric_handler_errors_total{cause="gathering"}`: 0,
				`promhttp_metric_handler_errors_total{cause="encoding"}`:  0,
			})
		}
		// Two requests see three cards each, twice or with a foreign one. The
		// third group has nothing left to ask for.
		if n := r.scrape(t, 10*time.Second)["simcard_exporter_unexpected_cards_total"]; n != 6+2 {
			t.Errorf("%v unexpected cards, want 8", n)
		}
	})
}

// The younger answer wins; group and labels stay those of the first way.
func TestYoungerAnswerWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := simulator.PageCards()[:1]
		r := newRig(t, simulator.New(page), true, []Group{byIMEIs("first", page), byICCIDs("second", page)},
			func(s *Settings) { s.Concurrency = 1 })
		// The second group is asked a second after the first, by when the
		// card has been suspended.
		r.sim.SetBehaviour(simulator.Behaviour{Latency: time.Second})
		go func() {
			<-time.After(1500 * time.Millisecond)
			page[0].Status = 0
			r.sim.SetCards(page)
		}()
		card := `iccid="89860423191970454839",imei="352019040635785"`
		expect(t, r.scrape(t, 10*time.Second), map[string]float64{
			"simcard_status{" + card + "}":                                               0,
			`simcard_info{group="first",` + card + `,service_number="460044352904839"}`:  1,
			`simcard_info{group="second",` + card + `,service_number="460044352904839"}`: absent,
		})
	})
}
