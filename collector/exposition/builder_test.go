package exposition

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"simcard_exporter/collector/platform"
)

type builderRow struct {
	card Card
	at   time.Time
}

type mergeTest struct {
	rows []builderRow // all with the same labels
	want Card
}

func TestMergeCard(t *testing.T) {
	for name, test := range mergeTests() {
		t.Run(name, func(t *testing.T) {
			var b Builder
			for _, r := range test.rows {
				b.MergeCard(r.card, r.at)
			}
			if got := b.Snapshot(nil).Cards; len(got) != 1 || !reflect.DeepEqual(got[0], test.want) {
				t.Errorf("got %+v, want only %+v", got, test.want)
			}
		})
	}
}

func mergeTests() map[string]mergeTest {
	early := time.Unix(1000, 0)
	late := early.Add(time.Second)
	older, younger := &platform.Card{ServiceNumber: "1"}, &platform.Card{ServiceNumber: "2"}
	return map[string]mergeTest{
		"the first row keeps its group and labels": {
			rows: []builderRow{
				{card: Card{Group: "a", Labels: []string{"x"}, Answered: true, Known: older}, at: early},
				{card: Card{Group: "b", Labels: []string{"y"}, Answered: true, Known: younger}, at: late},
			},
			want: Card{Group: "a", Labels: []string{"x"}, Answered: true, Known: younger},
		},
		"the later answer wins": {
			rows: []builderRow{
				{card: Card{Answered: true, Known: younger}, at: late},
				{card: Card{Answered: true, Known: older}, at: early},
			},
			want: Card{Answered: true, Known: younger},
		},
		"of three, the latest wins": {
			rows: []builderRow{
				{card: Card{Answered: true, Known: older}, at: early},
				{card: Card{Answered: true, Known: younger}, at: late.Add(time.Second)},
				{card: Card{Answered: true, Known: older}, at: late},
			},
			want: Card{Answered: true, Known: younger},
		},
		"of two answers of the same time, the first wins": {
			rows: []builderRow{
				{card: Card{Answered: true, Known: older}, at: late},
				{card: Card{Answered: true, Known: younger}, at: late},
			},
			want: Card{Answered: true, Known: older},
		},
		"an earlier answer with the card beats a later one without": {
			rows: []builderRow{
				{card: Card{Answered: true, Known: older}, at: early},
				{card: Card{Answered: true}, at: late},
			},
			want: Card{Answered: true, Known: older},
		},
		"the same with the rows the other way round": {
			rows: []builderRow{
				{card: Card{Answered: true}, at: late},
				{card: Card{Answered: true, Known: older}, at: early},
			},
			want: Card{Answered: true, Known: older},
		},
		"an answer fills a row without one": {
			rows: []builderRow{
				{card: Card{Refused: true}},
				{card: Card{Answered: true}, at: early},
			},
			want: Card{Answered: true, Refused: true},
		},
		"refused by either row": {
			rows: []builderRow{
				{card: Card{Answered: true, Known: older}, at: early},
				{card: Card{Refused: true}},
			},
			want: Card{Answered: true, Known: older, Refused: true},
		},
		"the first expected device": {
			rows: []builderRow{{card: Card{}}, {card: Card{Expected: "1"}}, {card: Card{Expected: "2"}}},
			want: Card{Expected: "1"},
		},
	}
}

// Rows that share one identifier only are of different cards, and keep their order.
func TestSnapshotKeepsTheOrder(t *testing.T) {
	var b Builder
	cards := []Card{{IMEI: "1", ICCID: "b"}, {IMEI: "2"}, {IMEI: "2", ICCID: "a"}, {IMEI: "1"}}
	for _, c := range cards {
		b.MergeCard(c, time.Time{})
	}
	b.AddGroup(Group{Name: "z"})
	b.AddGroup(Group{Name: "a"})
	s := b.Snapshot([]string{"shop"})
	if !reflect.DeepEqual(s.Cards, cards) {
		t.Errorf("cards are %+v, want %+v", s.Cards, cards)
	}
	if !reflect.DeepEqual(s.Groups, []Group{{Name: "z"}, {Name: "a"}}) || !slices.Equal(s.LabelNames, []string{"shop"}) {
		t.Errorf("groups %+v, label names %q", s.Groups, s.LabelNames)
	}
}
