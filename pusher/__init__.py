"""Pushes what is on NATS JetStream to the subscribers, as Pub/Sub pushes by itself."""
