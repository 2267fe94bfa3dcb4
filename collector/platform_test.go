package collector

import (
	"sync"
	"testing"

	"simcard_exporter/collector/szzkc/simulator"
)

// identifiers returns both identifiers of each card, for a platform that is to
// treat the cards in some way however it is asked about them.
func identifiers(cards ...simulator.Card) []string {
	var ids []string
	for _, c := range cards {
		ids = append(ids, c.IMEI, c.ICCID)
	}
	return ids
}

// onePerBatch returns one card of each twenty.
func onePerBatch(cards []simulator.Card) (some []simulator.Card) {
	for i := 7; i < len(cards); i += 20 {
		some = append(some, cards[i])
	}
	return some
}

// asksByIMEI reports whether a request names its cards by IMEI.
func asksByIMEI(ids []string) bool { return len(ids[0]) == 15 }

// replacePlatform has sim answer from now on, and loads the groups with that
// change.
func (env *testEnv) replacePlatform(t *testing.T, sim *simulator.Simulator, change Change, groups ...Group) {
	t.Helper()
	env.sim, env.client = sim, connect(t, sim)
	env.load(change, groups...)
}

// requestCounts counts the requests that arrive at the platform, by kind. The
// zero value is ready.
type requestCounts struct {
	mu     sync.Mutex // protects all below
	byKind map[string]int
}

func (c *requestCounts) add(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKind == nil {
		c.byKind = make(map[string]int)
	}
	c.byKind[kind]++
}

// take returns what was counted since the last take.
func (c *requestCounts) take() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := c.byKind
	c.byKind = nil
	return counts
}

// observe returns b with every request counted under what kind returns for it.
func (c *requestCounts) observe(b simulator.Behaviour, kind func(ids []string) string) simulator.Behaviour {
	only := b.Only
	faulty := b.Fault != simulator.None
	if !faulty {
		b.Fault = simulator.HTML // without a fault Only is not called
	}
	b.Only = func(ids []string) bool {
		c.add(kind(ids))
		return faulty && (only == nil || only(ids))
	}
	return b
}

// batchOrCard tells the requests for several cards from those for one.
func batchOrCard(ids []string) string {
	if len(ids) == 1 {
		return "card"
	}
	return "batch"
}
