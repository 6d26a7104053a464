"""PyTorch."""

import os
import warnings
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.features.checks import Missing, Wrong, close, nothing_compiled, nothing_named, same_dtype

A = np.array([[3.0, 1.0], [1.0, 2.0]])


def leaf(*numbers: float) -> Any:
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


def numpy() -> str:
    x = leaf(0.5, -0.5)
    try:
        np.linalg.solve(A, np.tanh(x)).sum().backward()
    except RuntimeError as error:
        refusal = str(error)

    @torch.compile(fullgraph=True)
    @torch.compiler.wrap_numpy
    def f(x: Any) -> Any:
        return np.sum(np.linalg.solve(A, np.tanh(x)))

    f(x).backward()
    close(x.grad, np.array([0.2, 0.4]) * (1 - np.tanh(0.5) ** 2))
    return f"inside `torch.compile`, with `torch.compiler.wrap_numpy`; elsewhere: {refusal}"


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
    for other in (2.0, torch.full((3,), 2.0, dtype=torch.float64)):
        x = torch.ones(3, dtype=torch.float32, requires_grad=True)
        torch.tanh(x * other).mean().backward()
        same_dtype(x.grad.dtype)


def stale() -> str:
    x = leaf(1, 2)
    y = (x * x).sum()
    with torch.no_grad():
        x.mul_(10)
    try:
        y.backward()
    except RuntimeError:
        pass
    else:
        close(x.grad, [2, 4])
    x = leaf(1, 2)
    y = (x * x).sum()
    x.data *= 10
    y.backward()
    return f"under `no_grad` it raises; after `x.data *= 10` the gradient is {x.grad.tolist()}, not [2.0, 4.0]"


def loss_shapes() -> str:
    p, t, warned = leaf(0, 1, 2).reshape(3, 1), torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64), []
    for loss in (functional.mse_loss, functional.huber_loss):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                loss(p, t)
            except ValueError:
                continue
        if not caught:
            raise Wrong(f"{loss.__name__} says nothing")
        warned.append(loss.__name__)
    return f"{' and '.join(warned)} warn: {str(caught[0].message).split('. ')[0]}" if warned else ""


def first_nan() -> str:
    warnings.simplefilter("ignore")
    found = []
    for function in (torch.sqrt, torch.log):
        try:
            with torch.autograd.detect_anomaly():
                a = leaf(1, 3) - 2
                (function(a) * 3).sum().backward()
        except RuntimeError:
            found.append(function.__name__)
    if not found:
        raise Wrong("nothing was raised")
    return "" if "log" in found else "a NaN of `sqrt` is, one of `log` is not: only NaN in gradients are looked for"


class HalfSquare(torch.autograd.Function):
    """x², with a gradient that lacks the factor 2."""

    @staticmethod
    def forward(context: Any, x: Any) -> Any:
        context.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(context: Any, g: Any) -> Any:
        return g * context.saved_tensors[0]


def diagnosis() -> str:
    try:
        torch.autograd.gradcheck(HalfSquare.apply, (leaf(1, 2),))
    except RuntimeError as error:
        return "" if "factor" in str(error) else "`gradcheck` refuses it and prints both Jacobians, without a reason"
    raise Wrong("gradcheck passes")


def hessian() -> None:
    close(torch.func.hessian(lambda x: (x**3).sum())(torch.tensor([1.0, 2.0])), [[6, 0], [0, 12]])


def forward_mode() -> None:
    close(torch.func.jvp(torch.sin, (torch.tensor(1.0),), (torch.tensor(1.0),)), [np.sin(1), np.cos(1)])


def vmap() -> None:
    close(torch.func.vmap(torch.dot)(torch.ones(4, 3), torch.ones(4, 3)), [3, 3, 3, 3])


def custom() -> None:
    x = leaf(3)
    HalfSquare.apply(x).sum().backward()
    close(x.grad, [3])


def checkpoint() -> None:
    from torch.utils.checkpoint import checkpoint

    calls: list[int] = []

    def f(x: Any) -> Any:
        calls.append(1)
        return torch.sin(x)

    x = leaf(1)
    checkpoint(f, x, use_reentrant=False).sum().backward()
    close(x.grad, [np.cos(1)])
    close(len(calls), 2)


