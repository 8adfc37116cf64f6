"""Sends the welcome mail: a subscriber."""
