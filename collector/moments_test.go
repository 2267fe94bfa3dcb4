package collector

import (
	"testing"
	"time"

	"simcard_exporter/collector/platform"
)

// shanghai is the platform's zone.
var shanghai = time.FixedZone("CST", 8*60*60)

// day returns a time of a day of December 2026 in the platform's zone.
func day(day, hour, minute int) time.Time {
	return time.Date(2026, time.December, day, hour, minute, 0, 0, shanghai)
}

// Without live, an answer is about the end of a day that ended six hours ago or more.
func TestDescribedAt(t *testing.T) {
	for name, test := range map[string]struct {
		sent time.Time
		live bool
		want time.Time
	}{
		"live":                              {sent: day(10, 10, 30), live: true, want: day(10, 10, 30)},
		"in the morning":                    {sent: day(10, 10, 30), want: day(10, 0, 0)},
		"just after midnight":               {sent: day(11, 0, 30), want: day(10, 0, 0)},
		"before the nightly job must end":   {sent: day(11, 5, 59), want: day(10, 0, 0)},
		"when it must have ended":           {sent: day(11, 6, 0), want: day(11, 0, 0)},
		"on the first, before that":         {sent: day(1, 3, 0), want: day(0, 0, 0)},
		"on the first":                      {sent: day(1, 7, 0), want: day(1, 0, 0)},
		"on New Year's Eve":                 {sent: day(31, 23, 59), want: day(31, 0, 0)},
		"on New Year's Day, but not in UTC": {sent: day(32, 7, 0).UTC(), want: day(32, 0, 0)},
	} {
		if got := describedAt(platform.InstantOf(test.sent), test.live, shanghai).Time(); !got.Equal(test.want) {
			t.Errorf("%s: %v, want %v", name, got.In(shanghai), test.want)
		}
	}
}

// asked is a request: when it was sent, how, and when the answer came.
type asked struct {
	sent time.Time
	live bool
	came time.Time // zero is at once
}

// Of the answers to some requests, numbered from 1 in the order in which they were sent and
// given in the order in which they came, one counts at each moment.
func TestTimelines(t *testing.T) {
	pressed := asked{sent: day(10, 10, 0), live: true}
	for name, test := range map[string]struct {
		numbers []uint64 // of the requests, if not in the order of their answers
		asked   []asked
		counts  []uint64 // which one counts after each
	}{
		"pressed, and daily half an hour later":   {asked: []asked{pressed, {sent: day(10, 10, 30)}}, counts: []uint64{1, 1}},
		"pressed, and daily after midnight":       {asked: []asked{pressed, {sent: day(11, 0, 30)}}, counts: []uint64{1, 1}},
		"pressed, and daily the next morning":     {asked: []asked{pressed, {sent: day(11, 7, 0)}}, counts: []uint64{1, 2}},
		"daily, and pressed":                      {asked: []asked{{sent: day(10, 9, 0)}, pressed}, counts: []uint64{1, 2}},
		"daily, and daily":                        {asked: []asked{{sent: day(10, 9, 0)}, {sent: day(10, 9, 1)}}, counts: []uint64{1, 2}},
		"daily, pressed, and daily for two days":  {asked: []asked{{sent: day(9, 9, 0)}, pressed, {sent: day(10, 22, 0)}, {sent: day(11, 10, 0)}}, counts: []uint64{1, 2, 2, 4}},
		"live answers that overtake each other":   {numbers: []uint64{2, 1}, asked: []asked{{sent: day(10, 10, 1), live: true, came: day(10, 10, 2)}, {sent: day(10, 10, 0), live: true, came: day(10, 10, 3)}}, counts: []uint64{2, 2}},
		"daily answers that overtake each other":  {numbers: []uint64{2, 1}, asked: []asked{{sent: day(10, 10, 1), came: day(10, 10, 2)}, {sent: day(10, 10, 0), came: day(10, 10, 3)}}, counts: []uint64{2, 2}},
		"a clock a day ahead at boot":             {asked: []asked{{sent: day(11, 10, 0), live: true}, {sent: day(10, 10, 1), live: true}}, counts: []uint64{1, 2}},
		"a clock a day ahead at boot, then daily": {asked: []asked{{sent: day(11, 10, 0), live: true}, {sent: day(10, 10, 1)}}, counts: []uint64{1, 2}},
		"a clock a day ahead, daily":              {asked: []asked{{sent: day(11, 10, 0)}, {sent: day(10, 10, 1)}}, counts: []uint64{1, 2}},
		"a clock set back while it was asked":     {asked: []asked{{sent: day(10, 10, 0), live: true, came: day(10, 9, 0)}, {sent: day(10, 9, 1), live: true}}, counts: []uint64{1, 2}},
		"on the last day of a month":              {asked: []asked{{sent: day(31, 23, 59), live: true}, {sent: day(32, 0, 30)}, {sent: day(32, 6, 30)}}, counts: []uint64{1, 1, 3}},
	} {
		var r record
		for i, a := range test.asked {
			number := uint64(i + 1)
			if test.numbers != nil {
				number = test.numbers[i]
			}
			if a.came.IsZero() {
				a.came = a.sent
			}
			status := int(number)
			r.put(&answer{
				moments: moments{seq: number, came: platform.InstantOf(a.came), about: describedAt(platform.InstantOf(a.sent), a.live, shanghai)},
				item:    &platform.Card{Status: &status},
			}, a.came)
			last := r.last()
			if got := uint64(*last.item.Status); got != test.counts[i] {
				t.Errorf("%s: after answer %d, that to request %d counts, want that to %d", name, i+1, got, test.counts[i])
			}
			if !last.young(a.came.Add(-1), a.came) {
				t.Errorf("%s: after answer %d the card does not count as answered", name, i+1)
			}
		}
	}
}

// What was said before is kept while it says the same; what the platform last said of a card
// that it does not know any more, and that it had a date, for ever.
func TestPast(t *testing.T) {
	status := func(s int) *platform.Card { return &platform.Card{Status: &s} }
	dated, last := status(1), status(1)
	dated.Expires = 1
	var r record
	for i, test := range []struct {
		said, card, item *platform.Card
		since            uint32
		wasDated         bool
	}{
		{said: nil, since: 0},
		{said: nil, since: 0},
		{said: dated, card: dated, item: dated, since: 2, wasDated: true},
		{said: status(1), since: 2, wasDated: true},
		{said: status(0), since: 4, wasDated: true},
		{said: &platform.Card{}, since: 5, wasDated: true},
		{said: last, card: last, item: last, since: 6, wasDated: true},
		{said: nil, item: last, since: 7, wasDated: true},
		{said: nil, item: last, since: 7, wasDated: true},
		{said: dated, card: dated, item: dated, since: 9, wasDated: true},
	} {
		at := time.Unix(int64(i), 0)
		r.put(&answer{moments: moments{seq: uint64(i), came: platform.InstantOf(at)}, unknown: test.said == nil, item: test.said}, at)
		got := r.last()
		if got.since != test.since || got.wasDated != test.wasDated {
			t.Errorf("answer %d: %+v, want since %d, dated %t", i, got, test.since, test.wasDated)
		}
		if test.said == test.card && (got.card() != test.card || got.item != test.item) {
			t.Errorf("answer %d: card %v and item %v, want %v and %v", i, got.card(), got.item, test.card, test.item)
		}
	}
}
