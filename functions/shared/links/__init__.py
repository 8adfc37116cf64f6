"""Links that prove a mailbox: derived from keys and never stored."""
