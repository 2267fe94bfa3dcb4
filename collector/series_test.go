package collector

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc/simulator"
)

// Series of the group "g", the only one in most tests, and of the exporter.
const (
	groupUp            = `simcard_up{group="g"}`
	groupBatchesFailed = `simcard_group_batches_failed{group="g"}`
	groupOldestAnswer  = `simcard_group_oldest_answer_timestamp_seconds{group="g"}`
	groupRequests      = `simcard_group_requests_total{group="g"}`
	groupWait          = `simcard_group_wait_seconds{group="g"}`
	platformAvailable  = `simcard_exporter_platform_available{live="false"}`
)

// platformAvailables are the same of both ways, as truth.ways.
var platformAvailables = [2]string{platformAvailable, `simcard_exporter_platform_available{live="true"}`}

// cardSeries returns the name and labels of a card's series.
func cardSeries(metric string, c simulator.Card) string {
	return fmt.Sprintf("%s{iccid=%q,imei=%q}", metric, c.ICCID, c.IMEI)
}

// problemSeries returns the name and labels of a problem of a card of the group g, without
// labels of the user.
func problemSeries(problem string, c simulator.Card) string {
	return fmt.Sprintf("simcard_problem{group=\"g\",iccid=%q,imei=%q,problem=%q}", c.ICCID, c.IMEI, problem)
}

// parse returns the values in a text exposition, by series. It adds two for each card, which
// have its labels imei and iccid: found is 1 if a value of the card is served, and 0 if the
// platform does not know it; refused is 1 if that is a problem of the card.
func parse(t testing.TB, text string) map[string]float64 {
	t.Helper()
	values := make(map[string]float64)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		i := strings.LastIndex(line, " ")
		value, err := strconv.ParseFloat(line[i+1:], 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		values[line[:i]] = value
	}
	found := make(map[string]float64)
	for series := range values {
		if labels, ok := cardLabels(series); ok && strings.Count(series, "=") == 2 {
			found["found"+labels] = 1
		} else if ok && strings.HasPrefix(series, "simcard_problem{") {
			switch problemOf(series) {
			case "unknown", "gone":
				found["found"+labels] = 0
			case "refused":
				found["refused"+labels] = 1
			}
		}
	}
	maps.Copy(values, found)
	return values
}

var (
	cardLabelsPattern = regexp.MustCompile(`[{,](iccid="[^"]*",imei="[^"]*")[,}]`)
	problemPattern    = regexp.MustCompile(`,problem="([a-z_]+)"`)
)

// cardLabels returns the labels that identify the card of a series, if it has one.
func cardLabels(series string) (labels string, ok bool) {
	match := cardLabelsPattern.FindStringSubmatch(series)
	if match == nil {
		return "", false
	}
	return "{" + match[1] + "}", true
}

func problemOf(series string) string { return problemPattern.FindStringSubmatch(series)[1] }

// countSeries returns the number of a metric's series.
func countSeries(values map[string]float64, metric string) (n int) {
	for series := range values {
		if strings.HasPrefix(series, metric+"{") {
			n++
		}
	}
	return n
}

// expect checks that the series of want are there and have its values.
func expect(t testing.TB, got, want map[string]float64) {
	t.Helper()
	for series, value := range want {
		v, ok := got[series]
		switch {
		case !ok:
			t.Errorf("%s is not there, want %v", series, value)
		case v != value:
			t.Errorf("%s = %v, want %v", series, v, value)
		}
	}
}

// expectAbsent checks that none of the series is there.
func expectAbsent(t testing.TB, got map[string]float64, series ...string) {
	t.Helper()
	for _, s := range series {
		if v, ok := got[s]; ok {
			t.Errorf("%s = %v, want none", s, v)
		}
	}
}

// expectCards checks the number of cards that have an answer.
func expectCards(t testing.TB, got map[string]float64, want int) {
	t.Helper()
	expectCount(t, got, "found", want)
}

// expectCount checks the number of a metric's series.
func expectCount(t testing.TB, got map[string]float64, metric string, want int) {
	t.Helper()
	if n := countSeries(got, metric); n != want {
		t.Errorf("%d series of %s, want %d", n, metric, want)
	}
}

// checkTruth checks that every value served is the platform's, and that there are
// some.
func checkTruth(t testing.TB, sim *simulator.Simulator, got map[string]float64) {
	t.Helper()
	if checkValues(t, sim, got) == 0 {
		t.Error("no card was served")
	}
}

// checkValues checks that every value served is the platform's, and returns their
// number.
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
		want, ok := platformValue(t, name, card, known)
		if !ok {
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

// platformValue returns the value that a metric of a card must have, and false
// if it does not come from the platform.
func platformValue(t testing.TB, metric string, card simulator.Card, known bool) (value float64, ok bool) {
	t.Helper()
	switch metric {
	case "found":
		if known {
			return 1, true
		}
		return 0, true
	case "simcard_status":
		return float64(card.Status), true
	case "simcard_balance_bytes":
		var kib float64
		if _, err := fmt.Sscanf(card.Balance, "%fKB", &kib); err != nil {
			t.Fatalf("balance %q: %v", card.Balance, err)
		}
		return kib * 1024, true
	case "simcard_expiry_timestamp_seconds":
		return unix(t, card.ExpireTS), true
	case "simcard_activation_timestamp_seconds":
		return unix(t, card.ActiveTS), true
	default:
		return 0, false
	}
}

func unix(t testing.TB, local string) float64 {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02T15:04:05", local, time.FixedZone("CST", 8*60*60))
	if err != nil {
		t.Fatal(err)
	}
	return float64(at.Unix())
}
