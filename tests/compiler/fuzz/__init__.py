"""Random programs of arrays: compiled they give eager mode's results, bit for bit, call after call."""
