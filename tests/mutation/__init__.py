"""Faults put into the package on purpose, one at a time: whether the tests of their area notice.

``python -m tests.mutation 100`` draws a hundred, with the same seed the same ones, and tells which survive.
"""
