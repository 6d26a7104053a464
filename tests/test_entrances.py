"""Every place where an array goes in makes of an array of another kind what it makes of NumPy's, or refuses it.

The specimens stand in `array_likes`; here stand the entrances. Each is a function of a specimen and of the same numbers
as an array, and gives arrays.
"""

import itertools
import operator
import warnings

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import attribution, metrics, nn, optim, transforms
from autograd_lite.data.datasets import Dataset
from autograd_lite.data.loader import DataLoader
from autograd_lite.data.preparation import Standardizer
from autograd_lite.distributed import Alone, broadcast, shard
from autograd_lite.nn import functional as F
from autograd_lite.tensor.trees import flatten
from autograd_lite.transforms.opaque_call import call_custom
from tests.array_likes import REFUSED, TAKEN, Indexed, RequiresGradient, SpeaksArray, SpeaksDLPack, taken
from tests.rules.samples import SAMPLES

VALUES = np.array([0.25, 0.5, 0.75])


def f(x):
    return (np.sin(x) * x).sum()


def leaf(a):
    return ag.tensor(a, requires_grad=True)


TRANSFORMS = {
    "grad": lambda o, a: ag.grad(f)(o),
    "grad in a tree": lambda o, a: ag.grad(lambda tree: f(tree["x"]) + tree["y"][0])({"x": o, "y": [1.0, "text"]})["x"],
    "grad, constant argument": lambda o, a: ag.grad(lambda x, c: f(x * c))(a, o),
    "grad, captured": lambda o, a: ag.grad(lambda x: f(o * x))(a),
    "value_and_grad": lambda o, a: ag.value_and_grad(f)(o),
    "jacobian": lambda o, a: ag.jacobian(np.sin)(o),
    "hessian": lambda o, a: ag.hessian(f)(o),
    "vjp": lambda o, a: ag.vjp(np.sin, o)[1](a),
    "vjp, cotangent": lambda o, a: ag.vjp(np.sin, a)[1](o),
    "jvp": lambda o, a: ag.jvp(np.sin, (o,), (a,)),
    "jvp, tangent": lambda o, a: ag.jvp(np.sin, (a,), (o,)),
    "linearize": lambda o, a: ag.linearize(np.sin, o)[1](a),
    "linearize, tangent": lambda o, a: ag.linearize(np.sin, a)[1](o),
    "hvp": lambda o, a: ag.hvp(f)(o, a),
    "hvp, vector": lambda o, a: ag.hvp(f)(a, o),
    "gnvp": lambda o, a: ag.gnvp(np.sin, f)(o, a),
    "gnvp, vector": lambda o, a: ag.gnvp(np.sin, f)(a, o),
    "checkpoint": lambda o, a: ag.grad(lambda x: f(ag.checkpoint(lambda x, c: x * c)(x, o)))(a),
    "custom_vjp": lambda o, a: ag.grad(lambda x: f(GIVES(x, o)))(a),
    "where_safe": lambda o, a: ag.where_safe(a > 0.4, np.sqrt, o, 0.0),
    "compile": lambda o, a: ag.compile(lambda x: np.sin(x) * x)(o),
    "compile, again": lambda o, a: [compiled(o) for compiled in [ag.compile(np.sin)] for _ in range(2)][-1],
    "compile, in a tree": lambda o, a: ag.compile(lambda tree: np.sin(tree["x"]))({"x": o}),
    "gradcheck": lambda o, a: ag.gradcheck(f, (o,)),
    "autograd.grad": lambda o, a: [ag.autograd.grad(np.sin(x), x, o) for x in [leaf(a)]],
    "minimize": lambda o, a: optim.minimize(lambda x: ((x - 1) ** 2).sum(), o, options={"maxiter": 1}).x,
    "diagnose_gradient": lambda o, a: float(ag.diagnose_gradient(f, lambda x: x, o).verdict == "right"),
}
GIVES = ag.custom_vjp(lambda x, c: x, lambda g, y, x, c: (g * ag.tensor(c).data, None))

