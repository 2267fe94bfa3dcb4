//go:build e2e

package e2e

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/problem"
	"simcard_exporter/collector/szzkc/simulator"
)

// wrongCard is a card with problems.
type wrongCard struct {
	simulator.Card
	expected string // IMEI in the list
	problems problem.Set
}

// impossible are the problems that exclude each other.
var impossible = []problem.Set{
	1<<problem.Expired | 1<<problem.Expiring, 1<<problem.OutOfData | 1<<problem.DataLow, 1<<problem.Gone | 1<<problem.Unknown,
}

// wrongCards returns a card without problems, one for each problem, and one for each pair.
func wrongCards() (cards []wrongCard) {
	of := simulator.Fleet(50)
	add := func(problems problem.Set) {
		c := wrongCard{Card: of[len(cards)], problems: problems}
		c.expected = c.IMEI
		at := func(hence time.Duration) string {
			return time.Now().Add(hence).In(time.FixedZone("", 8*60*60)).Format("2006-01-02T15:04:05")
		}
		c.Status, c.Balance, c.ActiveTS, c.ExpireTS = 1, "30720.00KB", at(-1000*time.Hour), at(5000*time.Hour)
		for p, change := range map[problem.Problem]func(){
			problem.Suspended: func() { c.Status = 0 },
			problem.Expired:   func() { c.ExpireTS = at(-100 * time.Hour) },
			problem.OutOfData: func() { c.Balance = "0KB" },
			problem.Expiring:  func() { c.ExpireTS = at(100 * time.Hour) },
			problem.DataLow:   func() { c.Balance = "512.00KB" },
			problem.Moved:     func() { c.expected = of[49].IMEI },
		} {
			if problems.Has(p) {
				change()
			}
		}
		cards = append(cards, c)
	}
	add(0)
	unknown := problem.Set(1<<problem.Gone | 1<<problem.Unknown)
	for i, p := range problem.All() {
		add(1 << p)
		for _, q := range problem.All()[i+1:] {
			pair := problem.Set(1<<p | 1<<q)
			// Of a card that the platform does not know, only quarantine can be wrong besides.
			if !slices.Contains(impossible, pair) && (pair&unknown == 0 || pair.Has(problem.Refused)) {
				add(pair)
			}
		}
	}
	return cards
}

// TestEveryProblem shows each problem, and each pair that can be: series, state, page in both
// languages, JSON, CSV and alerts of a card say the same.
func TestEveryProblem(t *testing.T) {
	cards := wrongCards()
	// The healthy card of another group shows that the platform answers.
	healthy := simulator.Fleet(60)[59]
	config := "groups:\n  - {name: healthy, max_age: 0s, imeis: [" + healthy.IMEI + "]}\n  - name: g\n    max_age: 0s\n    labels: {shop: 老王面馆}\n    files: [cards.csv]\n"
	list := []string{"ICCID,IMEI"}
	known, left := []simulator.Card{healthy}, []simulator.Card{healthy}
	var refused []string
	for _, c := range cards {
		list = append(list, c.ICCID+","+c.expected)
		if !c.problems.Has(problem.Unknown) {
			known = append(known, c.Card)
			if !c.problems.Has(problem.Gone) {
				left = append(left, c.Card)
			}
		}
		if c.problems.Has(problem.Refused) {
			refused = append(refused, c.ICCID)
		}
	}
	sim := simulator.New(known)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "cards.csv"), strings.Join(list, "\n"))
	write(t, filepath.Join(dir, "simcard.yml"), "platform: {url: "+server.URL+"}\n"+config)
	e := startExporter(t, "--config.file="+filepath.Join(dir, "simcard.yml"))
	e.scrape(t, "")
	sim.SetCards(left)
	e.scrape(t, "")
	sim.SetBehaviour(simulator.Behaviour{Refuse: refused})
	var metrics string
	eventually(t, "quarantine of all that are refused", func() error {
		metrics = e.scrape(t, "")
		if n := strings.Count(metrics, `problem="refused",shop`); n != len(refused) {
			return fmt.Errorf("%d of %d", n, len(refused))
		}
		return nil
	})

	exported, alerts := exportedCards(t, e.address), firingAlerts(t, e.address, strings.Count(metrics, "\nsimcard_problem{"))
	for _, c := range cards {
		want := names(c.problems)
		var got []string
		for _, line := range regexp.MustCompile(`(?m)^simcard_problem{.*iccid="`+c.ICCID+`".*$`).FindAllString(metrics, -1) {
			got = append(got, submatches(`problem="(\w+)"`, line)[0])
			wantContains(t, line, `shop="老王面馆"`)
		}
		english, chinese := cardPage(t, e.address, c.ICCID, "en"), cardPage(t, e.address, c.ICCID, "zh-CN")
		state, level := "ok", "good"
		for _, p := range problem.All() {
			if !c.problems.Has(p) {
				continue
			}
			if state == "ok" {
				state, level = p.State().String(), map[problem.State]string{problem.OutOfService: "bad", problem.Attention: "warning"}[p.State()]
			}
			if p != problem.Refused { // which is described at length
				begin, _, _ := strings.Cut(p.Sentence()[0], "%s")
				wantContains(t, strings.ToLower(english), strings.ToLower(begin))
				begin, _, _ = strings.Cut(p.Sentence()[1], "%s")
				wantContains(t, chinese, begin)
			}
		}
		row := exported[c.ICCID]
		slices.Sort(alerts[c.ICCID])
		t.Logf("%s: series %v, page %s, JSON %s %v, CSV %q, alerts %v", c.ICCID, got, level, row.State, row.Problems, row.csv, alerts[c.ICCID])
		if !slices.Equal(alerts[c.ICCID], slices.Sorted(slices.Values(want))) {
			t.Errorf("%s: alerts for %v, want %v", c.ICCID, alerts[c.ICCID], want)
		}
		if !slices.Equal(got, want) || !slices.Equal(row.Problems, want) || row.State != state || row.csv != inWords(state, c.problems) {
			t.Errorf("%s: series %v, JSON %s %v, CSV %q; want %s %v", c.ICCID, got, row.State, row.Problems, row.csv, state, want)
		}
		for _, page := range []string{english, chinese} {
			wantContains(t, page, `<section class="verdict `+level+`">`)
		}
	}
	counts := make(map[string]int)
	for _, c := range cards {
		for _, name := range names(c.problems) {
			counts[name]++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		wantContains(t, metrics, fmt.Sprintf(`simcard_group_problem_cards{group="g",problem="%s"} %d`, name, counts[name]))
	}
}

