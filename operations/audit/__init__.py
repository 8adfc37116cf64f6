"""Audit: decides on live data whether every promise holds, and says what repairs what does not."""
