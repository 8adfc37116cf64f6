"""Texts the site's admin about a new user: a Pub/Sub-triggered function."""
