"""The local stack: Usher on Google's own emulators, `python -m emulator up`."""
