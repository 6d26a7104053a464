"""What the colours mean: one small table under every drawing, of what is in it."""

from __future__ import annotations

import numpy as np

from autograd_lite.drawing.array_cells import small
from autograd_lite.drawing.arrows import Array
from autograd_lite.drawing.graph_view import View
from autograd_lite.drawing.shades import shade
from autograd_lite.engine.graph import Node
from autograd_lite.support.colours import FAINT, NEGATIVE, POSITIVE, ROLES, STRONG, ZERO, blend, ink


def legend(view: View) -> str:
    """Rows of a table: the roles, the scale of heat maps, what an arrow carries."""
    found = {role for item, role in view.roles.items() if item not in view.amounts}
    rows = [[swatch(ROLES[role], role) for role in ROLES if role in found]] if found else []
    if view.amounts:
        rows.append(
            [
                *(swatch(shade(t), f"{t:.0%}") for t in (0.0, 0.5, 1.0)),
                words("of the darkest; the amount stands in the box"),
            ]
        )
    if any(np.size(item.value) > 1 for item in view.items if isinstance(item, Node | Array)):
        rows.append([*scale(), words("of the largest magnitude; – negative")])
    if view.shows_gradients:
        rows.append([*shades(), words("gradient through this use; grey: 0, dashed: none")])
    inner = "".join(f"<TR><TD>{line(row)}</TD></TR>" for row in rows)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{inner}</TABLE>'


def line(cells: list[str]) -> str:
    """One row, as wide as it has to be."""
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="2"><TR>{"".join(cells)}</TR></TABLE>'


def swatch(colour: str, label: str) -> str:
    """A word on its colour."""
    return f'<TD BORDER="1" COLOR="#999999" BGCOLOR="{colour}">{small(label, ink(colour))}</TD>'


def words(label: str) -> str:
    """A word beside colours."""
    return f'<TD BORDER="0">{small(label)}</TD>'


def scale() -> list[str]:
    """From the deepest colour of the one sign to that of the other."""
    ends = [(NEGATIVE, "– 100 %"), (ZERO, "0"), (POSITIVE, "100 %")]
    return [swatch(blend(ZERO, end, 1.0), label) for end, label in ends]


def shades() -> list[str]:
    """Three powers of ten of what flows."""
    return [swatch(blend(FAINT, STRONG, t), label) for t, label in ((0.0, "1/1000"), (0.5, "1/30"), (1.0, "largest"))]
