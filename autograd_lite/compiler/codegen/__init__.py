"""Where values live, and the text that computes them."""
