"""What others see of the functions, by name: documents in Firestore, states, log events. Each is said here once."""
