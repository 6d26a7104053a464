"""Random networks: whatever is put together, compiled training steps are the eager ones, bit for bit."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim
from tests.compiler.check import check_training

FEATURES, CLASSES = 3, 4
ACTIVATIONS = (nn.ReLU, nn.Tanh, nn.Sigmoid, nn.GELU, nn.SiLU, nn.ELU, nn.Softplus, nn.Softmax, nn.Identity)
NORMS = {None: lambda width, dtype: None, "batch": nn.BatchNorm1d, "layer": nn.LayerNorm}
LOSSES = {
    "labels": (nn.CrossEntropyLoss, lambda rng, n: rng.integers(CLASSES, size=n)),
    "smooth labels": (
        lambda: nn.CrossEntropyLoss(label_smoothing=0.1, reduction="sum"),
        lambda rng, n: rng.integers(CLASSES, size=n),
    ),
    "numbers": (nn.MSELoss, lambda rng, n: rng.normal(size=(n, CLASSES))),
    "robust": (lambda: nn.HuberLoss(delta=0.5), lambda rng, n: rng.normal(size=(n, CLASSES)).astype(np.float32)),
    "answers": (nn.BCEWithLogitsLoss, lambda rng, n: rng.integers(2, size=(n, CLASSES)).astype(np.float32)),
}
OPTIMIZERS = {
    "SGD": lambda p: optim.SGD(p, lr=0.05),
    "momentum": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3),
    "Adam": lambda p: optim.Adam(p, lr=1e-2),
    "AdamW": lambda p: optim.AdamW(p, lr=1e-2, amsgrad=True),
    "groups": lambda p: optim.Adam([{"params": p[::2]}, {"params": p[1::2], "lr": 1e-3}]),
}


class Block(nn.Module):
    """An affine layer with what may stand around it; `again` uses its weights a second time."""

    def __init__(self, width, inputs, plan, dtype):
        self.linear = nn.Linear(inputs, width, bias=plan["bias"], dtype=dtype)
        self.norm = NORMS[plan["norm"]](width, dtype=dtype)
        self.activation = plan["activation"]()
        self.dropout = nn.Dropout(plan["dropout"])
        self.residual, self.again = plan["residual"] and inputs == width, plan["again"] and inputs == width

    def forward(self, x):
        y = self.linear(x)
        if self.again:
            y = self.linear(np.tanh(y))
        if self.norm is not None:
            y = self.norm(y)
        y = self.dropout(self.activation(y))
        return x + y if self.residual else y


plans = st.fixed_dictionaries(
    {
        "width": st.sampled_from([1, 2, 5, 5, 5, 8]),
        "bias": st.booleans(),
        "norm": st.sampled_from([None, "batch", "layer"]),
        "activation": st.sampled_from(ACTIVATIONS),
        "dropout": st.sampled_from([0.0, 0.3]),
        "residual": st.booleans(),
        "again": st.booleans(),
    }
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    blocks=st.lists(plans, min_size=0, max_size=4),
    n=st.sampled_from([1, 2, 7, 16]),
    loss=st.sampled_from(sorted(LOSSES)),
    optimizer=st.sampled_from(sorted(OPTIMIZERS)),
    clipped=st.booleans(),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_random_net(blocks, n, loss, optimizer, clipped, dtype):
    if n == 1:  # a batch of one has no variance
        blocks = [{**plan, "norm": "layer" if plan["norm"] else None} for plan in blocks]
    rng = np.random.default_rng(n)
    data = [(rng.normal(size=(n, FEATURES)).astype(dtype), LOSSES[loss][1](rng, n)) for _ in range(3)]

    def make():
        widths = [FEATURES, *(plan["width"] for plan in blocks)]
        layers = [Block(plan["width"], inputs, plan, dtype) for inputs, plan in zip(widths, blocks, strict=False)]
        model = nn.Sequential(*layers, nn.Linear(widths[-1], CLASSES, dtype=dtype))
        criterion, opt = LOSSES[loss][0](), OPTIMIZERS[optimizer](list(model.parameters()))

        def step(x, target):
            opt.zero_grad()
            value = criterion(model(x), target)
            value.backward()
            if clipped:
                for p in model.parameters():
                    p.grad = np.clip(p.grad, -0.1, 0.1)
            opt.step()
            return value

        return step, lambda: [tensor for _, tensor in model.tensors()]

    check_training(make, data)


def test_a_step_without_a_network():
    def make():
        w = ag.tensor([1.0, -2.0, 0.5], requires_grad=True, name="w")
        opt = optim.Adam([w], lr=0.1)

        def step(x):
            opt.zero_grad()
            value = ((w * x) ** 2).sum() + np.abs(w).sum()
            value.backward()
            opt.step()
            return value

        return step, lambda: [w]

    check_training(make, [(np.array([1.0, i, -1.0]),) for i in range(3)])
