package collector

import (
	"testing"

	"simcard_exporter/collector/exposition"
	"simcard_exporter/collector/pages"
)

// TestStatesHaveNames: every state of the pages is one that a card can be in.
func TestStatesHaveNames(t *testing.T) {
	for _, state := range pages.States() {
		if exposition.StateOf(string(state)) < 0 {
			t.Errorf("no card can be in the state %s", state)
		}
	}
	if exposition.StateOf("") >= 0 || new(exposition.StateSet).Has(-1) {
		t.Error("a card can be in no state at all")
	}
}
