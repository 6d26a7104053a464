"""Loading a state_dict: everything is checked before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from autograd_lite.engine.array_like import array_of_any
from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.tensor.tensor import Tensor


class Mismatch(NamedTuple):
    """The paths in which a module and a state_dict differ."""

    missing: list[str]
    unexpected: list[str]


def load(module: str, tensors: Mapping[str, Tensor], state_dict: Mapping[str, Any], strict: bool) -> Mismatch:
    """Copy `state_dict` into `tensors`; `module` is the name that errors give."""
    arrays, errors = {}, []
    for path, tensor in tensors.items():
        if path in state_dict:
            value = state_dict[path]
            try:
                array = array_of_any(value.detach() if isinstance(value, Tensor) else value)
                if array.dtype.kind not in "biuf":
                    errors.append(f"{path} is {array.dtype}, not numbers")
                elif array.shape != tensor.shape:
                    errors.append(f"{path} has shape {array.shape}, expected {tensor.shape}")
                else:
                    arrays[path] = array_from(array, tensor.dtype)
            except (TypeError, RuntimeError) as error:  # of another library, perhaps, whose arrays refuse to be read
                errors.append(f"{path}: {error}")
    mismatch = Mismatch(
        [path for path in tensors if path not in state_dict],
        [path for path in state_dict if path not in tensors],
    )
    if strict:
        errors += [f"missing: {', '.join(mismatch.missing)}"] if mismatch.missing else []
        errors += [f"unexpected: {', '.join(mismatch.unexpected)}"] if mismatch.unexpected else []
    if errors:
        raise ValueError(
            f"the state_dict does not fit {module}, and nothing was loaded:" + "".join(f"\n  {e}" for e in errors)
        )
    for path, array in arrays.items():
        tensors[path].data = array
    return mismatch
