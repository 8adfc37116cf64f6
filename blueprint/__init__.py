"""What Usher is made of: topology.toml, the bundles of its functions, and the gcloud of who runs it."""
