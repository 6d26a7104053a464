"""Gradients that are wrong: compared with differences, diagnosed, and the first value that is not finite."""
