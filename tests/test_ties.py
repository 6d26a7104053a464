"""The published table of ties and edges: every row runs, and docs/ties.md is this table.

``python -m tests.test_ties`` writes the page.
"""

from pathlib import Path

import numpy as np
import pytest

import autograd_lite as ag

PAGE = Path(__file__).parent.parent / "docs" / "ties.md"
INF = np.inf
INTRODUCTION = """\
# Ties and edges

Where a function has a kink, a tie or a pole it has no derivative, and an engine has to choose one. These are the
choices of autograd_lite. Where PyTorch has a convention, it is PyTorch's. Each row is run by `tests/test_ties.py`,
which also writes this page: `python -m tests.test_ties`. What happens at infinity, at the largest and the smallest
numbers, function by function, stands in [at the edges of the numbers](limits.md).
"""

# expression, its arguments, the gradient of the sum of its values in each argument, and why
TABLE = [
    ("np.max(x)", {"x": [1, 1]}, {"x": [0.5, 0.5]}, "a tie is split evenly"),
    ("np.min(x)", {"x": [1, 1, 2]}, {"x": [0.5, 0.5, 0]}, "a tie is split evenly"),
    ("np.max(x, axis=0)", {"x": [[1, 2], [1, 3]]}, {"x": [[0.5, 0], [0.5, 1]]}, "along each line by itself"),
    ("ag.nn.functional.max_pool2d(x, 2)", {"x": [[[1, 1], [1, 1]]]}, {"x": [[[1, 0], [0, 0]]]}, "a window's first"),
    ("np.maximum(x, z)", {"x": [1, 2], "z": [1, 0]}, {"x": [0.5, 1], "z": [0.5, 0]}, "a tie is split evenly"),
    ("np.minimum(x, z)", {"x": [1, 2], "z": [1, 0]}, {"x": [0.5, 0], "z": [0.5, 1]}, "a tie is split evenly"),
    ("np.maximum(x, x)", {"x": [3]}, {"x": [1]}, "the halves add up"),
    ("np.maximum(x, 0)", {"x": [0]}, {"x": [0.5]}, "a tie like any other; `ag.relu` gives 0"),
    ("ag.relu(x)", {"x": [-1, 0, 1]}, {"x": [0, 0, 1]}, "relu'(0) = 0"),
    ("ag.leaky_relu(x)", {"x": [0]}, {"x": [0.01]}, "the slope of the negative side"),
    ("np.abs(x)", {"x": [0]}, {"x": [0]}, "abs'(0) = 0"),
    ("np.sign(x)", {"x": [0, 2]}, None, "flat: no gradient; so are floor, ceil, round, comparisons and argmax"),
    ("np.clip(x, 0, 1)", {"x": [-1, 0, 0.5, 1, 2]}, {"x": [0, 1, 1, 1, 0]}, "clip' at the bounds is 1"),
    ("np.clip(x, 2, 1)", {"x": [0, 3]}, {"x": [0, 0]}, "the upper bound is the value, and gets the gradient"),
    ("np.sqrt(x)", {"x": [0, 4]}, {"x": [INF, 0.25]}, "sqrt'(0) = inf, as it is"),
    ("np.linalg.norm(x)", {"x": [0, 0]}, {"x": [0, 0]}, "norm'(0) = 0; its second derivative is NaN"),
    ("np.hypot(x, z)", {"x": [0], "z": [0]}, {"x": [0], "z": [0]}, "hypot'(0, 0) = 0; its second derivative is NaN"),
    ("np.arctan2(x, z)", {"x": [0], "z": [0]}, {"x": [0], "z": [0]}, "an angle at the origin has gradient 0"),
    ("np.std(x)", {"x": [0.1, 0.1, 0.1]}, {"x": [0, 0, 0]}, "std' of constants is 0; its second derivative is NaN"),
    ("x**0", {"x": [0, 2]}, {"x": [0, 0]}, "constant 1, at 0 as well"),
    ("x**z", {"x": [0], "z": [0]}, {"x": [0], "z": [0]}, "0**0 has gradient 0 in both"),
    ("x**z", {"x": [0], "z": [2]}, {"x": [0], "z": [0]}, "0**z has gradient 0 in z"),
    ("x**2", {"x": [0]}, {"x": [0]}, ""),
    ("np.prod(x)", {"x": [0, 2, 3]}, {"x": [6, 0, 0]}, "exact with a zero"),
    ("np.prod(x)", {"x": [0, 0, 3]}, {"x": [0, 0, 0]}, "exact with two zeros"),
    ("np.where(x > 0, x, 0 * x)", {"x": [-1, 0, 1]}, {"x": [0, 0, 1]}, "the branch that is taken"),
    ("np.mean(x)", {"x": np.zeros((0,))}, {"x": np.zeros((0,))}, "the mean of nothing is NaN, its gradient is empty"),
    ("ag.sigmoid(x)", {"x": [-1000, 1000]}, {"x": [0, 0]}, "no overflow"),
    ("ag.softplus(x)", {"x": [-1000, 1000]}, {"x": [0, 1]}, "no overflow"),
    ("ag.logsumexp(x)", {"x": [1000, 1000]}, {"x": [0.5, 0.5]}, "no overflow"),
    ("ag.logsumexp(x)", {"x": [-INF, -INF]}, {"x": [0, 0]}, "the logarithm of nothing"),
    ("ag.logsumexp(x)", {"x": [INF, INF, 1]}, {"x": [0.5, 0.5, 0]}, "infinite terms share evenly"),
    ("np.logaddexp(x, z)", {"x": [INF, INF], "z": [1, INF]}, {"x": [1, 0.5], "z": [0, 0.5]}, "so do two of them"),
    ("np.logaddexp(x, z)", {"x": [1000], "z": [1000]}, {"x": [0.5], "z": [0.5]}, "no overflow"),
]


def text(value):
    """A number, or a nested list of numbers, without decimals that say nothing."""
    return f"{value:g}" if np.ndim(value) == 0 else f"[{', '.join(map(text, value))}]"


def row(expression, arguments, gradients, why):
    at = ", ".join(f"{name} = {text(value)}" for name, value in arguments.items())
    found = "none" if gradients is None else ", ".join(f"{text(g)}" for g in gradients.values())
    return f"| `{expression}` | {at} | {found} | {why} |".replace("\n", "")


def page():
    head = ["| expression | at | gradient | |", "|---|---|---|---|"]
    return "\n".join([INTRODUCTION, *head, *(row(*line) for line in TABLE), ""])


@pytest.mark.parametrize("line", TABLE, ids=[line[0] for line in TABLE])
@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value", "ignore:divide by zero")
def test_each_row_of_the_table(line):
    expression, arguments, gradients, _ = line
    tensors = {name: ag.tensor(np.asarray(v, float), requires_grad=True, name=name) for name, v in arguments.items()}
    y = eval(expression, {"np": np, "ag": ag, **tensors})
    if gradients is None:
        assert not y.requires_grad
        return
    y.sum().backward()
    for name, expected in gradients.items():
        np.testing.assert_allclose(tensors[name].grad, expected, rtol=1e-12, err_msg=name)


def test_the_page_is_the_table():
    assert PAGE.read_text() == page(), "run: python -m tests.test_ties"


if __name__ == "__main__":
    PAGE.write_text(page())
