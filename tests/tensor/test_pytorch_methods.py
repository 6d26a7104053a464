"""Methods under PyTorch's names: the values, gradients and shapes of the NumPy functions that they are."""

import copy

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.tensor.array_methods import ArrayMethods
from autograd_lite.tensor.pytorch_methods import PyTorchMethods
from tests.compiler.fuzz.checking import compare

X = np.array([[0.9, 0.1, 0.35], [0.2, 0.6, 0.4]])
INDEX = np.array([[2, 0], [1, 1]])
NUMPYS = (
    *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "square", "reciprocal", "absolute", "negative"),
    *("sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "arcsinh", "arctanh", "sign", "floor"),
    *("ceil", "trunc", "nan_to_num", "isnan", "isinf", "isfinite", "tril", "triu", "diag", "flip"),
)
UNARY = {
    **{name: getattr(np, name) for name in NUMPYS},
    **{f"a{n}": getattr(np, f"arc{n}") for n in ["sin", "cos", "tan", "sinh", "tanh"]},
    **{n: getattr(ag, n) for n in ["sigmoid", "relu", "erf", "softmax", "log_softmax"]},
    "abs": np.abs,
    "neg": np.negative,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "logsumexp": lambda x: ag.logsumexp(x),
    "contiguous": lambda x: x,
    "clone": lambda x: x,
    "cpu": lambda x: x,
    "half": lambda x: x.astype(np.float16),
    "float": lambda x: x.astype(np.float32),
    "double": lambda x: x,
    "int": lambda x: x.astype(np.int32),
    "long": lambda x: x.astype(np.int64),
    "bool": lambda x: x.astype(bool),
}
CALLS = {
    "acosh": (lambda x: (x + 1).acosh(), lambda x: np.arccosh(x + 1)),
    "arccosh": (lambda x: (x + 1).arccosh(), lambda x: np.arccosh(x + 1)),
    "pow": (lambda x: x.pow(3.0), lambda x: x**3.0),
    "atan2": (lambda x: x.atan2(x[0]), lambda x: np.arctan2(x, x[0])),
    "maximum": (lambda x: x.maximum(0.3), lambda x: np.maximum(x, 0.3)),
    "minimum": (lambda x: x.minimum(0.3), lambda x: np.minimum(x, 0.3)),
    "matmul": (lambda x: x.matmul(x.T), lambda x: x @ x.T),
    "roll": (lambda x: x.roll(1, axis=1), lambda x: np.roll(x, 1, axis=1)),
    "clamp": (lambda x: x.clamp(0.15, 0.5), lambda x: np.clip(x, 0.15, 0.5)),
    "clamp from below": (lambda x: x.clamp(min=0.3), lambda x: np.clip(x, 0.3, None)),
    "round": (lambda x: x.round(), np.round),
    "unsqueeze": (lambda x: x.unsqueeze(-1), lambda x: x[:, :, None]),
    "unsqueeze in front": (lambda x: x.unsqueeze(0), lambda x: x[None]),
    "permute": (lambda x: x.unsqueeze(0).permute(2, 0, 1), lambda x: x[None].transpose(2, 0, 1)),
    "permute by a tuple": (lambda x: x.permute((1, 0)), lambda x: x.T),
    "expand": (lambda x: x.expand(4, -1, 3), lambda x: np.broadcast_to(x, (4, 2, 3))),
    "expand an axis": (lambda x: x[:, :1].expand((-1, 3)), lambda x: np.repeat(x[:, :1], 3, 1)),
    "view": (lambda x: x.view(3, -1), lambda x: x.reshape(3, 2)),
    "view by a tuple": (lambda x: x.view((6,)), lambda x: x.reshape(6)),
    "flatten from": (lambda x: x.unsqueeze(0).flatten(1), lambda x: x.reshape(1, 6)),
    "flatten to": (lambda x: x.unsqueeze(0).flatten(end_dim=1), lambda x: x),
    "flatten between": (lambda x: x.unsqueeze(0).flatten(start_dim=0, end_dim=-1), lambda x: x.reshape(6)),
    "masked_fill": (lambda x: x.masked_fill(x > 0.3, -1.0), lambda x: np.where(x > 0.3, -1.0, x)),
    "gather": (lambda x: x.gather(1, INDEX), lambda x: np.take_along_axis(x, INDEX, 1)),
    "gather of a part": (lambda x: x.gather(0, [[1, 0]]), lambda x: np.array([[x[1, 0], x[0, 1]]])),
    "gather by a tensor": (lambda x: x.gather(-1, ag.tensor(INDEX)), lambda x: np.take_along_axis(x, INDEX, 1)),
    "topk": (lambda x: x.topk(2).values, lambda x: np.flip(np.sort(x, -1), -1)[:, :2]),
    "topk of the smallest": (lambda x: x.topk(1, dim=0, largest=False)[0], lambda x: np.sort(x, 0)[:1]),
}


@pytest.mark.parametrize("name", UNARY)
def test_functions_as_methods(name):
    x = ag.tensor(X, requires_grad=True)
    y, expected = getattr(x, name)(), UNARY[name](X)
    np.testing.assert_array_equal(y.detach(), expected, strict=True)


