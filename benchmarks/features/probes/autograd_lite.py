"""autograd_lite."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import autograd_lite as ag
from autograd_lite import distributed, nn, optim
from benchmarks.features.checks import COMPILED, Wrong, close, folder, nothing_named, points_at, same_dtype

A = np.array([[3.0, 1.0], [1.0, 2.0]])


def leaf(*numbers: float) -> Any:
    return ag.tensor(np.array(numbers, float), requires_grad=True)


def numpy() -> None:
    x = leaf(0.5, -0.5)
    np.linalg.solve(A, np.tanh(x)).sum().backward()
    close(x.grad, np.array([0.2, 0.4]) * (1 - np.tanh(0.5) ** 2))


def assignment() -> None:
    x = leaf(1, 2, 3)
    y = x * 1
    y[0] = 5 * x[1]
    (y * y).sum().backward()
    close(x.grad, [0, 104, 6])


def long_chain() -> None:
    x = y = leaf(1)
    for _ in range(100_000):
        y = y * 1.0
    y.sum().backward()
    close(x.grad, [1])


def float32() -> None:
    for other in (2.0, np.full(3, 2.0)):
        x = ag.tensor(np.ones(3, np.float32), requires_grad=True)
        np.tanh(x * other).mean().backward()
        same_dtype(x.grad.dtype)


def stale() -> None:
    def rebind(x: Any) -> None:
        x.data = x.data * 10

    def in_place(x: Any) -> None:
        with ag.no_grad():
            x *= 10

    for change in (rebind, in_place):
        x = leaf(1, 2)
        y = (x * x).sum()
        change(x)
        try:
            y.backward()
        except RuntimeError:
            continue
        close(x.grad, [2, 4])


def loss_shapes() -> None:
    functions = nn.functional
    for loss in (functions.mse_loss, functions.huber_loss, functions.binary_cross_entropy_with_logits):
        try:
            loss(leaf(0, 1, 2).reshape(3, 1), np.array([0.0, 1.0, 1.0]))
        except ValueError:
            continue
        raise Wrong(f"{loss.__name__} says nothing")


def first_nan() -> None:
    try:
        with np.errstate(all="ignore"), ag.detect_anomaly():
            a = leaf(1, 3) - 2
            b = np.log(a)
            (b * 3).sum().backward()
    except ag.AnomalyError as error:
        return points_at(error, "b = np.log(a)")
    raise Wrong("nothing was raised")


def diagnosis() -> None:
    x, y = np.arange(5.0), 2 * np.arange(5.0)
    said = str(ag.diagnose_gradient(lambda w: np.mean((w * x - y) ** 2), lambda w: np.mean((w * x - y) * x), 0.5))
    if "a factor 2 is missing" not in said:
        raise Wrong(said)


def hessian() -> None:
    close(ag.hessian(lambda x: np.sum(x**3))(np.array([1.0, 2.0])), [[6, 0], [0, 12]])


def forward_mode() -> str:
    value, change = ag.jvp(np.sin, (1.0,), (1.0,))
    close([value, change], [np.sin(1), np.cos(1)])
    return "`jvp` walks back twice; there are no forward rules"


def vmap() -> None:
    nothing_named("autograd_lite", "vmap")


def custom() -> None:
    flipped = ag.custom_vjp(lambda x: x, lambda g, y, x: -g)
    close(ag.grad(flipped)(1.0), -1)


def checkpoint() -> None:
    calls: list[int] = []

    def f(x: Any) -> Any:
        calls.append(1)
        return np.sin(x)

    close(ag.grad(ag.checkpoint(f))(1.0), np.cos(1))
    close(len(calls), 2)


def optimizers() -> None:
    x = leaf(1, 2)
    optimizer = optim.Adam([x], lr=0.1)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=100)
    for _ in range(100):
        optimizer.zero_grad()
        (x * x).sum().backward()
        optimizer.step()
        schedule.step()
    close(x.data, [0, 0], 0.05)


def second_order() -> None:
    for method in (optim.LBFGS, optim.Newton):
        x = leaf(1, 2)
        optimizer = method([x])

        def loss(x: Any = x, optimizer: Any = optimizer) -> Any:
            optimizer.zero_grad()
            value = (x @ A @ x).sum() / 2
            if isinstance(optimizer, optim.LBFGS):
                value.backward()
            return value

        for _ in range(5):
            optimizer.step(loss)
        close(x.data, [0, 0])


def estimators() -> None:
    from sklearn.datasets import load_iris
    from sklearn.model_selection import GridSearchCV

    from autograd_lite.interop.sklearn import MLPClassifier

    X, y = load_iris(return_X_y=True)
    search = GridSearchCV(MLPClassifier(random_state=0), {"learning_rate_init": [0.01]}, cv=2)
    assert search.fit(X, y).best_score_ > 0.8


def make_step() -> tuple[Any, Any]:
    ag.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    optimizer, loss_of = optim.Adam(model.parameters()), nn.MSELoss()

    @ag.compile
    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, (np.ones((8, 3), np.float32), np.zeros((8, 1), np.float32))


def compiled() -> None:
    step, batch = make_step()
    losses = [float(step(*batch)) for _ in range(3)]
    assert losses[2] < losses[1] < losses[0]
    assert "optimizer" not in step.source


def half_of_the_gradient(communicator: Any) -> Any:
    x, w = np.arange(8.0), leaf(2)
    mine = distributed.shard(x, communicator)
    ((w * mine) ** 2).mean().backward()
    distributed.average_gradients([w], communicator, weight=len(mine))
    return w.grad


def data_parallel() -> None:
    for gradient in distributed.launch(half_of_the_gradient, 2):
        close(gradient, [70])


def device() -> None:
    ag.tensor([1.0]).to("cpu")


def sparse() -> None:
    from scipy.sparse import csr_array

    x = leaf(1, 2)
    (csr_array(A) @ x).sum().backward()
    close(x.grad, A.sum(axis=0))


def drawing() -> None:
    x = leaf(1.5)
    y = 7 * x**2
    y.backward()
    assert "1.5" in ag.draw(y).source
    assert "21" in ag.draw(y).source


def stepping() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        page = Path(temporary, "steps.html")
        ag.step_through(np.tanh(leaf(1.5)).sum()).save(page)
        assert "<html" in page.read_text(encoding="utf-8").lower()


def source() -> None:
    assert "np.tanh" in ag.source(lambda x: np.sum(np.tanh(x)), np.ones(3))


def script() -> None:
    step, batch = make_step()
    step(*batch)
    with tempfile.TemporaryDirectory() as temporary:
        step.save(Path(temporary, "step.py"))
        block = "import sys; sys.modules['autograd_lite'] = None; import step; print('numpy' in sys.modules)"
        subprocess.run([sys.executable, "-c", block], cwd=temporary, check=True, capture_output=True)


def pure_python() -> None:
    if compiled := [path.name for path in folder("autograd_lite").rglob("*") if path.suffix in COMPILED]:
        raise Wrong(f"brings {compiled}")
