"""Brings Usher to a Google Cloud project: `python -m deploy`."""
