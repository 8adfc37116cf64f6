"""Delivering once: who may act on an event, and what became of it."""
