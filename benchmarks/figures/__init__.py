"""The figures, each with how it is measured."""
