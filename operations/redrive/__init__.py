"""Redrive: puts back what was given up, so that it is delivered after all."""
