package collector

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"simcard_exporter/collector/szzkc"
	"simcard_exporter/collector/szzkc/simulator"
)

// faultReasons are the reasons of the faults that spoil whole answers.
var faultReasons = map[simulator.Fault]szzkc.Reason{
	simulator.ServerError:  szzkc.HTTP5xx,
	simulator.Unavailable:  szzkc.HTTP5xx,
	simulator.Throttled:    szzkc.Throttled,
	simulator.NotFoundPage: szzkc.HTTP4xx,
	simulator.Reset:        szzkc.Connect,
	simulator.Hang:         szzkc.Timeout,
	simulator.Truncated:    szzkc.Connect,
	simulator.HalfJSON:     szzkc.Decode,
	simulator.Oversize:     szzkc.TooLarge,
	simulator.HTML:         szzkc.Decode,
	simulator.Empty:        szzkc.Decode,
	simulator.Rejected:     szzkc.Rejected,
	simulator.NullResult:   szzkc.Decode,
	simulator.NoState:      szzkc.Decode,
}

// TestFaults has one group suffer each fault: the scrape is a 200 inside its
// deadline, the other group is whole, the reason is counted, no wrong value is
// served, and a minute after the fault all is whole again.
func TestFaults(t *testing.T) {
	for _, fault := range simulator.Faults() {
		t.Run(fault.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { testFault(t, fault) })
		})
	}
}

func testFault(t *testing.T, fault simulator.Fault) {
	cards := simulator.Fleet(120)
	sick, well := cards[:60], cards[60:]
	sim := simulator.New(cards)
	r := newRig(t, sim, true, []Group{byIMEIs("sick", sick), byICCIDs("well", well)},
		func(s *Settings) { s.MaxRetries, s.Timeout = 0, 2*time.Second })
	sim.SetBehaviour(simulator.Behaviour{Fault: fault, RetryAfter: time.Second, Only: func(ids []string) bool {
		return slices.ContainsFunc(sick, func(c simulator.Card) bool { return c.IMEI == ids[0] })
	}})
	got := r.scrape(t, 10*time.Second)
	checkTruth(t, sim, got)
	expect(t, got, map[string]float64{
		`simcard_up{group="well"}`:                                1,
		`simcard_group_batches_failed{group="well"}`:              0,
		`promhttp_metric_handler_errors_total{cause="gathering"}`: 0,
	})
	checkReasons(t, got, fault)
	checkSick(t, r, got, fault, len(sick), len(well))

	sim.SetBehaviour(simulator.Behaviour{})
	pass(time.Minute)
	got = r.scrape(t, 10*time.Second)
	checkTruth(t, sim, got)
	expect(t, got, map[string]float64{`simcard_up{group="sick"}`: 1, `simcard_up{group="well"}`: 1})
	if n := count(got, "simcard_balance_bytes"); n != len(cards) {
		t.Errorf("%d balances after the fault, want %d", n, len(cards))
	}
}

func checkReasons(t *testing.T, got map[string]float64, fault simulator.Fault) {
	t.Helper()
	reason, fails := faultReasons[fault]
	for _, other := range szzkc.Reasons() {
		want := 0.
		switch {
		case !fails || other != reason:
		case fault == simulator.Rejected:
			want = 3 * (20 + 19) // each card alone, and each part on the way to it
		default:
			want = 3
		}
		expect(t, got, map[string]float64{fmt.Sprintf(`simcard_exporter_request_failures_total{reason=%q}`, other): want})
	}
}

