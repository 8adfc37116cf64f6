"""Events that are stored and not yet published: publish, then clear."""
