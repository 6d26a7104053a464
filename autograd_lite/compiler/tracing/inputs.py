"""Inputs from outside: numbers and arrays that have changed between two calls, and so are read in every call.

While the function is traced a symbol stands in their place; what the function leaves there the program writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.compiler.ir.program import Variable
from autograd_lite.compiler.tracing.places import ABSENT, Place
from autograd_lite.compiler.tracing.traced import Number, Traced, TraceError
from autograd_lite.compiler.tracing.tracer import Tracer
from autograd_lite.engine.graph import Node
from autograd_lite.engine.messages import describe
from autograd_lite.engine.tracing_protocol import Symbol
from autograd_lite.tensor.tensor import Tensor, wrap


class Held(dict[str, Any]):
    """A place as a container: what it holds stands under "value"."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def __getitem__(self, key: str) -> Any:
        return self.place.look.read(self.place.holder, self.place.key)

    def __setitem__(self, key: str, value: Any) -> None:
        self.place.put(value)


class Input(NamedTuple):
    """A place that holds a symbol while tracing."""

    place: Place
    symbol: Any
    variable: Variable


def can_vary(place: Place) -> bool:
    """Whether what a place holds can be an input of a program."""
    number = isinstance(place.value, float | int | np.floating) and type(place.value) is not bool
    return place.look.write is not None and (number or isinstance(place.value, np.ndarray))


class Inputs:
    """The places whose values a program reads in every call."""

    def __init__(self, places: Iterable[Place]) -> None:
        now = [place._replace(value=place.now()) for place in places]
        self.places = [place for place in now if place.value is not ABSENT and can_vary(place)]
        self.identities = {place.identity for place in self.places}
        self.exchanged: list[Input] = []

    def exchange(self, tracer: Tracer) -> None:
        """Put symbols in their places; where there is one already, an optimizer's setting is looked after."""
        for place in self.places:
            if isinstance(place.now(), Symbol):
                continue
            value = place.value
            wish = place.key if isinstance(place.key, str) else place.what
            variable = tracer.variable("place", value, wish if wish.isidentifier() else None)
            variable.place = (Held(place), "value")
            if isinstance(value, np.ndarray | np.generic):
                array = np.array(value)[()]
                symbol: Any = wrap(Node(Traced(tracer, array, variable)))
            else:
                symbol = Number(tracer, value, variable, nonzero=bool(value))
            self.exchanged.append(Input(place, symbol, variable))
            place.put(symbol)

    def writes(self) -> Iterator[tuple[Variable, Variable]]:
        """What the function has left in their places, where it is not what was there."""
        for place, symbol, variable in self.exchanged:
            after = place.now()
            content = symbol.node.value if isinstance(symbol, Tensor) else symbol
            if after is symbol and content.variable is variable:
                continue
            if not isinstance(after, Number):  # nor does a program change in place what somebody else may hold
                raise TraceError(
                    f"{place.what} has become {describe(after)} while tracing, and was {describe(place.value)}"
                )
            yield variable, after.current()

    def restore(self) -> None:
        """Put back what was there."""
        for place, _, _ in self.exchanged:
            place.put(place.value)
