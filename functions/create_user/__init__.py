"""Registers a user: an HTTP function."""
