"""What `python -m emulator` does besides starting the stack."""
