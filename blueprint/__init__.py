"""What Usher is made of: topology.toml, the bundles of its functions, and the user's own gcloud."""