// firingAlerts returns the problems of which the rules of the example alert, by ICCID, once
// there are that many. The rules do not wait: what they wait for, promtool tests.
func firingAlerts(t *testing.T, exporter string, want int) map[string][]string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "simcard.rules.yml"), replace(t, example(t, "prometheus/rules/simcard.rules.yml"), `(?m)^ +(?:for|keep_firing_for): .*\n|(?:keep_firing_)?for: \w+, `, ""))
	write(t, filepath.Join(dir, "prometheus.yml"), `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [simcard.rules.yml]
scrape_configs: [{job_name: simcard, static_configs: [{targets: ["`+exporter+`"]}]}]
`)
	s := &servers{prometheus: freeAddress(t)}
	startPrometheus(t, dir, s.prometheus)
	alerts := make(map[string][]string)
	eventually(t, "alerts for all problems", func() error {
		var data struct {
			Result []struct{ Metric map[string]string }
		}
		if err := s.query("/api/v1/query?query="+url.QueryEscape(`ALERTS{alertstate="firing",problem!="",iccid!=""}`), &data); err != nil {
			return err
		}
		clear(alerts)
		for _, series := range data.Result {
			alerts[series.Metric["iccid"]] = append(alerts[series.Metric["iccid"]], series.Metric["problem"])
		}
		if len(data.Result) != want {
			return fmt.Errorf("%d of %d", len(data.Result), want)
		}
		return nil
	})
	return alerts
}

// names returns the names of problems, the worst first.
func names(problems problem.Set) (names []string) {
	for p := range problems.All() {
		names = append(names, p.String())
	}
	return names
}

// exportedCard is what the downloads say of a card.
type exportedCard struct {
	ICCID    string
	State    string
	Problems []string
	csv      string // both
}

// inWords returns a state and problems as the CSV names them in English.
func inWords(state string, found problem.Set) string {
	var captions []string
	for p := range found.All() {
		captions = append(captions, p.Caption()[0])
	}
	return problem.StateOf(state).Caption()[0] + ": " + strings.Join(captions, "; ")
}

// exportedCards returns the downloads, by ICCID.
func exportedCards(t *testing.T, address string) map[string]exportedCard {
	t.Helper()
	var list []exportedCard
	if err := json.Unmarshal([]byte(get(t, "http://"+address+"/cards.json")), &list); err != nil {
		t.Fatal(err)
	}
	cards := make(map[string]exportedCard)
	for _, c := range list {
		cards[c.ICCID] = c
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(get(t, "http://"+address+"/cards.csv"), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) int { return slices.Index(rows[0], name) }
	for _, row := range rows[1:] {
		id := strings.Trim(row[column("ICCID")], `="`)
		c := cards[id]
		c.csv = row[column("State")] + ": " + row[column("Problem")]
		cards[id] = c
	}
	return cards
}

// cardPage returns the page of a card in a language.
func cardPage(t *testing.T, address, id, language string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/card?id="+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", language)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