MAKING = {
    "tensor": lambda o, a: ag.tensor(o),
    "tensor of a dtype": lambda o, a: ag.tensor(o, dtype=np.float32),
    "Parameter": lambda o, a: nn.Parameter(o),
    "Buffer": lambda o, a: nn.Buffer(o),
    "full": lambda o, a: ag.full(np.shape(a), o),
    "linspace": lambda o, a: ag.linspace(o, a + 1, 3),
}

OPERATORS = {
    f"{name}, {side}": lambda o, a, op=op, left=left: differentiated(lambda x: op(x, o) if left else op(o, x), a)
    for name, op in {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "**": operator.pow,
        "//": operator.floordiv,
        "%": operator.mod,
        "<": operator.lt,
        "==": operator.eq,
        "np.multiply": np.multiply,
        "np.hypot": np.hypot,
        "np.copysign": np.copysign,
        "np.append": np.append,
        "np.outer": np.outer,
        "np.vdot": np.vdot,
        "np.stack": lambda x, y: np.stack([x, y]),
        "np.concatenate": lambda x, y: np.concatenate((x, y)),
        "np.where": lambda x, y: np.where(VALUES[0] < 1, x, y),
        "np.where, both": lambda x, y: np.where(x < y, x, y),
        "np.average": lambda x, y: np.average(x, weights=y),
        "np.clip": lambda x, y: np.clip(x, y, 0.6),
        "np.add.outer": np.add.outer,
    }.items()
    for side, left in (("on the right", True), ("on the left", False))
}
OPERATORS |= {
    "@, on the right": lambda o, a: differentiated(lambda x: x.reshape(-1, len(a)) @ o, a),
    "np.dot": lambda o, a: differentiated(lambda x: np.dot(x.reshape(-1, len(a)), o), a),
    "+=": lambda o, a: differentiated(lambda x: operator.iadd(x * 1.0, o), a),
    "assignment": lambda o, a: differentiated(lambda x: assigned(x * 1.0, o), a),
}

GRADIENTS = {
    "data": lambda o, a: [setattr(x, "data", o) or x.data for x in [leaf(a * 0)]],
    "grad": lambda o, a: [setattr(x, "grad", o) or x.grad for x in [leaf(a)]],
    "backward": lambda o, a: [np.sin(x).backward(o) or x.grad for x in [leaf(a)]],
}

LOSSES = {
    f"{loss}, {side}": lambda o, a, loss=loss, left=left: (
        getattr(F, loss)(o, a / 2) if left else getattr(F, loss)(a / 2, o)
    )
    for loss in F.__all__
    if loss.endswith(("_loss", "_div", "entropy", "logits")) and loss != "nll_loss"
    for side, left in (("prediction", True), ("target", False))
}
LOSSES |= {
    "cross_entropy": lambda o, a: F.cross_entropy(o, np.zeros(len(a), int) if a.ndim > 1 else 1),
    "cross_entropy, weight": lambda o, a: F.cross_entropy(np.ones((2, a.size)), [0, 1], weight=o),
    "Linear": lambda o, a: nn.functional.linear(o, np.ones((1, a.shape[-1]))),
    "layer": lambda o, a: nn.Tanh()(o),
    "mae": lambda o, a: metrics.mae(o, a),
    "r2": lambda o, a: metrics.r2(a, o),
    "accuracy": lambda o, a: metrics.accuracy(o, a[:, 0] > 0.4 if a.ndim > 1 else a > 0.4, threshold=0.6),
}

