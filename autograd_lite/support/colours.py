"""The colours of every picture: told apart by all eyes, and by a sign and a shade in black and white."""

from __future__ import annotations

Colour = tuple[int, int, int]

NEGATIVE: Colour = (232, 137, 28)
ZERO: Colour = (255, 255, 255)
POSITIVE: Colour = (47, 111, 224)
NOT_FINITE, FAILED = "#ff00ff", "#d00000"
FAINT, STRONG = (214, 196, 228), (74, 0, 110)  # what flows: the darker the more
ROLES = {
    "input": "#d6e9f8",
    "parameter": "#a9d9c1",
    "constant": "#d0d0d0",
    "interior": "#faf8f2",
    "output": "#f4bd6a",
    "module": "#e3d4ec",
    "folded": "#dddddd",
    "failed": "#f6c1bb",
}


def blend(start: Colour, end: Colour, t: float) -> str:
    """The colour at `t` in [0, 1] of the way from one to another."""
    return "#" + "".join(f"{round(a + (b - a) * t):02x}" for a, b in zip(start, end, strict=True))


def of_number(share: float) -> str:
    """The colour of a number, given as its share of the largest magnitude, from -1 to 1."""
    return blend(ZERO, POSITIVE if share > 0 else NEGATIVE, min(abs(share), 1.0))


def ink(colour: str) -> str:
    """The colour of text that can be read on another."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#ffffff" if 0.3 * red + 0.6 * green + 0.1 * blue < 140 else "#000000"
