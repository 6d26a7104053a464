"""The tensor: a handle on a node of the graph, with NumPy's operators, methods, views and protocols."""