DATA = {
    "DataLoader": lambda o, a: [np.concatenate(parts) for parts in zip(*DataLoader(o, a, batch_size=2), strict=True)],
    "Standardizer": lambda o, a: Standardizer.fit(o)(a),
    "fit, input": lambda o, a: trained((o, a), a),
    "fit, target": lambda o, a: trained((a, o), a),
    "fit, batches": lambda o, a: trained([(o, a), (a, o)], a),
    "evaluate": lambda o, a: ag.evaluate(nn.Identity(), (o, a), nn.MSELoss())["loss"],
    "validation": lambda o, a: trained((a, a), a, validation=(a, o)),
    "Module.load_state_dict": lambda o, a: [m.load_state_dict({"w": o}) and m.state_dict()["w"] for m in [Holder(a)]],
    "Optimizer.load_state_dict": lambda o, a: loaded(o, a),
}
ENTRANCES = {**TRANSFORMS, **MAKING, **OPERATORS, **GRADIENTS, **LOSSES, **DATA}
THEIR_OWN = {  # what Python or SciPy make of their own, without a derivative that could be lost
    ("Fraction", "**, on the left"),
    *(("scipy.sparse", name) for name in ENTRANCES if name.startswith("compile")),
}
LEFT_TO_OTHERS = {  # whose own operators come first when they stand on the left; they refuse a tensor
    "masked, nothing hidden",
    "pandas.Index",
    "polars.Series",
    "polars.DataFrame",
    "xarray.DataArray",
    "xarray.Variable",
}


def assigned(y, o):
    y[...] = o
    return y


def differentiated(call, a):
    """What a call gives, and its gradient where there is one."""
    x = leaf(a)
    y = call(x)
    assert isinstance(y, ag.Tensor) or hasattr(y, "variable") or hasattr(y, "dims"), type(y)
    y = y if isinstance(y, ag.Tensor) else y.data
    if y.requires_grad:
        y.sum().backward()
    return y.detach(), x.grad


class Holder(nn.Module):
    def __init__(self, a):
        self.w = nn.Parameter(np.zeros(a.shape), dtype=a.dtype)

    def forward(self, x):
        return x * self.w.sum()


def trained(data, a, **settings):
    model = Holder(a)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    history = ag.fit(model, data, nn.MSELoss(), optimizer, epochs=2, shuffle=False, progress=False, **settings)
    return [model.state_dict()["w"], history["train_loss"]]


def loaded(o, a):
    optimizer = optim.SGD([leaf(a)], lr=0.1, momentum=0.9)
    state = {"state": {0: {"momentum_buffer": o}}, "param_groups": [{"params": [0], "lr": 0.1, "momentum": 0.9}]}
    optimizer.load_state_dict(state)
    return optimizer.state_dict()["state"][0]["momentum_buffer"]


def arrays_of(result):
    return [np.asarray(y.detach() if isinstance(y, ag.Tensor) else y) for y in flatten(result)[0]]


def outcome(entrance, specimen, array):
    """What an entrance gives, or how it refuses."""
    try:
        with np.errstate(all="ignore"):
            return arrays_of(entrance(specimen, array))
    except Exception as error:
        return error


@pytest.mark.parametrize("name", TAKEN)
def test_an_array_of_another_kind_is_as_good_as_numpys(name):
    for entrance, run in ENTRANCES.items():
        specimen, array = taken(name, VALUES)
        expected, found = outcome(run, array, array), outcome(run, specimen, array)
        if isinstance(expected, Exception):  # float16 does not train, say
            assert isinstance(found, Exception), entrance
            continue
        if isinstance(found, Exception):
            left = "left" in entrance or "captured" in entrance
            assert (left and name in LEFT_TO_OTHERS) or (name, entrance) == ("constant tensor", "gradcheck"), found
            continue
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_array_equal(a, b, strict=True, err_msg=entrance)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_refused_everywhere(name):
    for entrance, run in ENTRANCES.items():
        specimen = REFUSED[name][0](VALUES.copy())
        found = outcome(run, specimen, VALUES)
        if (name, entrance) not in THEIR_OWN and entrance != "tensor of a dtype":  # which says how to convert
            assert isinstance(found, Exception), (entrance, found)


