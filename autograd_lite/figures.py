"""matplotlib's figures, as this package gives them; imported where one is drawn."""

import io

import matplotlib.figure

__all__ = ["Figure"]


class Figure(matplotlib.figure.Figure):
    """A figure that every notebook shows: a kernel that has not seen pyplot would print its class and its size."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()
