"""Habits: what people type from memory, because PyTorch calls it so, and what to write here.

One table for each kind of thing: keywords that mean the same as NumPy's, keywords that mean something else, and
attributes of tensors, modules and the package that there are not. What works under its other name as well is a method
like any other (`tensor.pytorch_methods`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

KEYWORDS = {"dim": "axis", "keepdim": "keepdims", "dims": "axis", "dim1": "axis1", "dim2": "axis2"}
BESSEL = "NumPy's {0} divides by n, and PyTorch's by n - 1: write x.{0}(axis=…, ddof=1), or ddof=0"
EXTREME = "PyTorch's gives pairs of values and places: write x.{0}(axis=…), and x.arg{0}(axis=…) for the places"
OTHERWISE = {  # keywords, by method: what they mean in PyTorch is not what the method does here
    **{(name, word): BESSEL.format(name) for name in ("std", "var") for word in ("dim", "unbiased")},
    **{(name, "dim"): EXTREME.format(name) for name in ("max", "min")},
    ("sort", "dim"): "x.sort() sorts in place: write np.sort(x, axis=…), and np.argsort(x, axis=…) for the places",
    ("sort", "descending"): "write np.flip(np.sort(x, axis=…), axis=…)",
    ("argsort", "descending"): "write np.flip(np.argsort(x, axis=…), axis=…)",
    ("repeat", "dim"): "PyTorch's repeat is np.tile(x, …); to repeat the elements write x.repeat(n, axis=…)",
}
WORDS = frozenset(KEYWORDS) | {word for _, word in OTHERWISE}

ASSIGNED = "{} is an assignment: write "
TENSOR = {
    "cuda": "nothing in its place: arrays are in the memory of the CPU",
    "to": "x.astype(dtype); there is no other device",
    "type": "x.astype(dtype)",
    "is_cuda": "False: there is no device but the CPU",
    "grad_fn": "x.is_leaf; ag.draw(x) shows what x was computed by",
    "t": "x.T",
    "norm": "np.linalg.norm(x, axis=…)",
    "add": "x + y",
    "sub": "x - y",
    "mul": "x * y",
    "div": "x / y",
    "mm": "x @ y",
    "bmm": "x @ y",
    "mv": "x @ y",
    "eq": "x == y",
    "ne": "x != y",
    "lt": "x < y",
    "le": "x <= y",
    "gt": "x > y",
    "ge": "x >= y",
    "where": "np.where(condition, x, y)",
    "chunk": "np.array_split(x, n, axis=…)",
    "split": "np.split(x, n, axis=…), which takes the number of parts or where to cut, and not the length of a part",
    "unbind": "list(np.moveaxis(x, axis, 0))",
    "narrow": "a slice, x[:, start : start + length]",
    "index_select": "x.take(index, axis=…)",
    "masked_select": "x[mask]",
    "index_add": "x + y, with np.add.at(y, index, source)",
    "scatter": "y = x.copy(); np.put_along_axis(y, index, source, axis=…)",
    "tile": "np.tile(x, repeats)",
    "repeat_interleave": "x.repeat(n, axis=…)",
    "expand_as": "np.broadcast_to(x, y.shape)",
    "view_as": "x.reshape(y.shape)",
    "reshape_as": "x.reshape(y.shape)",
    "type_as": "x.astype(y.dtype)",
    "unfold": "np.lib.stride_tricks.sliding_window_view(x, length, axis=…)",
    "movedim": "np.moveaxis(x, source, destination)",
    "median": "np.median(x, axis=…)",
    "quantile": "np.quantile(x, q, axis=…)",
    "histc": "np.histogram(x.detach(), bins)",
    "bincount": "np.bincount(x)",
    "unique": "np.unique(x.detach())",
    "isclose": "np.isclose(x, y)",
    "allclose": "np.allclose(x, y)",
    "equal": "np.array_equal(x, y)",
    "outer": "np.outer(x, y)",
    "inverse": "np.linalg.inv(x)",
    "det": "np.linalg.det(x)",
    "cholesky": "np.linalg.cholesky(x)",
    "new_zeros": "np.zeros(shape, x.dtype)",
    "new_ones": "np.ones(shape, x.dtype)",
    "new_tensor": "ag.tensor(data, dtype=x.dtype)",
    "detach_": "x = x.detach()",
    "zero_": ASSIGNED.format("zero_()") + "x[...] = 0, for a leaf inside ag.no_grad(); for a gradient w.grad = None",
    "copy_": ASSIGNED.format("copy_()") + "x[...] = y, for a leaf inside ag.no_grad()",
    "fill_": ASSIGNED.format("fill_()") + "x[...] = value, for a leaf inside ag.no_grad()",
    "normal_": "nn.init.normal_(x), which fills x",
    "uniform_": "nn.init.uniform_(x), which fills x",
    "masked_fill_": "x = x.masked_fill(mask, value)",
    "scatter_": "np.put_along_axis(x, index, source, axis=…), which changes x",
    "scatter_add_": "x = x.scatter_add(axis, index, source)",
    "index_add_": "np.add.at(x, index, source), which changes x",
    "unsqueeze_": "x = x.unsqueeze(axis)",
    "squeeze_": "x = x.squeeze(axis)",
    "clamp_": "x = x.clip(min, max)",
    "exp_": "x = x.exp()",
    **{f"{name}_": f"x {sign}= y" for name, sign in {"add": "+", "sub": "-", "mul": "*", "div": "/"}.items()},
}
MODULE = {
    "cuda": "nothing in its place: arrays are in the memory of the CPU",
    "cpu": "nothing in its place: arrays are in the memory of the CPU",
    "half": "model.to(np.float16)",
    "add_module": "an assignment, self.<name> = module",
    "register_module": "an assignment, self.<name> = module",
    "register_parameter": "an assignment, self.<name> = nn.Parameter(data)",
    "register_full_backward_hook": "register_forward_hook, whose hook calls output.register_hook",
}
PACKAGE = {
    "as_tensor": "ag.tensor(data), which copies",
    "from_numpy": "ag.tensor(array), which copies",
    "device": "nothing in its place: arrays are in the memory of the CPU",
    "cuda": "nothing in its place: arrays are in the memory of the CPU",
    "float": "np.float32",
    "double": "np.float64",
    "long": "np.int64",
    "bool": "np.bool_",
    "inference_mode": "ag.no_grad()",
    "randint": "ag.random.integers(low, high, shape)",
    "randperm": "ag.random.permutation(n)",
    "randn_like": "ag.randn(*x.shape)",
    "rand_like": "ag.rand(*x.shape)",
    "multinomial": "ag.random.multinomial(1, p).argmax(axis=-1)",
    "mm": "x @ y",
    "bmm": "x @ y",
    "t": "x.T",
    "unsqueeze": "np.expand_dims(x, axis)",
    "permute": "np.transpose(x, axes)",
    "clamp": "np.clip(x, min, max)",
    "gather": "x.gather(axis, index), or np.take_along_axis",
    "topk": "x.topk(k)",
    "masked_fill": "np.where(mask, value, x)",
    "numel": "x.size",
    "norm": "np.linalg.norm(x)",
    "utils": "ag.DataLoader, or ag.nn.utils",
    "Size": "a tuple",
    "jit": "ag.compile",
    "vmap": "array operations over one more axis",
}


def spelled(name: str, settings: Mapping[str, Any], **given: Any) -> dict[str, Any]:
    """The settings of a call of `name` under NumPy's words; `given` are those that have been sorted out before.

    Raises
    ------
    TypeError
        If a word means something else in PyTorch, or the same thing is said by two words.
    """
    found = dict(given)
    for word, value in settings.items():
        if instead := OTHERWISE.get((name, word)):
            raise TypeError(f"{name}({word}=…): {instead}")
        meant = KEYWORDS.get(word, word)
        if meant != word:
            value = tuple(value) if isinstance(value, list) else value
            if meant in settings or not (given.get(meant) is None or given[meant] is False):
                raise TypeError(f"{name}: {word}= and {meant}= are two words for one thing; give one of them")
        found[meant] = value
    return found


class Absent:
    """An attribute that there is not: whoever asks for it is told what to write.

    A ``__getattr__`` would say so, too, and make Python read every attribute three times as slowly.
    """

    def __init__(self, name: str, instead: str) -> None:
        self.name, self.instead = name, instead

    def __get__(self, owner: Any, kind: type) -> NoReturn:
        message = f"{kind.__name__!r} object has no attribute {self.name!r}; write {self.instead}"
        raise AttributeError(message, name=self.name, obj=owner)


def absent(kind: Any, instead: Mapping[str, str]) -> None:
    """Let a class tell what to write instead of attributes that it does not have; `dir` does not list them."""
    for name, text in instead.items():
        assert not hasattr(kind, name), f"{kind.__name__} has {name}"
        setattr(kind, name, Absent(name, text))
    listed = kind.__dir__
    kind.__dir__ = lambda self: [name for name in listed(self) if name not in instead]
