"""Decides on live data whether the promises hold: a function called on a schedule, and the use case of a command."""
