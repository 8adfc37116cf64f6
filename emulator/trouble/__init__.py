"""Trouble: what went wrong, how it is put back, and the switches that make it go wrong on purpose."""
