"""The local mail server and its inbox."""
