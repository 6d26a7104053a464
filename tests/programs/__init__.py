"""Ordinary NumPy programs, as people write them who know nothing of the engine."""

from tests.programs import language, learning, numerics, physics, statistics
from tests.programs.table import PROGRAMS

__all__ = ["PROGRAMS", "language", "learning", "numerics", "physics", "statistics"]
