package collector

// outcome is what one request brought.
type outcome int

const (
	answered   outcome = iota // items, or the text that the platform knows none of the cards
	incomplete                // items, some of them unreadable
	refused                   // state is false, with any other text
	failed                    // anything else
)

// situation is what an outcome is judged by.
type situation struct {
	outcome
	cards       int  // that the request asked for
	quarantined bool // the one card that it asked for already was
	// others were answered since the batch's refresh began: others of the
	// batch, or of other batches if every card of this one is refused alone.
	// For several cards that fail, it is since the batch first failed.
	others     bool
	failures   int  // refreshes of the batch in a row that failed before
	unbisected bool // the batch is banned from being bisected, or the breaker is open
}

// vote is what an outcome means for the breaker.
type vote int

const (
	neither vote = iota
	success
	failure
)

// verdict is what follows.
type verdict struct {
	vote       vote
	fails      bool // the batch's refresh
	bisect     bool // ask for each half of the cards
	quarantine bool // the one card; again if it already was
	misread    bool // note the cards that could not be read
}

// failuresToBisect is how many refreshes in a row a batch must fail, in any way
// but a refusal, until it is bisected.
const failuresToBisect = 3

// judge is the table of what follows from what a request brought. Everything
// that the exporter does about failures hangs on it.
func judge(s situation) verdict {
	switch {
	case s.quarantined:
		return verdict{quarantine: s.outcome != answered}
	case s.outcome == answered:
		return verdict{vote: success}
	case s.outcome == incomplete:
		return verdict{vote: success, fails: true, misread: true}
	}
	cause := s.outcome == refused || s.failures+1 >= failuresToBisect && s.others
	switch {
	case s.cards > 1 && cause && !s.unbisected:
		return verdict{vote: failure, bisect: true}
	case s.cards == 1 && cause && s.others && s.outcome == refused:
		return verdict{quarantine: true}
	case s.cards == 1 && cause && s.others:
		return verdict{vote: failure, quarantine: true}
	default:
		return verdict{vote: failure, fails: true}
	}
}
