"""A function, run once for its program, with what it can read of Python's state."""
