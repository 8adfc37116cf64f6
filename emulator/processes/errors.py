"""The one error that a person who runs the stack is meant to read."""


class StackError(Exception):
    """The stack cannot go on. The text is one sentence: what is wrong and what to do about it."""
