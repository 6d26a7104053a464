"""tinygrad, whose CPU device needs clang or LLVM on the machine."""

import os
import subprocess
import sys
from typing import Any

import numpy as np
from tinygrad import Context, Tensor, TinyJit
from tinygrad.function import function
from tinygrad.nn import optim

from benchmarks.features.checks import Missing, Wrong, close, nothing_compiled, nothing_named, same_dtype

A = np.array([[3.0, 1.0], [1.0, 2.0]], np.float32)


def leaf(*numbers: float) -> Any:
    return Tensor([float(number) for number in numbers]).realize()


def gradient(y: Any, x: Any) -> Any:
    return y.gradient(x)[0].numpy()


def numpy() -> None:
    x = leaf(0.5, -0.5)
    y = np.linalg.solve(A, np.tanh(x)).sum()
    close(gradient(y, x), np.array([0.2, 0.4]) * (1 - np.tanh(0.5) ** 2))


def assignment() -> None:
    x = leaf(1, 2, 3)
    y = x * 1
    y[0] = 5 * x[1]
    close(gradient((y * y).sum(), x), [0, 104, 6])


def long_chain() -> None:
    x = y = leaf(1)
    for _ in range(100_000):
        y = y * 1.000001
    close(gradient(y.sum(), x), [1.000001**100_000], 1e-2)


def float32() -> None:
    for other in (2.0, Tensor(np.full(3, 2.0))):
        x = Tensor(np.ones(3, np.float32))
        same_dtype(gradient((x * other).tanh().mean(), x).dtype)


def stale() -> None:
    x = leaf(1, 2)
    y = (x * x).sum()
    y.item()
    x.assign(x * 10).realize()
    close(gradient(y, x), [2, 4])


def loss_shapes() -> None:
    p, t = Tensor([[0.2], [0.4], [0.9]]), Tensor([1.0, 0.0, 1.0])  # it has no squared error
    raise Wrong(f"binary_crossentropy of (3, 1) and (3,) gave {p.binary_crossentropy(t).item():.3f}, without a word")


def first_nan() -> None:
    x = leaf(1, 3)
    a = x - 2
    b = a.log()
    (b * 3).sum().realize()
    raise Wrong(f"the gradient is {gradient((b * 3).sum(), x).tolist()}, without a word")


def diagnosis() -> None:
    nothing_named("tinygrad", "gradcheck|check_grad|numerical_grad")


def hessian() -> str:
    x = leaf(1, 2)
    (first,) = (x**3).sum().gradient(x)
    rows = [gradient(first[i], x) for i in range(2)]
    close(rows, [[6, 0], [0, 12]], 1e-3)
    try:
        nothing_named("tinygrad", "hessian")
    except Missing as missing:
        return f"row by row, as the gradient of each element of the gradient; {missing}"


def forward_mode() -> None:
    nothing_named("tinygrad", "jvp|forward_mode|pushforward")


def vmap() -> None:
    nothing_named("tinygrad", "vmap")


@function(grad_fxn=lambda g, call: (g * call.src[1],))
def half_square(x: Any) -> Any:
    """x², with a gradient that lacks the factor 2."""
    return x * x


def custom() -> None:
    x = leaf(3)
    close(gradient(half_square(x).sum(), x), [3])


def checkpoint() -> None:
    nothing_named("tinygrad", "checkpoint")


def optimizers() -> str:
    x = leaf(1, 2).is_param_()
    optimizer = optim.Adam([x], lr=0.1)
    with Context(TRAINING=1):
        for _ in range(100):
            optimizer.zero_grad()
            (x * x).sum().backward()
            optimizer.step()
    close(x.numpy(), [0, 0], 0.05)
    try:
        nothing_named("tinygrad", "lr_schedul|cosine|annealing")
    except Missing as missing:
        return f"Adam; {missing}"


def second_order() -> None:
    nothing_named("tinygrad", "newton(?!_schulz)|lbfgs")


def estimators() -> None:
    nothing_named("tinygrad", "sklearn|scikit|classifier")


def compiled() -> None:
    w, x = Tensor.ones(3, 1).contiguous().realize().is_param_(), Tensor.ones(8, 3).contiguous().realize()
    optimizer = optim.Adam([w], lr=0.01)

    @TinyJit
    def step(x: Any) -> Any:
        optimizer.zero_grad()
        loss = ((x @ w).tanh() ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss.realize()

    with Context(TRAINING=1):
        losses = [step(x).item() for _ in range(5)]  # from the third call on it is a replay
    assert losses == sorted(losses, reverse=True)
    assert len(set(losses)) == 5


def data_parallel() -> None:
    devices = ("CPU:0", "CPU:1")
    x = Tensor(np.arange(8.0, dtype=np.float32)).shard(devices, axis=0)
    w = leaf(2).shard(devices, axis=None)
    close(gradient(((w * x) ** 2).mean(), w), [70])


def device() -> None:
    x = Tensor([1.0, 2.0], device="CPU").realize()
    assert (x * x).sum().gradient(x)[0].device == "CPU"


def sparse() -> None:
    nothing_named("tinygrad", "sparse(?!_categorical)")


def drawing() -> str:
    from tinygrad.viz import serve

    nodes = serve.uop_to_json(serve.VizData(), leaf(1.5).tanh().uop)
    assert nodes
    return "`VIZ=1` serves a page with the compiler's operations, without the numbers"


def stepping() -> None:
    nothing_named("tinygrad", "step_?through|step_?by_?step|walk_?through|animat")


def kernels() -> str:
    program = "from tinygrad import Tensor; x = Tensor([1.0, 2.0]); x.tanh().sum().gradient(x)[0].numpy()"
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"DEBUG": "4"}, capture_output=True, text=True
    )
    return done.stdout + done.stderr


def source() -> str:
    if "void " not in kernels():
        raise Wrong("DEBUG=4 prints no kernel")
    return "as the C code of each kernel, with `DEBUG=4`"


def script() -> None:
    if "void " in kernels():
        raise Wrong("the kernels that it prints are C")


def pure_python() -> None:
    nothing_compiled("tinygrad")
