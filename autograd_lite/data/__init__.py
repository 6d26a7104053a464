"""Data: batches of arrays; and, imported by name, the built-in data sets and tables read from CSV files."""

from autograd_lite.data.loader import DataLoader

__all__ = ["DataLoader"]
