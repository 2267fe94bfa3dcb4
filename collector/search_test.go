package collector

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/pages"
	"simcard_exporter/collector/problem"
	"simcard_exporter/collector/szzkc/simulator"
	cardfile "simcard_exporter/config/cards"
)

// searchEnv has a group of terminals with shops, and one with a card in each state.
func searchEnv(t *testing.T) (*testEnv, pages.Source, []simulator.Card) {
	t.Helper()
	cards := simulator.Fleet(30)
	for i := range cards {
		cards[i].Status, cards[i].Balance, cards[i].ExpireTS = 1, "4000.00KB", "2001-02-01T00:00:00" // synctest begins in 2000
	}
	cards[4].Status = 0
	cards[9].ExpireTS = "2000-01-05T00:00:00"
	cards[14].Balance = "0KB"
	shops, other := testGroup("shops", byIMEI, cards[:25]), testGroup("other", byICCID, cards[25:])
	for i := range shops.Cards {
		shops.Cards[i].Labels = []string{"老王面馆", "Beijing"}
	}
	shops.Cards[20].Labels = []string{"悦来超市", "上海 100% 5678"}
	shops.Cards[22].Labels = []string{"A12", "Beijing"}
	shops.Cards[23].Labels = []string{"Ｂ７", "Beijing"}
	shops.Cards[21].Contact = &cardfile.Contact{Person: "张三", Phone: "13800138000"}
	for i := range other.Cards {
		other.Cards[i].Labels = []string{"", "Guangzhou"}
	}
	other.Cards[0].IMEI = cards[3].IMEI // where the card no longer is
	other.Cards = append(other.Cards, Card{IMEI: "352019040699995", Labels: []string{"", ""}})
	env := newTestEnv(t, simulator.New(cards), []Group{shops, other}, func(s *Settings) {
		s.LabelNames = []string{"shop", "city"}
		s.Columns = []cardfile.Column{{Name: "shop", Header: "门店"}, {Name: "city"}, {Name: "contact"}, {Name: "phone", Header: "电话"}}
		s.Location = time.UTC
	})
	return env, env.Pages(testEstimate), cards
}

func TestSearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env, source, cards := searchEnv(t)
		env.scrape(t)
		for name, test := range map[string]struct {
			query   pages.Query
			want    []string // the identifiers of the first cards
			total   int
			byLabel bool
		}{
			"IMEI":               {query: pages.Query{Text: cards[7].IMEI}, want: []string{cards[7].IMEI}, total: 1},
			"end of an IMEI":     {query: pages.Query{Text: cards[7].IMEI[7:]}, want: []string{cards[7].IMEI}, total: 1},
			"reported ICCID":     {query: pages.Query{Text: cards[7].ICCID}, want: []string{cards[7].IMEI}, total: 1},
			"expected device":    {query: pages.Query{Text: cards[3].IMEI, Group: "other"}, want: []string{cards[25].ICCID}, total: 1},
			"label, Chinese":     {query: pages.Query{Text: "悦来"}, want: []string{cards[20].IMEI}, total: 1, byLabel: true},
			"label, any case":    {query: pages.Query{Text: "guang"}, want: []string{cards[25].ICCID}, total: 5, byLabel: true},
			"digits in a label":  {query: pages.Query{Text: "5678"}, want: []string{cards[20].IMEI}, total: 1, byLabel: true},
			"number in a label":  {query: pages.Query{Text: "a12"}, want: []string{cards[22].IMEI}, total: 1, byLabel: true},
			"full-width label":   {query: pages.Query{Text: "b7"}, want: []string{cards[23].IMEI}, total: 1, byLabel: true},
			"labels only":        {query: pages.Query{Text: "5678", Labels: true}, want: []string{cards[20].IMEI}, total: 1, byLabel: true},
			"nothing":            {query: pages.Query{Text: "nowhere"}, byLabel: true},
			"two words":          {query: pages.Query{Text: "上海　悦来"}, want: []string{cards[20].IMEI}, total: 1, byLabel: true},
			"words of two cards": {query: pages.Query{Text: "悦来 guang"}, byLabel: true},
			"word and number":    {query: pages.Query{Text: "悦来 " + cards[20].IMEI[9:]}, want: []string{cards[20].IMEI}, total: 1},
			"several numbers":    {query: pages.Query{Text: cards[7].IMEI + "\n" + cards[8].ICCID}, want: []string{cards[7].IMEI, cards[8].IMEI}, total: 2},
			"full width":         {query: pages.Query{Text: "ＧＵＡＮＧ"}, want: []string{cards[25].ICCID}, total: 5, byLabel: true},
			"phone":              {query: pages.Query{Text: "13800138000"}, want: []string{cards[21].IMEI}, total: 1, byLabel: true},
			"contact and city":   {query: pages.Query{Text: "张三 beijing"}, want: []string{cards[21].IMEI}, total: 1, byLabel: true},
			"expires in January": {query: pages.Query{From: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2000, 2, 1, 0, 0, 0, 0, time.UTC)}, want: []string{cards[9].IMEI}, total: 1},
			"suspended":          {query: pages.Query{Problem: "suspended"}, want: []string{cards[4].IMEI}, total: 1},
			"unknown":            {query: pages.Query{Problem: "unknown"}, want: []string{"352019040699995"}, total: 1},
			"moved":              {query: pages.Query{Problem: "moved"}, want: []string{cards[25].ICCID}, total: 1},
			"expiring":           {query: pages.Query{Problem: "expiring"}, want: []string{cards[9].IMEI}, total: 1},
			"group":              {query: pages.Query{Group: "other"}, want: []string{cards[25].ICCID, "352019040699995"}, total: 6},
			"state and text":     {query: pages.Query{Text: "老王", State: "out_of_service"}, want: []string{cards[4].IMEI, cards[14].IMEI}, total: 2, byLabel: true},
			"all, by urgency":    {want: []string{cards[4].IMEI, cards[14].IMEI, cards[9].IMEI, cards[25].ICCID, "352019040699995", cards[0].IMEI}, total: 31},
			"an unknown group":   {query: pages.Query{Group: "nowhere"}},
			"an unknown state":   {query: pages.Query{State: "odd"}},
			"an unknown problem": {query: pages.Query{Problem: "odd"}},
			"state of the group": {query: pages.Query{Group: "other", State: "ok"}, want: []string{cards[26].ICCID}, total: 4},
		} {
			found, err := source.Search(t.Context(), test.query)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, c := range found.Cards {
				ids = append(ids, c.ID)
			}
			if len(ids) < len(test.want) || !slices.Equal(ids[:len(test.want)], test.want) || found.Total != test.total || found.ByLabel != test.byLabel {
				t.Errorf("%s: %d, by label %t: %q, want %q", name, found.Total, found.ByLabel, ids, test.want)
			}
			columns, all := source.All(t.Context(), test.query)
			if n := len(slices.Collect(all)); n != test.total || len(columns) != 4 || columns[0] != (pages.Column{Name: "shop", Header: "门店"}) {
				t.Errorf("%s: %d of all cards, want %d", name, n, test.total)
			}
		}
	})
}

