"""`np.einsum`: sums of products over named axes, brought back to diagonals, sums, broadcasting and `matmul`.

So it needs no rule of its own, has derivatives of every order, and runs at the speed of BLAS.
"""

from __future__ import annotations

import functools
import math
import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite.rules.contractions import arranged
from autograd_lite.rules.diagonals import diagonal_to_write
from autograd_lite.rules.elementwise import astype
from autograd_lite.rules.registry import adapter
from autograd_lite.rules.shaping import array_of

LETTERS = string.ascii_uppercase + string.ascii_lowercase  # the order in which implicit outputs are sorted


@adapter(np.einsum, alone=True)
def einsum(*operands: Any, optimize: Any = False) -> Any:
    """The sum of products that the subscripts describe, e.g. ``"ij,jk->ik"``."""
    subscripts, tensors = subscripts_of(operands)
    terms, output = parse(subscripts, tuple(x.ndim for x in tensors))
    tensors = in_one_dtype(tensors)
    arrays, labels = without_broadcasting([without_repeats(x, t) for x, t in zip(tensors, terms, strict=True)])
    if all(x.dtype.kind in "biu" for x in tensors) and (len(arrays) > 1 or len(labels[0]) > len(output)):
        raise NotImplementedError("np.einsum: products and sums of integers and booleans are left to NumPy")
    parts = [
        without_lone_labels(x, t, output + "".join(labels[:i] + labels[i + 1 :]))
        for i, (x, t) in enumerate(zip(arrays, labels, strict=True))
    ]
    if len(parts) > 2:
        path = best_order(",".join(t for _, t in parts) + "->" + output, tuple(x.shape for x, _ in parts))
    else:
        path = [tuple(range(len(parts)))] if len(parts) == 2 else []
    for pair in path:
        chosen = [parts[i] for i in sorted(pair)]
        parts = [part for i, part in enumerate(parts) if i not in pair]
        while len(chosen) > 1:
            needed = output + "".join(t for _, t in parts + chosen[2:])
            (a, ours), (b, theirs) = chosen[:2]
            chosen = [contract(a, ours, b, theirs, needed), *chosen[2:]]
        parts.append(chosen[0])
    result, found = parts[0]
    return arranged(result, tuple(found.index(label) for label in output))


def in_one_dtype(tensors: list[Any]) -> list[Any]:
    """The arrays in the dtype of the result, in which NumPy adds up; a number does not change it."""
    dtype = np.result_type(*[x.dtype for x in tensors if x.ndim] or [x.dtype for x in tensors])
    if dtype.kind not in "fc":
        return tensors
    return [astype(x, dtype=dtype) if x.ndim and x.dtype != dtype else x for x in tensors]


# From what the user wrote to one string of labels for each array.


def subscripts_of(operands: Sequence[Any]) -> tuple[str, list[Any]]:
    """The subscripts as a string, and the arrays."""
    if isinstance(operands[0], str):
        return operands[0], [array_of(a) for a in operands[1:]]
    pairs = len(operands) // 2  # an array, the list of its labels, the next array, …, perhaps the result's labels
    subscripts = ",".join(map(letters, operands[1 : 2 * pairs : 2]))
    if len(operands) % 2:
        subscripts += "->" + letters(operands[-1])
    return subscripts, [array_of(a) for a in operands[: 2 * pairs : 2]]


@functools.lru_cache(maxsize=1024)
def parse(subscripts: str, ndims: tuple[int, ...]) -> tuple[list[str], str]:
    """The labels of every array, whose numbers of axes are `ndims`, and those of the result: each is one letter."""
    left, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ndims):
        raise ValueError(f"einsum: {left!r} has subscripts for {len(terms)} operands, and {len(ndims)} were given")
    spare = "".join(letter for letter in LETTERS if letter not in subscripts)
    depth = max(
        (ndim - len(t) + 3 for ndim, t in zip(ndims, terms, strict=True) if "..." in t), default=0
    )  # the number of axes that "..." stands for
    dots = spare[:depth]
    terms = [spelled_out(t, ndim, dots) for t, ndim in zip(terms, ndims, strict=True)]
    if not arrow:
        every = "".join(terms)
        output = dots + "".join(label for label in LETTERS if every.count(label) == 1 and label not in dots)
    elif "..." not in output and dots:
        raise ValueError("einsum: the result needs '...' too, for the axes that '...' stands for in the operands")
    output = output.replace("...", dots)
    for label in output:
        if output.count(label) > 1 or label not in "".join(terms):
            raise ValueError(f"einsum: the result has the label {label!r} twice, or no operand has it")
    return terms, output


def letters(labels: Sequence[Any]) -> str:
    """A list of integers and Ellipsis as a subscript string."""
    return "".join("..." if label is Ellipsis else LETTERS[label] for label in labels)


