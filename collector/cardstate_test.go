package collector

import (
	"testing"

	"simcard_exporter/collector/pages"
)

// TestStatesHaveNames: every state of the pages is one of the metrics or handled beside them.
func TestStatesHaveNames(t *testing.T) {
	for _, state := range pages.States() {
		if _, metric := metricStates[state]; !metric && state != pages.Stale && state != pages.Expiring {
			t.Errorf("no card can be in the state %s", state)
		}
	}
	if len(pages.States()) != len(metricStates)+2 {
		t.Errorf("the pages do not show all of %v", metricStates)
	}
}
