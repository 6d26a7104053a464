"""matplotlib's figures, as this package gives them; imported where one is drawn."""

import io

import matplotlib.colors
import matplotlib.figure

from autograd_lite.support.colours import NEGATIVE, POSITIVE, ZERO

__all__ = ["COLOURS", "SIGNED", "Figure"]

#: Of lines that are told apart by colour, for every kind of colour vision (Okabe and Ito 2008, without the yellow).
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#000000")

#: From what is negative, or class 0, to what is positive, or class 1: as in every other picture.
SIGNED = matplotlib.colors.LinearSegmentedColormap.from_list(
    "signed", [[part / 255 for part in colour] for colour in (NEGATIVE, ZERO, POSITIVE)]
)


class Figure(matplotlib.figure.Figure):
    """A figure that every notebook shows: a kernel that has not seen pyplot would print its class and its size."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()
