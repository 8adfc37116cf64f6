"""Google's Pub/Sub and Firestore emulators: where they are, how they start, what is created on them."""
