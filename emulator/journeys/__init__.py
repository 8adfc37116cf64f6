"""What became of each sign-up, step by step, read from the functions' log lines."""
