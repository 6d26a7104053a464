"""matplotlib's figures, as this package gives them; imported where one is drawn."""

import io

import matplotlib.figure

__all__ = ["COLOURS", "Figure"]

#: Of lines that are told apart by colour, for every kind of colour vision (Okabe and Ito 2008, without the yellow).
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#000000")


class Figure(matplotlib.figure.Figure):
    """A figure that every notebook shows: a kernel that has not seen pyplot would print its class and its size."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()
