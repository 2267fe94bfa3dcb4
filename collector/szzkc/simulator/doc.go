// Package simulator is the SIM card platform as an [http.Handler], for tests and
// benchmarks of its clients and for demonstrations without an account or cards.
//
// It follows the documentation of the platform's API and declares its own wire
// types. It shares no code with the client: if the client misreads the
// documentation, its tests fail.
//
// A [Simulator] starts healthy: it answers at once and exactly as documented. A
// [Behaviour] makes it slow or faulty, or has it refuse cards. Where the
// documentation is silent, the simulator does what the platform most likely does:
// it leaves unknown cards out of the answer and keeps the order of the request.
package simulator