def spelled_out(term: str, ndim: int, dots: str) -> str:
    """The labels of one array with letters for '...'."""
    if "..." in term:
        missing = ndim - len(term) + 3
        term = term.replace("...", dots[len(dots) - missing :] if missing > 0 else "")
    if len(term) != ndim or not set(term) <= set(LETTERS):
        raise ValueError(f"einsum: the subscripts {term!r} do not fit an operand of {ndim} axes")
    return term


# Each array simplified by itself.


def without_repeats(x: Any, labels: str) -> tuple[Any, str]:
    """Diagonals where a label stands twice: "iij" is "ji" of the diagonal."""
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            if x.shape[first] != x.shape[second]:
                raise ValueError(f"einsum: the axes {label!r} of one operand have lengths {x.shape}")
            x = diagonal_to_write(x, axis1=first, axis2=second)
            labels = labels[:first] + labels[first + 1 : second] + labels[second + 1 :] + label
    return x, labels


def without_broadcasting(parts: Sequence[tuple[Any, str]]) -> tuple[list[Any], list[str]]:
    """Axes of length 1 dropped where another array is longer along the same label."""
    lengths: dict[str, int] = {}
    for x, term in parts:
        for label, n in zip(term, x.shape, strict=True):
            if n != lengths.get(label, n) and 1 not in (n, lengths[label]):
                raise ValueError(f"einsum: the label {label!r} stands for axes of lengths {lengths[label]} and {n}")
            lengths[label] = n if lengths.get(label, 1) == 1 else lengths[label]
    kept_arrays, kept_labels = [], []
    for x, term in parts:
        kept = [(label, n) for label, n in zip(term, x.shape, strict=True) if n == lengths[label]]
        kept_arrays.append(np.reshape(x, tuple(n for _, n in kept)) if len(kept) < x.ndim else x)
        kept_labels.append("".join(label for label, _ in kept))
    return kept_arrays, kept_labels


def without_lone_labels(x: Any, labels: str, needed: str) -> tuple[Any, str]:
    """Sums over the labels that neither another array nor the result has."""
    lone = tuple(i for i, label in enumerate(labels) if label not in needed)
    return (np.sum(x, axis=lone) if lone else x), "".join(label for label in labels if label in needed)


# Two arrays at a time.


@functools.lru_cache(maxsize=1024)
def best_order(subscripts: str, shapes: tuple[tuple[int, ...], ...]) -> list[tuple[int, ...]]:
    """Which arrays to contract next, again and again, so that what lies between stays small."""
    dummies = [np.broadcast_to(0.0, shape) for shape in shapes]
    return [tuple(step) for step in np.einsum_path(subscripts, *dummies, optimize="greedy")[0][1:]]


def contract(a: Any, ours: str, b: Any, theirs: str, needed: str) -> tuple[Any, str]:
    """The product of two arrays, summed over the labels that nobody needs any more; and its labels."""
    shared = [label for label in ours if label in theirs]
    batch, summed = "".join(i for i in shared if i in needed), "".join(i for i in shared if i not in needed)
    left, right = "".join(i for i in ours if i not in theirs), "".join(i for i in theirs if i not in ours)
    labels = batch + left + right
    if not summed or (batch and not left and not right):
        product = expanded(a, ours, labels + summed) * expanded(b, theirs, labels + summed)
        over = tuple(range(len(labels), product.ndim))
        return (np.sum(product, axis=over) if over else product), labels
    first, second = grouped(a, ours, batch, left, summed), grouped(b, theirs, batch, summed, right)
    lengths = dict(zip(ours + theirs, a.shape + b.shape, strict=True))
    product = first @ second
    shape = tuple(lengths[label] for label in labels)
    return (product if product.shape == shape else np.reshape(product, shape)), labels


def expanded(x: Any, labels: str, target: str) -> Any:
    """`x` with the axes of `target`, of length 1 where it has none."""
    lengths = dict(zip(labels, x.shape, strict=True))
    x = arranged(x, tuple(labels.index(label) for label in target if label in lengths))
    shape = tuple(lengths.get(label, 1) for label in target)
    return x if x.shape == shape else np.reshape(x, shape)


def grouped(x: Any, labels: str, batch: str, rows: str, columns: str) -> Any:
    """`x` as matrices: the batch axes, then all of `rows` in one axis and all of `columns` in one."""
    lengths = dict(zip(labels, x.shape, strict=True))
    x = arranged(x, tuple(labels.index(label) for label in batch + rows + columns))
    shape = tuple(lengths[label] for label in batch)
    shape += tuple(math.prod(lengths[label] for label in group) for group in (rows, columns) if group or batch)
    return x if x.shape == shape else np.reshape(x, shape)
