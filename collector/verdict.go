package collector

// outcome classifies the result of one request. The numbers are in saved files: a new one
// comes last.
type outcome uint8

const (
	answered   outcome = iota // readable items, or the text that says that the platform knows none of the cards
	incomplete                // items, some of them unreadable
	refused                   // the platform refuses the request in words
	failed                    // anything else
)

// purpose is what a request is for.
type purpose uint8

const (
	forBatch   purpose = iota // for all cards of a batch that are not in quarantine
	forPart                   // for some of them, in a bisection
	forAlone                  // for one card in quarantine
	forPress                  // for one card, since somebody pressed the button on its page
	forControl                // for one card, to learn whether the platform answers
	forProbe                  // likewise, while the breaker is open
)

// controls reports whether it is to learn whether the platform answers.
func (p purpose) controls() bool { return p >= forControl }

// situation is what judge needs to know about a request.
type situation struct {
	outcome
	purpose
	cards    int  // number of cards that it was for
	vanished bool // the answer has none of the cards, and the platform knew some of them
	evidence bool // the platform answers, see way.evidence
	inVain   bool // a control was sent for evidence, and brought none
	mayRetry bool // the same request may soon succeed, and a retry is left
	failures int  // failed refreshes of the batch in a row before this one
	open     bool // the breaker is
}

// verdict is what follows from the outcome of a request.
type verdict struct {
	keep bool // it is an answer: store it
	next action
}

// action is what the refresh does next.
type action uint8

const (
	goesOn     action = iota // to what is left to do
	fails                    // likewise, but the batch has failed
	retries                  // the same request after a while
	waits                    // for evidence; then the request is judged again
	bisects                  // ask for each half of the cards, or for the one card once more
	isAtFault                // the card is, if the rest of the bisection comes to its end
	staysAlone               // the card is in quarantine longer, and no more of these are asked for
)

// failuresToBisect is the number of failed refreshes in a row after which a batch is
// bisected. One that is refused is bisected at once.
const failuresToBisect = 3

// judge decides what follows from what a request brought. It decides all that the
// exporter does about failures, except for single unreadable items.
func judge(s situation) verdict {
	switch {
	case s.purpose == forPress:
		return verdict{keep: s.outcome == answered && !s.vanished}
	case s.outcome == answered && !s.vanished:
		return verdict{keep: true}
	case s.outcome == incomplete:
		return verdict{keep: true, next: fails}
	case s.controls() || s.purpose == forAlone && s.open:
		return verdict{}
	case s.open:
		return verdict{next: fails}
	case s.vanished && s.evidence:
		return verdict{keep: true}
	case s.inVain:
		return verdict{next: fails}
	case s.vanished:
		return verdict{next: waits}
	case s.purpose == forAlone:
		return verdict{next: staysAlone}
	case s.purpose == forPart && s.cards == 1:
		return verdict{next: isAtFault}
	case s.purpose == forPart:
		return verdict{next: bisects}
	case s.mayRetry:
		return verdict{next: retries}
	case s.outcome != refused && s.failures+1 < failuresToBisect:
		return verdict{next: fails}
	case s.evidence:
		return verdict{next: bisects}
	default:
		return verdict{next: waits}
	}
}
