"""Every execution, within stated bounds, of the real code over a store and a broker in memory: docs/explore.md."""
