"""The brokers that operations work on."""
