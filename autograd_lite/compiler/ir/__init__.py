"""The program that a trace writes and everything else reads."""
