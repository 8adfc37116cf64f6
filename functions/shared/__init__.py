"""What at least two functions import."""
