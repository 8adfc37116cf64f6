"""What texts that strangers typed may hold."""