// TestCardByAnyIdentifier: those that are listed, and those that the platform reports.
func TestCardByAnyIdentifier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(2)
		group := testGroup("g", byICCID, cards)
		group.Cards[0].IMEI = "352019040699995" // where the card is not
		env := newTestEnv(t, simulator.New(cards), []Group{group})
		env.scrape(t)
		for _, id := range []string{cards[0].ICCID, cards[0].IMEI, "352019040699995", cards[0].ServiceNum} {
			if c, found := env.Pages(testEstimate).Card(id); !found || c.ID != cards[0].ICCID {
				t.Errorf("%s is the card %q", id, c.ID)
			}
		}
	})
}

// TestSearchShowsTheMostUrgent: of many cards, whatever their order.
func TestSearchShowsTheMostUrgent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(500)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.scrape(t)
		source := env.Pages(testEstimate)
		found, err := source.Search(t.Context(), pages.Query{})
		if err != nil || len(found.Cards) != pages.MaxRows || found.Total != len(cards) {
			t.Fatalf("%d of %d cards, error %v", len(found.Cards), found.Total, err)
		}
		urgent, err := source.Search(t.Context(), pages.Query{State: "out_of_service"})
		if err != nil {
			t.Fatal(err)
		}
		for i := range min(urgent.Total, pages.MaxRows) {
			if found.Cards[i].ID != urgent.Cards[i].ID {
				t.Errorf("row %d is %s, want %s", i, found.Cards[i].ID, urgent.Cards[i].ID)
			}
		}
	})
}

// TestListKnowsWhyThereIsNoAnswer: a list says the same of a card as its page.
func TestListKnowsWhyThereIsNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.Fleet(400)
		env := newTestEnv(t, simulator.New(cards), []Group{testGroup("g", byIMEI, cards)})
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.ServerError})
		eachMinute(2, func(int) { env.scrape(t) })
		source := env.Pages(testEstimate)
		page, _ := source.Card(cards[0].IMEI)
		found, err := source.Search(t.Context(), pages.Query{Text: cards[0].IMEI})
		if err != nil || len(found.Cards) != 1 {
			t.Fatalf("%+v, %v", found, err)
		}
		if row := found.Cards[0]; !row.PlatformDown || row.BatchError == "" || row.BatchError != page.BatchError {
			t.Errorf("platform down %t, batch error %q, want those of the page: %t, %q", row.PlatformDown, row.BatchError, page.PlatformDown, page.BatchError)
		}
	})
}

// TestOverview counts what the metrics count.
func TestOverview(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env, source, _ := searchEnv(t)
		if g := source.Overview().Groups[0]; g.Fresh != 0 || g.States[problem.NoAnswer] != 25 || !g.Scraped.IsZero() || !g.NextDue.IsZero() {
			t.Errorf("before a scrape: %+v", g)
		}
		advance(5 * time.Second)
		start := wallClock()
		got := env.scrape(t)
		o := source.Overview()
		for _, g := range o.Groups {
			for _, state := range problem.States() {
				expect(t, got, map[string]float64{`simcard_group_state_cards{group="` + g.Name + `",state="` + state.String() + `"}`: float64(g.States[state])})
			}
			for _, p := range problem.All() {
				expect(t, got, map[string]float64{`simcard_group_problem_cards{group="` + g.Name + `",problem="` + p.String() + `"}`: float64(g.Problems[p])})
			}
		}
		shops := o.Groups[0]
		if shops.Fresh != 25 || shops.Batches != 2 || shops.RequestsToday != 2 || shops.PlannedRequests != 2*24*60 || shops.FailedBatches != 0 ||
			!shops.Scraped.Equal(start) || !shops.NextDue.Equal(shops.OldestAnswer.Add(30*time.Second)) || shops.Problems[problem.Expiring] != 1 {
			t.Errorf("after a scrape: %+v", shops)
		}
		env.sim.SetBehaviour(simulator.Behaviour{Fault: simulator.NotFoundPage})
		advance(time.Minute)
		env.scrape(t)
		shops = source.Overview().Groups[0]
		if shops.Fresh != 0 || shops.Old != 25 || shops.FailedBatches != 2 || shops.LastError != `http_4xx: status 404 Not Found: answer is a page: "404 - 找不到文件或目录"` || !shops.NextDue.IsZero() {
			t.Errorf("after a failure: %+v", shops)
		}
	})
}