def test_every_transform_is_an_entrance():
    assert set(transforms.__all__) <= {name.partition(",")[0].partition(" ")[0] for name in TRANSFORMS}


KINDS = {"__dlpack__": SpeaksDLPack, "as pandas": Indexed, "other byte order": TAKEN["other byte order"]}
FUNCTIONS = {f: samples for f, samples in SAMPLES.items() if f is not call_custom}  # whose arguments are its author's


def places_of(args, settings):
    """Where arrays stand: (argument, None), (argument, place in it), or (None, setting)."""
    for i, a in enumerate(args):
        yield from [(i, None)] if is_array(a) else []
        yield from [(i, j) for j, b in enumerate(a) if is_array(b)] if isinstance(a, list | tuple) else []
    yield from [(None, key) for key, value in settings.items() if is_array(value)]


def is_array(a):
    return isinstance(a, np.ndarray) and a.ndim > 0 and a.size > 0 and a.dtype.kind == "f"


def replaced(args, settings, place, change):
    i, j = place
    if i is None:
        return args, {**settings, j: change(settings[j])}
    args = list(args)
    args[i] = change(args[i]) if j is None else [change(b) if k == j else b for k, b in enumerate(args[i])]
    return args, settings


def called(function, args, settings):
    try:
        return arrays_of(function(*args, **settings))
    except Exception as error:
        return error


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_functions_take_arrays_of_other_kinds_beside_a_tensor_and_refuse_what_hides_something(function):
    for args, settings in FUNCTIONS[function]:
        for mine, theirs in itertools.permutations(places_of(args, settings), 2):
            if mine[0] is None or isinstance(called(function, *replaced(args, settings, mine, leaf)), Exception):
                continue
            with_tensor = replaced(args, settings, mine, leaf)
            expected = called(function, *with_tensor)
            for kind, make in KINDS.items():
                found = called(function, *replaced(*with_tensor, theirs, make))
                assert not isinstance(found, Exception), (kind, theirs, repr(found))
                for a, b in zip(found, expected, strict=True):
                    np.testing.assert_array_equal(a, b, strict=True, err_msg=kind)
            for kind in ("masked", "objects", "own operator"):
                found = called(function, *replaced(*with_tensor, theirs, REFUSED[kind][0]))
                assert isinstance(found, Exception), (kind, theirs, found)


def test_a_compiled_function_reads_what_it_is_given_anew_in_every_call():
    compiled, given = ag.compile(lambda x: x * 2), SpeaksArray([1.0, 2.0])
    for value in (1.0, 5.0):
        given.values[0] = value
        np.testing.assert_array_equal(compiled(given), [2 * value, 4.0])
    assert len(compiled.signatures) == 1


def test_tools_read_the_same_of_arrays_of_another_kind():
    model, loss, y = nn.Linear(3, 2), nn.CrossEntropyLoss(), np.array([0, 1, 1])
    tools = {
        "step_through": lambda x: ag.step_through(f, x)._repr_html_()[:100],
        "gradient_report": lambda x: ag.gradient_report(model, loss, (x, y)).verdict,
        "saliency": lambda x: attribution.saliency(model, x, target=y),
        "integrated_gradients": lambda x: attribution.integrated_gradients(model, x, x, target=y, steps=2),
        "source": lambda x: ag.source(f, x),
        "shard": lambda x: shard((x, y), Alone()),
        "broadcast": lambda x: broadcast({"x": x}, Alone())["x"],
        "Dataset": lambda x: Dataset("mine", x, y, ("a", "b", "c")).features,
    }
    for name, tool in tools.items():
        expected, found = tool(np.eye(3)), tool(SpeaksDLPack(np.eye(3)))
        np.testing.assert_equal(found, expected, err_msg=name)
        with pytest.raises(TypeError, match="hides elements"):
            tool(np.ma.array(np.eye(3), mask=np.eye(3) > 0))


