"""The protocols by which NumPy and other libraries read an array: how a tensor's values leave the graph.

A tensor that requires a gradient hands out nothing, because its history would be lost without a word. What is handed
out is a copy, or read-only: nobody can write into a recorded value.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.graph import Node
from autograd_lite.engine.messages import describe
from autograd_lite.rules.registry import Recordable

AN_ARRAY: Any = np.empty(0)  # what NumPy answers for its own arrays is so for tensors


class ArrayProtocols(Recordable):
    """What NumPy, pandas, and who speaks DLPack or the array API standard ask an array for."""

    __slots__ = ()
    node: Node
    __array_priority__ = __pandas_priority__ = 1_000_000  # on their right, our operators come first
    device = "cpu"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.node.needs_grad:
            raise RuntimeError(
                f"{describe(self.node)} requires a gradient: say .detach().numpy() to leave the graph, .astype(dtype) "
                "for another dtype, or np.stack to join tensors; with another library's array on the left, as in "
                "df @ t, write np.asarray(df) @ t"
            )
        if copy is not False:
            return np.array(self.node.value, dtype)
        array = np.array(self.node.value, dtype, copy=False).view()
        array.flags.writeable = False
        return array

    def numpy(self) -> Any:
        """A copy of the values as a NumPy array; a tensor that requires a gradient must be detached first."""
        return self.__array__()

    def __dlpack__(self, *, copy: bool | None = None, **request: Any) -> Any:
        return self.__array__(copy=copy).__dlpack__(**request)

    def __dlpack_device__(self) -> Any:
        return AN_ARRAY.__dlpack_device__()

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        return AN_ARRAY.__array_namespace__(api_version=api_version)
