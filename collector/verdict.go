package collector

import "simcard_exporter/collector/limits"

// outcome classifies the result of one request. The numbers are in saved files: a new one
// comes last.
type outcome uint8

const (
	answered   outcome = iota // readable items, or the text that says that the platform knows none of the cards
	incomplete                // items, some of them unreadable
	refused                   // state is false, with any other text: platform.Rejected
	failed                    // anything else
)

// situation is what judge needs to know about a request.
type situation struct {
	outcome
	cards          int  // number of cards that it was for
	partial        bool // for only a part of the cards that the refresh queries together
	quarantined    bool // for one card, in quarantine
	probe          bool // of the refresh that probes while the breaker is open
	othersAnswered bool // see refresher.othersAnswered
	failures       int  // failed refreshes of the batch in a row before this one
	noBisect       bool // the breaker is open, or a ban holds
	mayRetry       bool // the same request may soon succeed, and a retry is left
	ended          bool // no request of the refresh follows
}

// verdict is what follows from the outcome of a request.
type verdict struct {
	vote       limits.Vote
	fails      bool // the refresh of the batch has failed
	retry      bool // repeat the request after a while
	undecided  bool // judge the one card again when the refresh has ended
	bisect     bool // query each half of the cards
	quarantine bool // quarantine the one card, or prolong its quarantine
}

// failuresToBisect is the number of failed refreshes in a row after which a batch is
// bisected. One that is refused is bisected at once.
const failuresToBisect = 3

// judge decides what follows from the outcome of a request. It decides all that the
// exporter does about failures, except for unreadable items.
func judge(s situation) verdict {
	vote := limits.Failure
	if s.partial && s.othersAnswered {
		vote = limits.Neither // one of these cards is at fault, not the platform
	}
	cardsAtFault := s.outcome == refused || s.failures+1 >= failuresToBisect && s.othersAnswered
	switch {
	case s.mayRetry:
		return verdict{vote: limits.Failure, fails: true, retry: true}
	case s.quarantined && !s.probe:
		return verdict{quarantine: s.outcome != answered}
	case s.outcome == answered:
		return verdict{vote: limits.Success}
	case s.quarantined:
		return verdict{vote: limits.Failure}
	case s.cards == 1 && !s.ended:
		return verdict{undecided: true}
	case s.outcome == incomplete:
		return verdict{vote: limits.Success, fails: true}
	case s.cards > 1 && cardsAtFault && !s.noBisect:
		return verdict{vote: vote, bisect: true}
	case s.cards == 1 && s.othersAnswered && s.outcome == refused:
		return verdict{quarantine: true}
	case s.cards == 1 && s.othersAnswered && cardsAtFault:
		return verdict{vote: vote, quarantine: true}
	default:
		return verdict{vote: vote, fails: true}
	}
}
