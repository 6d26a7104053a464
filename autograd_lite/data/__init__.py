"""Data: batches of arrays and of files; and, imported by name, the built-in data sets and tables read from CSV."""

from autograd_lite.data.loader import DataLoader
from autograd_lite.data.streams import TableStream, from_csv, from_parquet
from autograd_lite.data.tensor_dataset import TensorDataset, random_split

__all__ = ["DataLoader", "TableStream", "TensorDataset", "from_csv", "from_parquet", "random_split"]
