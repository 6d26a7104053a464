"""NumPy as the oracle: calls of its functions, valid and not, drawn by chance, and what tensors must do in each."""
