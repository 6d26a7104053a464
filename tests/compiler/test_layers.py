"""Every layer, activation, loss and optimizer: compiled training steps are the eager ones, bit for bit."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from tests.compiler.check import check_training, compiled, values
from tests.golden import load

N, FEATURES, CLASSES = 6, 4, 3


def batches(n=N, count=3, targets=None, dtype=np.float32):
    """New data for every step."""
    rng = np.random.default_rng(3)
    for _ in range(count):
        yield rng.normal(size=(n, FEATURES)).astype(dtype), (targets or numbers)(rng, n)


def numbers(rng, n):
    return rng.normal(size=(n, CLASSES)).astype(np.float32)


def labels(rng, n):
    return rng.integers(CLASSES, size=n)


def shares(rng, n):
    return rng.dirichlet(np.ones(CLASSES), size=n).astype(np.float32)


def answers(rng, n):
    return rng.integers(2, size=(n, CLASSES)).astype(np.float32)


def training(layers, loss, optimizer=lambda parameters: optim.Adam(parameters, lr=1e-2)):
    """What makes a network, its training step and the state that a step changes."""

    def make():
        model = nn.Sequential(*layers())
        criterion = loss()
        opt = optimizer(list(model.parameters()))

        def step(x, target):
            opt.zero_grad()
            value = criterion(model(x), target)
            (value if value.ndim == 0 else value.sum()).backward()
            opt.step()
            return value

        def state():
            arrays = [a for group in opt.flats for flat in group for a in flat.state.values()]
            return [*(tensor for _, tensor in model.tensors()), *arrays]

        return step, state

    return make


def network(*inner):
    return lambda: [nn.Linear(FEATURES, 5), *[make() for make in inner], nn.Linear(5, CLASSES)]


class Attending(nn.Module):
    """Rows that attend to each other."""

    def __init__(self, features, layer=None):
        self.layer = layer or nn.MultiheadAttention(features, 1, dropout=0.1)

    def forward(self, input):
        x = input[:, None]
        y = self.layer(x, x, x)[0] if isinstance(self.layer, nn.MultiheadAttention) else self.layer(x)
        return y[:, 0]


LAYERS = {
    "Identity": nn.Identity,
    "ReLU": nn.ReLU,
    "LeakyReLU": lambda: nn.LeakyReLU(0.2),
    "ELU": lambda: nn.ELU(1.5),
    "SELU": nn.SELU,
    "GELU": nn.GELU,
    "GELU tanh": lambda: nn.GELU("tanh"),
    "SiLU": nn.SiLU,
    "Softplus": nn.Softplus,
    "Softplus of beta": lambda: nn.Softplus(2.0, threshold=1.0),
    "Sigmoid": nn.Sigmoid,
    "Tanh": nn.Tanh,
    "PReLU": lambda: nn.PReLU(5),
    "ReLU6": nn.ReLU6,
    "Hardswish": nn.Hardswish,
    "Mish": nn.Mish,
    "LogSigmoid": nn.LogSigmoid,
    "Softsign": nn.Softsign,
    "GLU": lambda: nn.Sequential(nn.Linear(5, 10), nn.GLU()),
    "Hardtanh": lambda: nn.Hardtanh(-0.5, 0.5),
    "Softmax": nn.Softmax,
    "LogSoftmax": nn.LogSoftmax,
    "Flatten": nn.Flatten,
    "Linear without bias": lambda: nn.Linear(5, 5, bias=False),
    "BatchNorm1d": lambda: nn.BatchNorm1d(5),
    "BatchNorm1d of averages": lambda: nn.BatchNorm1d(5, momentum=None),
    "BatchNorm1d, plain": lambda: nn.BatchNorm1d(5, affine=False, track_running_stats=False),
    "LayerNorm": lambda: nn.LayerNorm(5),
    "LayerNorm, plain": lambda: nn.LayerNorm(5, elementwise_affine=False),
    "Dropout": nn.Dropout,
    "Dropout of its own": lambda: nn.Dropout(0.3, generator=np.random.default_rng(5)),
    "Dropout of nothing": lambda: nn.Dropout(0.0),
    "Dropout of all": lambda: nn.Dropout(1.0),
    "GroupNorm": lambda: nn.Sequential(nn.Linear(5, 6), nn.GroupNorm(2, 6), nn.Linear(6, 5)),
    "RMSNorm": lambda: nn.RMSNorm(5),
    "MultiheadAttention": lambda: Attending(5),
    "TransformerEncoderLayer": lambda: Attending(5, nn.TransformerEncoderLayer(5, 1, 4)),
    "Transformer, norm first": lambda: Attending(5, nn.TransformerEncoderLayer(5, 5, 4, 0.0, "gelu", norm_first=True)),
    "Sequential": lambda: nn.Sequential(nn.Linear(5, 5), nn.Tanh()),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name):
    check_training(training(network(LAYERS[name]), nn.MSELoss), list(batches()))


@pytest.mark.parametrize("name", ["BatchNorm1d", "Dropout", "LayerNorm"])
def test_layer_in_evaluation(name):
    def layers():
        made = network(LAYERS[name])()
        made[1].eval()
        return made

    check_training(training(layers, nn.MSELoss), list(batches()))


def test_all_layers_are_tested():
    tables = (*LAYERS.values(), *IMAGE_LAYERS.values(), *CELLS.values(), *SEQUENCES.values(), nn.CosineSimilarity)
    made = {type(module).__name__ for make in tables for module in make().modules()} | {"Linear", "Embedding"}
    there = {name for name in nn.__all__ if isinstance(getattr(nn, name), type)}
    losses = {name for name in there if name.endswith("Loss")}
    holders = {"ModuleList", "ModuleDict", "ParameterList"}
    recorded = {
        case.get("layer", case.get("activation")) for n in ("layers", "images", "activations") for case in load(n)
    }
    elsewhere = recorded | {"Module", "Parameter", "Buffer", "EmbeddingBag", *holders}  # recorded: nn/test_golden.py
    assert there - losses - made <= elsewhere
    assert losses <= {type(module).__name__ for make, _, _ in LOSSES.values() for module in make().modules()}


class OfThree(nn.Module):
    """A loss of predictions, targets and something else."""

    def __init__(self, loss, third):
        self.loss, self.third = loss, third

    def forward(self, input, target):
        return self.loss(input, target, self.third(input))


WEIGHT = np.array([0.5, 1.0, 2.0], np.float32)
ALL = ("mean", "sum", "none")
LOSSES = {
    "TripletMarginLoss": (lambda: OfThree(nn.TripletMarginLoss(4.0), lambda x: x[::-1]), (), numbers),
    "TripletMarginLoss swapped": (lambda: OfThree(nn.TripletMarginLoss(swap=True), lambda x: x * 0.5), (), numbers),
    "GaussianNLLLoss": (lambda: OfThree(nn.GaussianNLLLoss(full=True), np.exp), (), numbers),
    "PoissonNLLLoss": (lambda: nn.PoissonNLLLoss(full=True), (), answers),
    "PoissonNLLLoss of means": (lambda: nn.PoissonNLLLoss(log_input=False), (nn.Softplus,), answers),
    "HingeEmbeddingLoss": (nn.HingeEmbeddingLoss, (nn.Softplus,), lambda rng, n: 2 * answers(rng, n) - 1),
    "CosineSimilarity": (nn.CosineSimilarity, (), numbers),
    **{f"MSELoss {r}": (lambda r=r: nn.MSELoss(r), (), numbers) for r in ALL},
    **{f"L1Loss {r}": (lambda r=r: nn.L1Loss(r), (), numbers) for r in ALL},
    **{f"SmoothL1Loss {b}": (lambda b=b: nn.SmoothL1Loss(beta=b), (), numbers) for b in (0.5, 1.0, 0.0)},
    **{f"HuberLoss {d}": (lambda d=d: nn.HuberLoss(delta=d), (), numbers) for d in (0.5, 1.0)},
    **{f"BCELoss {r}": (lambda r=r: nn.BCELoss(reduction=r), (nn.Sigmoid,), answers) for r in ALL},
    "BCELoss weighted": (lambda: nn.BCELoss(WEIGHT), (nn.Sigmoid,), shares),
    **{
        f"BCEWithLogitsLoss {r}": (lambda r=r: nn.BCEWithLogitsLoss(reduction=r), (), answers) for r in ("mean", "none")
    },
    "BCEWithLogitsLoss weighted": (lambda: nn.BCEWithLogitsLoss(WEIGHT, pos_weight=2 * WEIGHT), (), answers),
    **{
        f"CrossEntropyLoss {r}": (lambda r=r: nn.CrossEntropyLoss(reduction=r), (), labels)
        for r in ("mean", "sum", "none")
    },
    "CrossEntropyLoss weighted": (lambda: nn.CrossEntropyLoss(WEIGHT), (), labels),
    "CrossEntropyLoss smooth": (lambda: nn.CrossEntropyLoss(label_smoothing=0.1), (), labels),
    "CrossEntropyLoss all": (lambda: nn.CrossEntropyLoss(WEIGHT, label_smoothing=0.1, reduction="sum"), (), labels),
    "CrossEntropyLoss ignoring": (lambda: nn.CrossEntropyLoss(ignore_index=0), (), labels),
    "CrossEntropyLoss of shares": (lambda: nn.CrossEntropyLoss(), (), shares),
    "CrossEntropyLoss of weighted shares": (lambda: nn.CrossEntropyLoss(WEIGHT, label_smoothing=0.2), (), shares),
    **{
        f"NLLLoss {r}": (lambda r=r: nn.NLLLoss(reduction=r), (nn.LogSoftmax,), labels) for r in ("mean", "sum", "none")
    },
    "NLLLoss ignoring": (lambda: nn.NLLLoss(WEIGHT, ignore_index=1), (nn.LogSoftmax,), labels),
    **{
        f"KLDivLoss {r}": (lambda r=r: nn.KLDivLoss(r), (nn.LogSoftmax,), shares)
        for r in ("mean", "sum", "none", "batchmean")
    },
    "KLDivLoss of logarithms": (
        lambda: nn.KLDivLoss(log_target=True),
        (nn.LogSoftmax,),
        lambda rng, n: np.log(shares(rng, n)),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_loss(name):
    loss, last, targets = LOSSES[name]
    check_training(
        training(lambda: [nn.Linear(FEATURES, CLASSES), *[f() for f in last]], loss), list(batches(targets=targets))
    )


OPTIMIZERS = {
    "SGD": lambda p: optim.SGD(p, lr=0.1),
    "SGD momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "SGD dampening": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.2, weight_decay=0.01),
    "SGD nesterov": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "SGD maximize": lambda p: optim.SGD(p, lr=0.01, maximize=True),
    "Adam": lambda p: optim.Adam(p),
    "Adam amsgrad": lambda p: optim.Adam(p, lr=0.1, amsgrad=True),
    "Adam decay": lambda p: optim.Adam(p, lr=0.1, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1, maximize=True),
    "AdamW": lambda p: optim.AdamW(p, lr=0.1, weight_decay=0.1),
    "AdamW amsgrad": lambda p: optim.AdamW(p, lr=0.1, amsgrad=True, maximize=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.1),
    "Adagrad decay": lambda p: optim.Adagrad(
        p, lr=0.1, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.5, maximize=True
    ),
    "RMSprop": lambda p: optim.RMSprop(p),
    "RMSprop centered": lambda p: optim.RMSprop(p, lr=0.1, momentum=0.9, centered=True, weight_decay=0.1),
    "Adadelta": lambda p: optim.Adadelta(p, weight_decay=0.1),
    "NAdam": lambda p: optim.NAdam(p),
    "NAdam decoupled": lambda p: optim.NAdam(p, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True, maximize=True),
    "RAdam": lambda p: optim.RAdam(p, lr=0.1, betas=(0.8, 0.9), weight_decay=0.1),
    "RAdam decoupled": lambda p: optim.RAdam(p, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True),
    "Adamax": lambda p: optim.Adamax(p, lr=0.1, weight_decay=0.1, maximize=True),
    "Rprop": lambda p: optim.Rprop(p, lr=0.1, step_sizes=(0.01, 0.12)),
    "ASGD": lambda p: optim.ASGD(p, lr=0.1, lambd=0.1, t0=3.0, weight_decay=0.1),
    "Lion": lambda p: optim.Lion(p, lr=0.01, weight_decay=0.1),
    "two groups": lambda p: optim.SGD([{"params": p[:2], "lr": 0.5}, {"params": p[2:], "momentum": 0.5}], lr=0.1),
    "one of two groups": lambda p: optim.Adam([{"params": p[:1]}, {"params": p[2:3], "lr": 0.1}]),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer(name):
    make = training(network(nn.ReLU), nn.CrossEntropyLoss, OPTIMIZERS[name])
    check_training(make, list(batches(targets=labels, count=9)))  # RAdam rectifies from its 6th step on


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_changed_learning_rate_takes_effect(name):
    def make():
        model = nn.Sequential(*network(nn.Tanh)())
        opt = OPTIMIZERS[name](list(model.parameters()))
        loss = nn.CrossEntropyLoss()

        def step(x, target):
            opt.zero_grad()
            value = loss(model(x), target)
            value.backward()
            opt.step()
            return value

        return step, opt, model

    outcomes = []
    for change in (lambda step: step, compiled):
        ag.manual_seed(1)
        step, opt, model = make()
        step = change(step)
        for i, (x, target) in enumerate(batches(targets=labels, count=4)):
            for group in opt.param_groups:
                group["lr"] *= 0.5**i
            step(x, target)
        outcomes.append([values(p) for p in model.parameters()])
    for expected, got in zip(*outcomes, strict=True):
        np.testing.assert_array_equal(got, expected)
    assert len(step.signatures) == 1


def test_dropout_draws_anew_in_every_call_and_follows_the_seed():
    step = compiled(lambda x: nn.functional.dropout(x, 0.5))
    x = np.ones(50, np.float32)
    ag.manual_seed(3)
    first, second = values(step(x)), values(step(x))
    assert not np.array_equal(first, second)
    ag.manual_seed(3)
    np.testing.assert_array_equal(values(step(x)), first)
    np.testing.assert_array_equal(values(nn.functional.dropout(x, 0.5)), second)


def test_eager_and_compiled_steps_can_be_mixed():
    make = training(network(lambda: nn.BatchNorm1d(5), nn.ReLU, nn.Dropout), nn.CrossEntropyLoss)
    data = list(batches(targets=labels, count=6))
    outcomes = []
    for mixed in (False, True):
        ag.manual_seed(1)
        step, state = make()
        other = compiled(step)
        outcomes.append([values((other if mixed and i % 2 else step)(*batch)) for i, batch in enumerate(data)])
        outcomes[-1] += [values(a) for a in state()]
    for expected, got in zip(*outcomes, strict=True):
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("wrong", [-1, CLASSES, -100])
def test_class_indices_out_of_range_are_refused(wrong):
    step = compiled(nn.functional.cross_entropy)
    scores = np.zeros((2, CLASSES), np.float32)
    step(scores, np.array([0, 1]))
    with pytest.raises(ValueError, match=f"there are {CLASSES} classes, 0 to {CLASSES - 1}.*ignore_index"):
        step(scores, np.array([0, wrong]))
    assert len(step.signatures) == 1


def test_a_mean_over_nothing_is_refused():
    step = compiled(lambda scores, target: nn.functional.cross_entropy(scores, target, ignore_index=-1))
    scores = np.zeros((2, CLASSES), np.float32)
    step(scores, np.array([0, -1]))
    with pytest.raises(ValueError, match="every sample is ignored"):
        step(scores, np.array([-1, -1]))


def test_what_is_no_probability_is_refused():
    step = compiled(nn.functional.binary_cross_entropy)
    target = np.zeros(2)
    step(np.array([0.5, 1.0]), target)
    with pytest.raises(ValueError, match="must be probabilities, from 0 to 1: "):
        step(np.array([0.5, 1.5]), target)


class Unflatten(nn.Module):
    """Rows as images."""

    def forward(self, input):
        return input.reshape(-1, 2, 3, 4)


class Along(nn.Module):
    """A cell along a sequence of three."""

    def __init__(self, cell):
        self.cell = cell

    def forward(self, input):
        state = None
        for _ in range(3):
            state = self.cell(input, state)
        return state[0] * state[1] if isinstance(state, tuple) else state


IMAGE_LAYERS = {
    "Conv2d": lambda: nn.Conv2d(2, 3, 2),
    "Conv2d same": lambda: nn.Conv2d(2, 4, (2, 3), padding="same", groups=2),
    "Conv2d apart": lambda: nn.Conv2d(2, 3, 2, stride=(1, 2), padding=1, dilation=2, bias=False),
    "MaxPool2d": lambda: nn.MaxPool2d(2),
    "MaxPool2d overlapping": lambda: nn.MaxPool2d(2, stride=1, padding=1),
    "AvgPool2d": lambda: nn.AvgPool2d((3, 2), stride=1, padding=1),
    "AdaptiveAvgPool2d": lambda: nn.AdaptiveAvgPool2d((1, 2)),
    "BatchNorm2d": lambda: nn.BatchNorm2d(2),
    "ConvTranspose2d": lambda: nn.ConvTranspose2d(2, 3, 2, stride=2, output_padding=1),
    "InstanceNorm2d": lambda: nn.InstanceNorm2d(2, affine=True),
    "Dropout2d": nn.Dropout2d,
    "Upsample": lambda: nn.Upsample(scale_factor=2),
    "Upsample between": lambda: nn.Upsample((5, 3), mode="bilinear"),
    "Unflatten": lambda: nn.Sequential(nn.Flatten(2), nn.Unflatten(2, (4, -1))),
    "signals": lambda: nn.Sequential(
        *(nn.Flatten(2), nn.Conv1d(2, 3, 3, padding=1), nn.InstanceNorm1d(3), nn.MaxPool1d(2)),
        *(nn.AvgPool1d(2), nn.AdaptiveAvgPool1d(1)),
    ),
    "net": lambda: nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 2, 2)),
}
CELLS = {
    "RNNCell": lambda: nn.RNNCell(5, 5),
    "RNNCell relu": lambda: nn.RNNCell(5, 5, nonlinearity="relu"),
    "LSTMCell": lambda: nn.LSTMCell(5, 5),
    "GRUCell": lambda: nn.GRUCell(5, 5, bias=False),
}


@pytest.mark.parametrize("name", IMAGE_LAYERS)
def test_layer_of_images(name):
    size = IMAGE_LAYERS[name]()(np.zeros((2, 2, 3, 4))).size // 2

    def layers():
        images = [Unflatten(), IMAGE_LAYERS[name](), nn.ReLU(), nn.Flatten()]
        return [nn.Linear(FEATURES, 24), *images, nn.Linear(size, CLASSES)]

    check_training(training(layers, nn.MSELoss), list(batches()))


@pytest.mark.parametrize("name", CELLS)
def test_cell(name):
    check_training(training(network(lambda: Along(CELLS[name]())), nn.MSELoss), list(batches()))


SEQUENCES = {
    "RNN": lambda: nn.RNN(2, 3),
    "LSTM": lambda: nn.LSTM(2, 3, 2, bidirectional=True, dropout=0.2),
    "GRU": lambda: nn.GRU(2, 3, batch_first=True),
}


class Last(nn.Module):
    """What a recurrent layer shows at the end of sequences, and its states."""

    def __init__(self, layer):
        self.layer = layer

    def forward(self, input):
        output, state = self.layer(input.reshape(3, 2, -1, 2)[0])
        states = state if isinstance(state, tuple) else (state,)
        return np.concatenate([output.ravel(), *[h.ravel() for h in states]])[None, : 3 * 2]


@pytest.mark.parametrize("name", SEQUENCES)
def test_recurrent_layer(name):
    def layers():
        return [nn.Linear(FEATURES, 4), Last(SEQUENCES[name]()), nn.Linear(6, CLASSES)]

    check_training(training(layers, nn.MSELoss), [(x, y[:1]) for x, y in batches()])


@pytest.mark.parametrize("mode", ["mean", "sum", "max"])
def test_embedding_bag(mode):
    def tokens(rng, n):
        return rng.integers(7, size=(n, 4))

    data = [(indices, x[:, :CLASSES]) for x, indices in batches(targets=tokens)]
    check_training(training(lambda: [nn.EmbeddingBag(7, 3, mode), nn.Linear(3, CLASSES)], nn.MSELoss), data)


@pytest.mark.parametrize("padding_idx", [None, 1])
def test_embedding(padding_idx):
    def tokens(rng, n):
        return rng.integers(7, size=(n, 4))

    data = [(indices, x[:, :CLASSES]) for x, indices in batches(targets=tokens)]
    layers = lambda: [nn.Embedding(7, 3, padding_idx), nn.Flatten(), nn.Linear(12, CLASSES)]
    check_training(training(layers, nn.MSELoss), data)
