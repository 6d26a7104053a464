"""The engine: what is recorded, and the one walk back. It names no operation."""
