"""Views and assignment: tensors share memory where NumPy's arrays do."""