def test_labels_of_other_libraries_are_classes():
    scores, labels = np.eye(3), Indexed([0, 2, 1])
    for loss in (F.cross_entropy, F.nll_loss):
        assert loss(scores, labels).item() == loss(scores, np.array([0, 2, 1])).item()
        with pytest.raises(TypeError, match="hides elements"):
            loss(scores, np.ma.array([0, 2, 1], mask=[False, True, False]))
    np.testing.assert_array_equal(F.one_hot(labels, 3), np.eye(3)[[0, 2, 1]])
    np.testing.assert_array_equal(F.embedding(labels, scores), scores[[0, 2, 1]])
    assert metrics.accuracy(SpeaksArray(["cat", "dog"]), ["cat", "cat"]) == 0.5
    with pytest.raises(TypeError, match="have no class in common"):
        metrics.accuracy(["0", "1"], [0, 1])


@pytest.mark.parametrize("index", [SpeaksArray([2, 0]), Indexed([2, 0]), [SpeaksDLPack([2, 0])], memoryview(b"\2\0")])
def test_an_index_may_be_an_array_of_another_kind(index):
    x = leaf(VALUES)
    y = x[index]
    np.testing.assert_array_equal(np.ravel(y.detach()), VALUES[[2, 0]])
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [1.0, 0.0, 1.0])
    with pytest.raises(TypeError, match="hides elements"):
        x[np.ma.array([2, 0], mask=[True, False])]
    with pytest.raises(IndexError, match="only integers"):
        x["name"]


def test_loading_takes_all_or_nothing():
    model = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))
    before = model.state_dict()
    state = {name: SpeaksDLPack(np.asarray(a)) for name, a in before.items()}
    assert not model.load_state_dict(state).missing
    hidden = {**state, "0.bias": np.ma.array([1.0], mask=True), "1.running_mean": RequiresGradient([1.0])}
    hidden["0.weight"] = np.array([[5.0]])
    with pytest.raises(ValueError, match=r"nothing was loaded:\n  0\.bias: .*hides(.|\n)*running_mean: .*detach"):
        model.load_state_dict(hidden)
    with pytest.raises(ValueError, match="num_batches_tracked: .* does not fit where int64 is needed"):
        model.load_state_dict({**before, "0.weight": [[5.0]], "1.num_batches_tracked": 0.5})
    assert all(np.array_equal(a, before[name]) for name, a in model.state_dict().items())


def test_what_new_tensors_are_made_of_has_no_history_to_lose():
    t = leaf(2.0)
    for make in (lambda: ag.full(3, t), lambda: ag.linspace(t, 1.0), lambda: ag.arange(t), lambda: ag.tensor([t, 1.0])):
        with pytest.raises(RuntimeError, match="requires a gradient"):
            make()
    np.testing.assert_array_equal(ag.full(2, np.ma.array(3.0)), [3.0, 3.0])


def test_data_that_scikit_learn_would_read_past_a_mask():
    linear = pytest.importorskip("autograd_lite.interop.sklearn", exc_type=ImportError)
    x = np.arange(12.0).reshape(6, 2)
    y, hidden = x.sum(1), np.ma.array(x, mask=x == 0)
    model = linear.LinearRegression(max_iter=2, tol=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [model.fit(kind(x), kind(y)).predict(kind(x)) for kind in (np.array, SpeaksArray, Indexed, list)]
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0])
    calls = [lambda: model.fit(hidden, y), lambda: model.fit(x, hidden[:, 0]), lambda: model.predict(hidden)]
    calls += [lambda: model.score(x, hidden[:, 0]), lambda: model.partial_fit(x, y, hidden[:, 0])]
    for call in [*calls, lambda: model.fit(list(hidden), y)]:
        with pytest.raises(TypeError, match="hides elements"):
            call()
