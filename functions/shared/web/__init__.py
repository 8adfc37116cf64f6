"""The HTTP edge of every HTTP function: requests, responses, problems."""
