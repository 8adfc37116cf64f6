"""Publishes the events that requests left in the outbox: a function called on a schedule."""
