"""Usher as it is explored: its processes, its promises, and what meets what."""
