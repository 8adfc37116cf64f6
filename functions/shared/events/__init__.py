"""The event contract: what is published when a user has signed up."""
