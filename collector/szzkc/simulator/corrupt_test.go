package simulator

import (
	"slices"
	"testing"
	"time"
)

// Some faults treat each of the first items differently. Eight items show all of it.
func TestFaultsOfManyItems(t *testing.T) {
	var items []wireItem
	for range 8 {
		items = append(items, newWireItem(PageCards()[0], time.Time{}))
	}
	healthy := items[0]

	var times []string
	for _, item := range corrupt(slices.Clone(items), DotNetTimes) {
		times = append(times, item.activeTS)
	}
	want := []string{
		`"2019-07-02T11:03:42.123"`, `"2019-07-02T11:03:42+08:00"`, `"2019-07-02T03:03:42Z"`, `null`, `""`,
		`"0001-01-01T00:00:00"`, `"2019-07-02T11:03:42.1234567+08:00"`, `"2019-07-02T11:03:42.123"`,
	}
	if !slices.Equal(times, want) {
		t.Errorf("times %q, want %q", times, want)
	}

	corrupted := corrupt(slices.Clone(items), UnreadableFields)
	if got := string(corrupted[3].appendTo(nil)); got != `{"ServiceNum":"460044352904839","IMEI":"352019040635785","ICCID":"89860423191970454839"}` {
		t.Errorf("the fourth item is %s", got)
	}
	if corrupted[4] != healthy {
		t.Errorf("the fifth item is %+v", corrupted[4])
	}
	if got := dotNetTime("null", 0); got != "null" {
		t.Errorf("a text that is not a time became %s", got)
	}
}

func TestFaultsOfNoItems(t *testing.T) {
	for _, fault := range Faults() {
		if !fault.corruptsItems() || fault == ForeignItems {
			continue
		}
		sim, server := serve(t)
		sim.SetBehaviour(Behaviour{Fault: fault})
		if got := query(t, server, "352019040000000"); got.body != noData {
			t.Errorf("%s: %s", fault, got.body)
		}
	}
}
