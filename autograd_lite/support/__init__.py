"""What is not about gradients: optional packages, files that are written whole, figures."""
