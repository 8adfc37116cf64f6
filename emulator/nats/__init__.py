"""NATS on this machine: the server, its streams, and the pusher that calls the subscribers."""