@pytest.mark.parametrize("name", CALLS)
def test_values_gradients_and_compiled_programs(name):
    method, function = CALLS[name]
    y = method(ag.tensor(X, requires_grad=True))
    np.testing.assert_array_equal(y.detach(), function(X), strict=True)
    if name != "round":
        assert ag.gradcheck(method, X)
    compiled = ag.compile(method)
    for i in range(3):
        compare(compiled(ag.tensor(X + i / 16)), method(ag.tensor(X + i / 16)), name)


def test_every_method_is_tested():
    own = {
        n for n, v in vars(PyTorchMethods).items() if callable(v) and not n.startswith("_") and hasattr(v, "__name__")
    }
    elsewhere = {"dim", "numel", "nelement", "scatter_add", "retain_grad", "requires_grad_", "view", "flatten"}
    tested = {*UNARY, *(name.split()[0] for name in CALLS)}
    assert own - elsewhere == (tested - {"round"}) - elsewhere
    assert hasattr(ArrayMethods, "round")


def test_sizes():
    x = ag.tensor(X)
    assert (x.dim(), x.numel(), x.nelement()) == (2, 6, 6)


def test_conversions_that_change_nothing_give_the_tensor_itself():
    x = ag.tensor(X, requires_grad=True)
    assert x.double() is x and x.cpu() is x and x.contiguous() is x
    assert x.T.contiguous().node.value.flags.c_contiguous
    assert x.float().requires_grad and not x.long().requires_grad


def test_a_view_shares_memory_or_is_refused():
    x = ag.tensor(X) * 1
    x.view(6)[0] = 7.0
    assert x[0, 0] == 7
    with pytest.raises(ValueError, match=r"cannot be seen in shape \(6,\) without a copy: say reshape"):
        x.T.view(6)
    assert ag.tensor(2.0).view(1).shape == (1,)
    assert x.view(np.float64).shape == (2, 3)
    with pytest.raises(NotImplementedError, match="astype"):
        x.view(np.int64)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_scatter_add_is_the_transpose_of_gather(dim):
    index = np.array([[1, 0, 1], [0, 0, 1]])
    start, source = np.zeros((2, 3)), X
    wanted = start.copy()
    np.add.at(wanted, (index, np.arange(3)[None]) if dim == 0 else (np.arange(2)[:, None], index), source)
    np.testing.assert_array_equal(ag.tensor(start).scatter_add(dim, index, source), wanted)
    assert ag.gradcheck(lambda x, s: x.scatter_add(dim, index, s), start, source)
    assert ag.tensor(start).scatter_add(dim, index[:1, :2], source).sum() == source[0, :2].sum()
    f = ag.compile(lambda x, i, s: x.scatter_add(dim, i, s))
    for _ in range(2):
        compare(f(ag.tensor(start), index, ag.tensor(source)), ag.tensor(start).scatter_add(dim, index, source), "")


def test_indices_that_do_not_fit_are_told():
    x = ag.tensor(X)
    with pytest.raises(ValueError, match=r"gather: an index of shape \(3, 1\) does not fit an array of shape \(2, 3\)"):
        x.gather(1, np.zeros((3, 1), int))
    with pytest.raises(ValueError, match="as many axes"):
        x.gather(0, [0])
    with pytest.raises(ValueError, match="names more than a source"):
        x.scatter_add(0, INDEX, np.ones((1, 2)))
    with pytest.raises(ValueError, match="there are 3 elements along axis -1, and not 4"):
        x.topk(4)


def test_the_gradient_of_a_computed_tensor_can_be_kept():
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    h = x * 2
    h.retain_grad()
    h.retain_grad()
    loss = (h * h).sum()
    loss.backward(retain_graph=True)
    np.testing.assert_array_equal(h.grad, [4, 8])
    loss.backward()
    np.testing.assert_array_equal(h.grad, [8, 16])
    np.testing.assert_array_equal(x.grad, [16, 32])
    x.retain_grad()
    with pytest.raises(RuntimeError, match="requires no gradient"):
        ag.tensor(1.0).retain_grad()


def test_a_kept_gradient_in_a_compiled_step():
    def step(x):
        h = x * 2
        h.retain_grad()
        (h * h).sum().backward()
        return h.grad

    x = ag.tensor([1.0, 2.0], requires_grad=True)
    compiled = ag.compile(step)
    for _ in range(3):
        np.testing.assert_array_equal(compiled(x), [4, 8])


def test_a_kept_gradient_makes_no_cycle():
    import gc
    import weakref

    gc.collect()
    gc.disable()
    try:
        h = ag.tensor([1.0], requires_grad=True) * 2
        h.retain_grad()
        h.sum().backward()
        memory = weakref.ref(h.node.value)
        del h
        assert memory() is None
    finally:
        gc.enable()


def test_requires_grad_can_be_set_in_a_chain():
    x = ag.zeros(3).requires_grad_()
    assert x.requires_grad and not x.requires_grad_(False).requires_grad


def test_backward_says_how_to_differentiate_again():
    with pytest.raises(NotImplementedError, match="create_graph=True"):
        ag.tensor(1.0, requires_grad=True).exp().backward(create_graph=True)
    x = ag.tensor(2.0, requires_grad=True)
    assert ag.autograd.grad(x**2, x, retain_graph=True) == (4,)


def test_copies_are_still_copies():
    x = ag.tensor(X, requires_grad=True)
    assert copy.deepcopy(x) is not x
