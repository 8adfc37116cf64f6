"""The brokers that tests and proofs run Usher on, handled past all faults."""
