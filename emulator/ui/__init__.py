"""What the local stack shows over HTTP."""
