"""The functions on this machine: their environments, the server each runs under, the schedule and the reload."""