func checkSick(t *testing.T, r *rig, got map[string]float64, fault simulator.Fault, sick, well int) {
	t.Helper()
	_, fails := faultReasons[fault]
	switch {
	case fault == simulator.Rejected: // by a platform that answers for others
		expect(t, got, map[string]float64{`simcard_up{group="sick"}`: 1})
		if n := count(got, "simcard_refused"); n != sick {
			t.Errorf("%d cards refused, want all of the group", n)
		}
	case fault == simulator.UnreadableItem:
		expect(t, got, map[string]float64{`simcard_up{group="sick"}`: 0})
	case fails:
		expect(t, got, map[string]float64{
			`simcard_up{group="sick"}`:                   0,
			`simcard_group_batches_failed{group="sick"}`: 3,
		})
		if n := count(got, "simcard_found"); n != well {
			t.Errorf("%d cards, want those of the other group", n)
		}
		if n := strings.Count(r.log.String(), "\n"); n != 1 || !strings.Contains(r.log.String(), "group=sick") {
			t.Errorf("log has %d lines, want one about the group:\n%s", n, r.log)
		}
	default:
		expect(t, got, map[string]float64{`simcard_up{group="sick"}`: 1})
	}
}

// What cannot be told from an unreadable item is neither found nor unknown.
func TestUnreadableItems(t *testing.T) {
	cards := simulator.Fleet(20)
	sim := simulator.New(cards)
	group := byIMEIs("g", cards)
	group.MaxAge = 0
	r := newRig(t, sim, false, []Group{group})
	sim.SetBehaviour(simulator.Behaviour{Fault: simulator.UnreadableItem})
	got := r.scrape(t, 10*time.Second)
	checkTruth(t, sim, got)
	if n := count(got, "simcard_found"); n != 18 {
		t.Errorf("%d cards, want all but the unreadable two", n)
	}
	expect(t, got, map[string]float64{
		`simcard_up{group="g"}`:                               0,
		`simcard_exporter_invalid_fields_total{field="item"}`: 2,
	})

	sim.SetBehaviour(simulator.Behaviour{Fault: simulator.UnreadableFields})
	got = r.scrape(t, 10*time.Second)
	checkTruth(t, sim, got)
	if found, status := count(got, "simcard_found"), count(got, "simcard_status"); found != 20 || status != 16 {
		t.Errorf("%d found, %d with a status, want 20 and 16", found, status)
	}
	expect(t, got, map[string]float64{`simcard_up{group="g"}`: 1})
}

// checkTruth compares every value that is served, and that there are some, with
// what the platform knows.
func checkTruth(t testing.TB, sim *simulator.Simulator, got map[string]float64) {
	t.Helper()
	if checkValues(t, sim, got) == 0 {
		t.Error("no card was served")
	}
}

// checkValues compares every value that is served with what the platform knows,
// and returns how many there are.
func checkValues(t testing.TB, sim *simulator.Simulator, got map[string]float64) (checked int) {
	t.Helper()
	for series, value := range got {
		name, labels, _ := strings.Cut(series, "{")
		var iccid, imei string
		if _, err := fmt.Sscanf(labels, "iccid=%q,imei=%q}", &iccid, &imei); err != nil {
			continue
		}
		card, known := sim.Truth(imei)
		if !known {
			card, known = sim.Truth(iccid)
		}
		var want float64
		switch name {
		case "simcard_found":
			if known {
				want = 1
			}
		case "simcard_status":
			want = float64(card.Status)
		case "simcard_balance_bytes":
			var kib float64
			if _, err := fmt.Sscanf(card.Balance, "%fKB", &kib); err != nil {
				t.Fatalf("balance %q: %v", card.Balance, err)
			}
			want = kib * 1024
		case "simcard_expiry_timestamp_seconds":
			want = unix(t, card.ExpireTS)
		case "simcard_activation_timestamp_seconds":
			want = unix(t, card.ActiveTS)
		default:
			continue
		}
		checked++
		// DotNetTimes adds fractions, which the fleet's own times do not have.
		if float64(int64(value)) != want && value != want {
			t.Errorf("%s = %v, want %v", series, value, want)
		}
	}
	return checked
}

func unix(t testing.TB, local string) float64 {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02T15:04:05", local, time.FixedZone("CST", 8*60*60))
	if err != nil {
		t.Fatal(err)
	}
	return float64(at.Unix())
}
