package exposition

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"simcard_exporter/collector/problem"
)

// tables are all that a snapshot exposes, in the order in which it is written.
var tables = []familyTable{
	table[Group]{
		families: groupFamilies, labels: []string{"group"},
		rows:   func(s *Snapshot) []Group { return s.Groups },
		values: func(g *Group, values []string) { values[0] = g.Name },
	},
	table[countRow]{
		families: stateFamilies, labels: []string{"group", "state"},
		rows: func(s *Snapshot) []countRow {
			return countRows(s, problem.States(), func(n *problem.Counts, state problem.State) int { return n.States[state] })
		},
		values: func(r *countRow, values []string) { values[0], values[1] = r.group, r.value },
	},
	table[countRow]{
		families: problemCardsFamilies, labels: []string{"group", "problem"},
		rows: func(s *Snapshot) []countRow {
			return countRows(s, problem.All(), func(n *problem.Counts, p problem.Problem) int { return n.Problems[p] })
		},
		values: func(r *countRow, values []string) { values[0], values[1] = r.group, r.value },
	},
	table[Card]{
		families: cardFamilies, labels: []string{"imei", "iccid"},
		rows:   func(s *Snapshot) []Card { return s.Cards },
		values: func(c *Card, values []string) { values[0], values[1] = c.IMEI, c.ICCID },
	},
	table[Card]{
		families: infoFamilies, labels: []string{"imei", "iccid", "service_number", "group"}, users: true,
		rows: func(s *Snapshot) []Card { return s.Cards },
		values: func(c *Card, values []string) {
			values[0], values[1], values[2], values[3] = c.IMEI, c.ICCID, c.serviceNumber(), c.Group
			copy(values[4:], c.Labels)
		},
	},
	table[problemRow]{
		families: problemFamilies, labels: []string{"imei", "iccid", "group", "problem"}, users: true,
		rows: problemRows,
		values: func(r *problemRow, values []string) {
			values[0], values[1], values[2], values[3] = r.IMEI, r.ICCID, r.Group, r.problem.String()
			copy(values[4:], r.Labels)
		},
	},
}

// table is families whose series have the same labels, and come from the same rows.
type table[R any] struct {
	families []family[R]
	labels   []string // their names
	users    bool     // the labels of the user follow
	rows     func(*Snapshot) []R
	values   func(row *R, values []string) // sets the values of the labels
}

// familyTable is a table of any rows.
type familyTable interface {
	names() []string // of the families
	write(t *textWriter, s *Snapshot, selected func(family string) bool)
	writeProtobuf(p *protobufWriter, s *Snapshot, selected func(family string) bool)
	collectors(s *Snapshot) []prometheus.Collector // of one family each
}

func (t table[R]) names() (names []string) {
	for i := range t.families {
		names = append(names, t.families[i].name)
	}
	return names
}

func (t table[R]) labelNames(s *Snapshot) []string {
	if !t.users {
		return t.labels
	}
	return slices.Concat(t.labels, s.LabelNames)
}

// countRow is how many cards of a group have something in common.
type countRow struct {
	group, value string // the values of the labels
	cards        int
}

// countRows returns a row for each group and each of what its cards are counted by.
func countRows[T interface{ String() string }](s *Snapshot, by []T, count func(*problem.Counts, T) int) (rows []countRow) {
	for i := range s.Groups {
		for _, value := range by {
			rows = append(rows, countRow{s.Groups[i].Name, value.String(), count(&s.Groups[i].Counts, value)})
		}
	}
	return rows
}

// problemRow is one problem of a card.
type problemRow struct {
	*Card
	problem problem.Problem
}

func problemRows(s *Snapshot) (rows []problemRow) {
	for i := range s.Cards {
		for p := range s.Cards[i].Problems.All() {
			rows = append(rows, problemRow{&s.Cards[i], p})
		}
	}
	return rows
}
