"""Data: batches of arrays; and, imported by name, the built-in data sets and tables read from CSV files."""

from autograd_lite.data.loader import DataLoader
from autograd_lite.data.tensor_dataset import TensorDataset, random_split

__all__ = ["DataLoader", "TensorDataset", "random_split"]