def optimizers() -> None:
    x = leaf(1, 2)
    optimizer = torch.optim.Adam([x], lr=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=100)
    for _ in range(100):
        optimizer.zero_grad()
        (x * x).sum().backward()
        optimizer.step()
        schedule.step()
    close(x.detach(), [0, 0], 0.05)


def second_order() -> str:
    x, a = leaf(1, 2), torch.from_numpy(A)
    optimizer = torch.optim.LBFGS([x])

    def closure() -> Any:
        optimizer.zero_grad()
        loss = x @ a @ x / 2
        loss.backward()
        return loss

    optimizer.step(closure)
    close(x.detach(), [0, 0])
    try:
        nothing_named("torch", "newton")
    except Missing as missing:
        return f"L-BFGS; {missing}"


def estimators() -> None:
    nothing_named("torch", "sklearn|scikit")


def compiled() -> str:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    optimizer, x = torch.optim.Adam(model.parameters()), torch.ones(8, 3)
    parameters = list(model.parameters())

    def whole(x: Any) -> Any:
        loss = model(x).square().mean()
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            parameter.grad = gradient
        optimizer.step()
        return loss.detach()

    def usual(x: Any) -> Any:
        optimizer.zero_grad()
        loss = model(x).square().mean()
        loss.backward()
        optimizer.step()
        return loss.detach()

    try:
        with torch._dynamo.config.patch(trace_autograd_ops=True):  # the backward pass becomes part of the graph
            return descends(torch.compile(whole, fullgraph=True), x)
    except torch._dynamo.exc.Unsupported as error:
        refusal = str(error).splitlines()[0]
    torch._dynamo.reset()
    descends(torch.compile(usual), x)
    torch._dynamo.reset()
    graphs = torch._dynamo.explain(usual)(x).graph_count
    return f"in {graphs} graphs, with Python between; `torch.optim.Adam` in one graph: {refusal}"


def descends(step: Any, x: Any) -> None:
    losses = [step(x).item() for _ in range(3)]
    if not losses[2] < losses[1] < losses[0]:
        raise Wrong(f"the losses are {losses}")


def gradient_of_half(rank: int, address: str, results: Any) -> None:
    torch.distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=2)
    model = nn.Linear(1, 1, bias=False).double()
    nn.init.constant_(model.weight, 2.0)
    half = torch.arange(8.0, dtype=torch.float64).reshape(2, 4, 1)[rank]
    parallel = nn.parallel.DistributedDataParallel(model)
    parallel(half).square().mean().backward()
    results.put(model.weight.grad.item())
    torch.distributed.destroy_process_group()


def data_parallel() -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        results = torch.multiprocessing.get_context("spawn").SimpleQueue()
        address = f"file://{os.path.join(temporary, 'meeting')}"
        torch.multiprocessing.spawn(gradient_of_half, (address, results), nprocs=2)
        close([results.get(), results.get()], [70, 70])


def device() -> None:
    x = torch.ones(3, device=torch.device("cpu"), requires_grad=True)
    x.sum().backward()
    assert x.grad.device.type == "cpu"
    assert torch.device("cuda").type == "cuda"


def sparse() -> None:
    x = leaf(1, 2)
    (torch.from_numpy(A).to_sparse_csr() @ x).sum().backward()
    close(x.grad, A.sum(axis=0))


def traced() -> Any:
    from torch.fx.experimental.proxy_tensor import make_fx

    return make_fx(torch.func.grad(lambda x: torch.tanh(x).sum()))(torch.ones(3))


def drawing() -> str:
    from torch.fx.passes.graph_drawer import FxGraphDrawer

    assert "tanh" in FxGraphDrawer(traced(), "gradient").get_dot_graph().to_string()
    return "`FxGraphDrawer` draws the operations with their shapes, without numbers; it needs pydot"


def stepping() -> None:
    nothing_named("torch", "step_?through|step_?by_?step|walk_?through|animat")


def source() -> None:
    assert "tanh_backward" in traced().code


def script() -> None:
    if "torch." in traced().code:
        raise Wrong("the code that `make_fx` gives calls torch.ops")


def pure_python() -> None:
    nothing_compiled("torch")
