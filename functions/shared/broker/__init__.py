"""The one seam to the message broker: what is published, and what it answers."""
