"""Write docs/limits.md; with ``--large``, study a larger grid of numbers instead, and tell what is wrong there.

Near a zero of a derivative relative errors have no bound, and a random number may come near one.
"""

import sys

import numpy as np

from tests.limits import grids, page
from tests.limits.references import EVERY_CURVE, label
from tests.limits.study import study


def large(count=2000):
    """Random numbers of all sizes, in all dtypes; how many derivatives are wrong."""
    rng, total = np.random.default_rng(0), 0
    for function, curve in EVERY_CURVE.items():
        for dtype in grids.DTYPES:
            arguments = np.array([rng.choice(grids.many(dtype, count, rng), 4 * count) for _ in curve.first])
            points = study(function, curve, dtype, arguments)
            wrong = [p for p in points if p.wrong]
            print(label(function), np.dtype(dtype).name, f"{len(wrong)} of {len(points)} wrong", *wrong[:3], sep="  ")
            total += len(wrong)
    return total


if __name__ == "__main__":
    if "--large" in sys.argv:
        sys.exit(large() > 0)
    else:
        page.PAGE.write_text(page.page(), encoding="utf-8")
