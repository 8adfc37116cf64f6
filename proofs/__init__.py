"""Proves the promises: every crash point, a storm of faults, and a minute of trouble to watch."""
