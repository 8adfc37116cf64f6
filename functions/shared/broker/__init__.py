"""The one seam to the message broker: what is published, and what is pushed."""
