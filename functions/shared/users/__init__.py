"""What functions share about users: when two addresses are one, and what reserves one."""
