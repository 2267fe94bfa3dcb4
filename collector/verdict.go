package collector

import "simcard_exporter/collector/limits"

// outcome is what one request brought.
type outcome int

const (
	answered   outcome = iota // items, or the text that says that the platform knows none of the cards
	incomplete                // items, some of them unreadable
	refused                   // state is false, with any other text
	failed                    // anything else
)

// situation is what a request is judged by.
type situation struct {
	outcome
	cards       int  // that it was for
	partial     bool // fewer than the refresh queries together
	quarantined bool // its one card was in quarantine
	probe       bool // nothing else is sent meanwhile
	others      bool // other requests were answered meanwhile, as refresher.othersAnswered says
	failures    int  // refreshes of the batch in a row that failed before
	noBisect    bool // the breaker is open, the batch is banned, or too much is in progress
}

// verdict is what follows.
type verdict struct {
	vote       limits.Vote
	fails      bool // the refresh of the batch
	bisect     bool // query each half of the cards
	quarantine bool // the one card; again if it was in quarantine
}

// failuresToBisect is how many refreshes in a row a batch must fail, in any way
// but a refusal, until it is bisected.
const failuresToBisect = 3

// judge decides what follows from what a request brought. Everything that the
// exporter does about failures depends on it.
func judge(s situation) verdict {
	vote := limits.Failure
	if s.partial && s.others {
		vote = limits.Neither // one of these cards is at fault, not the platform
	}
	cardsAtFault := s.outcome == refused || s.failures+1 >= failuresToBisect && s.others
	switch {
	case s.quarantined && !s.probe:
		return verdict{quarantine: s.outcome != answered}
	case s.outcome == answered:
		return verdict{vote: limits.Success}
	case s.quarantined:
		return verdict{vote: limits.Failure}
	case s.outcome == incomplete:
		return verdict{vote: limits.Success, fails: true}
	case s.cards > 1 && cardsAtFault && !s.noBisect:
		return verdict{vote: vote, bisect: true}
	case s.cards == 1 && s.others && s.outcome == refused:
		return verdict{quarantine: true}
	case s.cards == 1 && s.others && cardsAtFault:
		return verdict{vote: vote, quarantine: true}
	default:
		return verdict{vote: vote, fails: true}
	}
}
