"""Usher measured, side by side with a quickstart and with the machine's own limits: `make bench`."""
