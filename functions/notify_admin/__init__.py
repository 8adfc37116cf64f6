"""Texts the site's admin about a new user: a subscriber."""
