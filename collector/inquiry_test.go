package collector

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

// TestInquiry: whatever an inquiry meets, it sends one request, and its report says what a
// scrape would serve.
func TestInquiry(t *testing.T) {
	for _, fault := range append(simulator.Faults(), simulator.None) {
		t.Run(fault.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cards := simulator.PageCards()
				sim := simulator.New(cards)
				sim.SetBehaviour(simulator.Behaviour{Fault: fault})
				began := time.Now()
				got, err := report(t, sim, []Group{testGroup("g", byIMEI, cards[:2])}, cards[0].IMEI)
				if n := sim.Counters().Requests; n != 1 || time.Since(began) > 30*time.Second {
					t.Errorf("%d requests in %v", n, time.Since(began))
				}
				reason, fails := faultReasons[fault]
				fails = fails || fault == simulator.UnreadableItem // which leaves nothing of one card
				if isServed := strings.Contains(got, "simcard_info{"); isServed == fails || fails != (err != nil) {
					t.Errorf("%v\n%s", err, got)
				}
				var failure *platform.Error
				if errors.As(err, &failure); reason != "" && (failure == nil || failure.Reason != reason || !strings.HasSuffix(err.Error(), "; "+afterFailure[reason])) {
					t.Errorf("got %v, want %s", err, reason)
				}
			})
		})
	}
	for _, reason := range platform.Reasons() {
		if afterFailure[reason] == "" {
			t.Errorf("nothing to do after %s", reason)
		}
	}
}

// TestInquiryServesAsAScrape: an answer is served however short max_age is, and a card in any
// case of its letters is the listed one.
func TestInquiryServesAsAScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.PageCards()
		sim := simulator.New(cards)
		sim.SetBehaviour(simulator.Behaviour{Latency: 20 * time.Second})
		listed := testGroup("g", byICCID, cards)
		listed.MaxAge, listed.StaleIfError = 0, 0
		got, err := report(t, sim, []Group{{Name: "empty"}, listed}, strings.ToUpper(cards[2].ICCID))
		if err != nil || !strings.Contains(got, `simcard_status{iccid="`+cards[2].ICCID+`"`) || !strings.Contains(got, `listed in group "g"`) {
			t.Errorf("%v\n%s", err, got)
		}
	})
}

// TestInquiryByAnotherNumber: a card that is listed by the number that was not asked for need not
// be listed again.
func TestInquiryByAnotherNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := simulator.PageCards()
		for _, test := range []struct {
			groups []Group
			wanted string
			want   string
		}{
			{[]Group{testGroup("g", byICCID, cards)}, cards[0].IMEI, "listed by its other number: ask with --query=" + cards[0].ICCID},
			{[]Group{testGroup("g", byIMEI, cards)}, cards[0].ICCID, "listed by its other number: ask with --query=" + cards[0].IMEI},
			{[]Group{testGroup("g", byICCID, cards[1:])}, cards[0].IMEI, "next: list the card under imeis or iccids"},
			// The device is listed with another card.
			{[]Group{{Name: "g", Cards: []Card{{ICCID: cards[1].ICCID, IMEI: cards[0].IMEI}}}}, cards[0].ICCID, "next: list the card under imeis or iccids"},
		} {
			if got, err := report(t, simulator.New(cards), test.groups, test.wanted); err != nil || !strings.Contains(got, test.want) {
				t.Errorf("%s: %v, want %s in\n%s", test.wanted, err, test.want, got)
			}
		}
	})
}

// report asks a simulated platform about a card.
func report(t *testing.T, sim *simulator.Simulator, groups []Group, identifier string) (string, error) {
	t.Helper()
	q, err := NewInquiry(connect(t, sim), testSettings(nil), groups, identifier)
	if err != nil {
		t.Fatal(err)
	}
	text := new(strings.Builder)
	text.WriteString(q.String())
	q.Ask(t.Context())
	err = q.Report(text, szzkc.Explain)
	return text.String(), err
}
