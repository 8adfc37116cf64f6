"""Registers a user: the HTTP function, and the relay of the events it left behind."""
