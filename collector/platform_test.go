package collector

import (
	"sync"
	"testing"

	"simcard_exporter/collector/szzkc/simulator"
)

// identifiers returns both identifiers of each card, for a platform that treats the
// cards in the same way by either.
func identifiers(cards ...simulator.Card) []string {
	var ids []string
	for _, c := range cards {
		ids = append(ids, c.IMEI, c.ICCID)
	}
	return ids
}

// onePerBatch returns one card of each batch of 20, by its place in the batch.
func onePerBatch(cards []simulator.Card, place int) (some []simulator.Card) {
	for i := place; i < len(cards); i += 20 {
		some = append(some, cards[i])
	}
	return some
}

// asksByIMEI reports whether a request queries its cards by IMEI.
func asksByIMEI(ids []string) bool { return len(ids[0]) == 15 }

// replacePlatform makes sim the platform, and loads the groups with that change.
func (env *testEnv) replacePlatform(t *testing.T, sim *simulator.Simulator, change Change, groups ...Group) {
	t.Helper()
	env.sim, env.client = sim, connect(t, sim)
	env.load(change, groups...)
}

// requestCounts counts the requests that arrive at the platform, by class. The zero
// value is ready for use.
type requestCounts struct {
	mu      sync.Mutex // protects all below
	byClass map[string]int
}

func (c *requestCounts) add(class string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byClass == nil {
		c.byClass = make(map[string]int)
	}
	c.byClass[class]++
}

// take returns what was counted since the last take.
func (c *requestCounts) take() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := c.byClass
	c.byClass = nil
	return counts
}

// observe returns b with every request counted in the class that classify returns.
func (c *requestCounts) observe(b simulator.Behaviour, classify func(ids []string) string) simulator.Behaviour {
	only := b.Only
	faulty := b.Fault != simulator.None
	if !faulty {
		b.Fault = simulator.HTML // without a fault Only is not called
	}
	b.Only = func(ids []string) bool {
		c.add(classify(ids))
		return faulty && (only == nil || only(ids))
	}
	return b
}

// batchOrCard classifies requests: for several cards, or for one.
func batchOrCard(ids []string) string {
	if len(ids) == 1 {
		return "card"
	}
	return "batch"
}
