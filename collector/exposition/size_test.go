package exposition

import "testing"

// TestSizeSeries: every series counts, whatever its labels look like.
func TestSizeSeries(t *testing.T) {
	s := &Snapshot{LabelNames: []string{"shop"}}
	for _, shop := range []string{"北京店", `"a"`, "line\nbreak", "# HELP", "# HELP a # TYPE b", "\n# TYPE c"} {
		s.Cards = append(s.Cards, Card{IMEI: shop, Labels: []string{shop}, Answered: true})
	}
	if got, want := s.Size().Series, 2*len(s.Cards); got != want {
		t.Errorf("%d series, want %d", got, want)
	}
}
