// Package simulator is the SIM card platform as an [http.Handler]: for tests,
// benchmarks and fault storms of whatever asks the platform, and for a
// demonstration that needs neither an account nor a card.
//
// It is written from the platform's page alone and declares its own wire
// format, independently of any client. A client that misreads the page
// disagrees with the simulator, rather than with nobody.
//
// A [Simulator] starts healthy: it answers at once and to the letter of the
// page. A [Behaviour] makes it slow, picky or faulty. What the page leaves open
// is decided as the platform most likely does it: a batch of which some cards
// are unknown is answered with the others, in the order of the request.
package simulator
