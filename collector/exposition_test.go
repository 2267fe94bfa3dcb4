package collector

import (
	"flag"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"simcard_exporter/collector/problem"
	"simcard_exporter/collector/szzkc/simulator"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestExposition compares a whole scrape with the golden file: what users see and
// rely on. The times in it are those of the bubble.
func TestExposition(t *testing.T) {
	for file, accept := range map[string]string{
		"testdata/exposition.txt":             "",
		"testdata/exposition.openmetrics.txt": "application/openmetrics-text; version=1.0.0",
	} {
		t.Run(file, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := newExpositionEnv(t)
				req := scrapeRequest(t.Context(), "/metrics", 10*time.Second)
				req.Header.Set("Accept", accept)
				got := env.body(t, req)
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
					t.Errorf("%s, -want +got; -update writes it anew:\n%s", file, diff)
				}
			})
		})
	}
}

// newExpositionEnv has a card of every sort that the exposition tells apart.
func newExpositionEnv(t *testing.T) *testEnv {
	t.Helper()
	page := simulator.PageCards()
	never := simulator.Card{ServiceNum: "460040000000001", IMEI: "352019041648944", ICCID: "89860423191970450001",
		Status: 0, ActiveTS: "0001-01-01T00:00:00", ExpireTS: "0001-01-01T00:00:00"}
	dead := simulator.Card{ServiceNum: "460040000000002", IMEI: "352019041648951", ICCID: "89860423191970450002",
		Status: 0, ActiveTS: "1999-06-01T00:00:00", ExpireTS: "1999-12-01T00:00:00", Balance: "0KB"}
	gone, stored := dead, dead
	gone.IMEI, gone.ICCID = "352019041648969", "89860423191970450003"
	stored.IMEI, stored.ICCID = "352019041648977", "89860423191970450004"
	groups := []Group{
		{Name: "terminals", Cards: []Card{
			{IMEI: page[0].IMEI, ICCID: page[0].ICCID, Labels: []string{"海淀", `Li's "Noodles"`}},
			{IMEI: page[1].IMEI, Labels: []string{"", ""}},
			{IMEI: "490154203237518", Labels: []string{"朝阳", ""}}, // unknown to the platform
			{ICCID: never.ICCID, Labels: []string{"", ""}},
			{ICCID: dead.ICCID, Labels: []string{"", "Noodles"}},
			{ICCID: gone.ICCID, Labels: []string{"", "Tea"}},
			{ICCID: stored.ICCID, Labels: []string{"", ""}, NotInUse: true},
		}},
		{Name: "live", Live: true, Limits: problem.Limits{ExpiringWithin: 21 * 365 * 24 * time.Hour, LowBalance: 1 << 20}, Cards: []Card{
			{IMEI: page[0].IMEI, ICCID: page[2].ICCID, Labels: []string{"", ""}}, // moved to another device
		}},
		{Name: "spare", Live: true, Cards: []Card{
			{ICCID: "89860423191970459999", Labels: []string{"", "Refused"}},
		}},
	}
	sim := simulator.New(append(page, never, dead, stored, gone))
	sim.SetBehaviour(simulator.Behaviour{Refuse: []string{"89860423191970459999"}})
	env := newTestEnv(t, sim, groups, func(s *Settings) { s.LabelNames = []string{"district", "shop"} })
	env.body(t, scrapeRequest(t.Context(), "/metrics?group=live", 10*time.Second)) // so that a control is answered, which is for its only card
	env.body(t, scrapeRequest(t.Context(), "/metrics?group=terminals", 10*time.Second))
	sim.SetCards(append(page, never, dead, stored))
	return env
}

// The metrics follow the conventions of Prometheus.
func TestLint(t *testing.T) {
	env := newTestEnv(t, simulator.New(simulator.PageCards()), []Group{testGroup("g", byIMEI, simulator.PageCards())})
	everything := prometheus.NewRegistry()
	snapshot, err := env.Scrape(t.Context(), time.Now().Add(10*time.Second), Selection{})
	if err != nil {
		t.Fatal(err)
	}
	everything.MustRegister(env.registry, snapshot)
	problems, err := testutil.GatherAndLint(everything)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// The cards of the platform's own page are served, over real connections.
func TestPageCards(t *testing.T) {
	for name, group := range map[string]Group{
		"by IMEI":  testGroup("g", byIMEI, simulator.PageCards()),
		"by ICCID": testGroup("g", byICCID, simulator.PageCards()),
	} {
		t.Run(name, func(t *testing.T) {
			env := newTestEnvOverTCP(t, simulator.New(simulator.PageCards()), []Group{group})
			got := env.scrape(t)
			first := `{iccid="89860423191970454839",imei="352019040635785"}`
			second := `{iccid="89860423191970454000",imei="352019040625281"}`
			third := `{iccid="898604231919c0083314",imei="352019041648936"}`
			expect(t, got, map[string]float64{
				"simcard_status" + first:                    1,
				"simcard_status" + second:                   1,
				"simcard_status" + third:                    1,
				"simcard_balance_bytes" + first:             8505344,
				"simcard_balance_bytes" + second:            0,
				"simcard_balance_bytes" + third:             4096,
				"simcard_expiry_timestamp_seconds" + first:  1593932929,
				"simcard_expiry_timestamp_seconds" + second: 1561184984,
				"simcard_expiry_timestamp_seconds" + third:  1597485327,
				"found" + first:                             1,
				groupUp:                                     1,
			})
		})
	}
}
