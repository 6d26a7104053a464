"""Which forms of data `fit` and `evaluate` take, and that whatever is taken gives the run that arrays give."""

import collections

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.train.batches import as_batches
from tests.array_likes import Indexed, SpeaksArray, SpeaksDLPack, is_large_and_missing, library

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(60, 2)).astype(np.float32)
Y = (X @ np.array([[2.0], [-1.0]]) + 0.5).astype(np.float32)
BATCHES = [(X[i : i + 20], Y[i : i + 20]) for i in (0, 20, 40)]


def run(data, epochs=30, **settings):
    """Train for so long that the step is compiled."""
    ag.manual_seed(0)
    model = nn.Linear(2, 1)
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    settings = {"batch_size": 20, "shuffle": False, "progress": False, "epochs": epochs, **settings}
    history = ag.fit(model, data, nn.MSELoss(), optimizer, **settings)
    return history["train_loss"], [p.data.tolist() for p in model.parameters()]


class Loader:
    """As PyTorch's: a length, a new pass each time, batches that are lists of arrays of its own kind."""

    def __init__(self, kind=SpeaksArray, collate=list):
        self.kind, self.collate = kind, collate

    def __len__(self):
        return len(BATCHES)

    def __iter__(self):
        return (self.collate([self.kind(x), self.kind(y)]) for x, y in BATCHES)


def torch_loader():
    torch = library("torch")
    dataset = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    return torch.utils.data.DataLoader(dataset, batch_size=20)


TAKEN = {
    "list of arrays": lambda: [X, Y],
    "other library's arrays": lambda: (SpeaksDLPack(X), Indexed(Y)),
    "nested lists": lambda: (X.astype(float).tolist(), Y.astype(float).tolist()),
    "rows": lambda: (list(X), Y),
    "loader": lambda: ag.DataLoader(X, Y, batch_size=20),
    "list of tuples": lambda: BATCHES,
    "list of lists": lambda: [list(batch) for batch in BATCHES],
    "list of batches of another library": lambda: [[SpeaksDLPack(x), SpeaksArray(y)] for x, y in BATCHES],
    "re-iterable": Loader,
    "re-iterable of tuples": lambda: Loader(SpeaksDLPack, tuple),
    "constant tensors": lambda: [(ag.tensor(x), ag.tensor(y)) for x, y in BATCHES],
    "pandas": lambda: tuple(map(library("pandas").DataFrame, (X, Y))),
    "polars": lambda: tuple(map(library("polars").DataFrame, (X, Y))),
    "xarray": lambda: tuple(map(library("xarray").DataArray, (X, Y))),
    "dask": lambda: tuple(map(library("dask.array").from_array, (X, Y))),
    "torch": lambda: tuple(map(library("torch").tensor, (X, Y))),
    "torch's loader": torch_loader,
}
TAKEN = {name: make for name, make in TAKEN.items() if not is_large_and_missing(name)}


@pytest.mark.parametrize("name", TAKEN)
def test_each_form_gives_the_run_that_arrays_give(name):
    expected, found = run((X, Y)), run(TAKEN[name]())
    if name == "nested lists":  # of float64
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-4)
    else:
        assert found == expected
    assert run(TAKEN[name](), epochs=2, validation=TAKEN[name](), train_metrics=True, accumulate=2)


REFUSED = {
    "array": (X, r"tuple of arrays such as \(X, y\), not ndarray"),
    "table": (Indexed(X), r"tuple of arrays such as \(X, y\), not Indexed"),
    "tensor": (ag.tensor(X), "not Tensor"),
    "dict": ({"X": X, "y": Y}, r"not dict: give its arrays, such as \(data\['X'\], data\['y'\]\)"),
    "mapping": (collections.UserDict(X=X, y=Y), "not UserDict: give its arrays"),
    "generator": ((batch for batch in BATCHES), r"not generator: it gives its batches only once, so give list\(data\)"),
    "zip": (zip(X, Y, strict=True), "not zip: it gives"),
    "text": ("data.csv", "not str"),
    "None": (None, "not NoneType"),
    "function": (lambda: BATCHES, "not function"),
    "batches in a tuple": (tuple(BATCHES), r"arrays or batches: write \(np.array\(X\), np.array\(y\)\) for arrays"),
    "lists in a tuple": (([X, X], [Y, Y]), "arrays or batches"),
    "numbers in lists": ([[[0.0], [1.0]], [[2.0], [3.0]]], "arrays or batches"),
    "examples": (list(zip(X, Y[:, 0], strict=True)), r"target.*of single examples make arrays"),
    "batches without target": ([(X,), (X,)], r"a batch is a tuple of inputs and the target, such as \(x, y\)"),
    "batches of arrays": (
        Loader(collate=lambda parts: np.hstack([part.values for part in parts])),
        "a batch is",
    ),
    "batches that are dicts": (Loader(collate=lambda parts: dict(enumerate(parts))), "a batch is a tuple"),
    "masked": ((np.ma.array(X, mask=X > 1), Y), "hides elements"),
    "masked in a batch": ([(np.ma.array(X, mask=X > 1), Y)], "hides elements"),
    "objects": ((X.astype(object), Y), r"np.asarray\(x, float\)"),
    "text in a table": ((np.array([["a"]] * 60), Y), r"np.asarray\(x, float\)"),
    "times": ((X, Y.astype("M8[s]")), "the time since one of them"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_forms_are_refused_with_what_to_write(name):
    data, message = REFUSED[name]
    with pytest.raises((TypeError, ValueError), match=message):
        run(data, epochs=2)


def test_two_batches_of_two_arrays_are_batches():
    a, b = X[:20], Y[:20]
    assert [len(batch) for batch in as_batches([[a, b], [b, a]], 5)] == [2, 2]
    np.testing.assert_array_equal(next(iter(as_batches([[a, b], [b, a]], 5)))[0], a)


@pytest.mark.parametrize("batch", [lambda x, y: ((x, x), y), lambda x, y: ({"a": x}, y), lambda x, y: (x, (y, y))])
def test_inputs_and_targets_may_be_trees(batch):
    class Takes(nn.Module):
        def __init__(self):
            self.linear = nn.Linear(2, 1)

        def forward(self, x):
            return self.linear(x["a"] if isinstance(x, dict) else x[0] + x[1] if isinstance(x, tuple) else x)

    def loss(prediction, target):
        return nn.MSELoss()(prediction, target[1] if isinstance(target, tuple) else target)

    def losses(kind):
        ag.manual_seed(0)
        model = Takes()
        data = [batch(kind(x), kind(y)) for x, y in [*BATCHES, (X[:7], Y[:7])]]
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        return ag.fit(model, data, loss, optimizer, epochs=2, progress=False, compile=False)["train_loss"]

    assert losses(SpeaksArray) == losses(np.array)


def test_the_rows_of_several_targets_are_counted_once():
    model = nn.Linear(2, 1)
    data = [(X[:n], (Y[:n], Y[:n])) for n in (50, 10)]
    both = ag.evaluate(model, data, lambda prediction, target: nn.MSELoss()(prediction, target[0]))
    assert both == pytest.approx(ag.evaluate(model, [(x, y) for x, (y, _) in data], nn.MSELoss()))
