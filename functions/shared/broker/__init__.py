"""The one seam to the message broker: what is published, and how it responds."""
