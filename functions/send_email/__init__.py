"""Sends the welcome mail: a Pub/Sub-triggered function."""
