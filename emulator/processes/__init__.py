"""Processes that the stack starts, watches and ends, and the ports they listen on."""
