"""Whatever is public is compared with something: a layer, loss, optimizer or scheduler that nobody checks fails here.

Most are held against PyTorch's numbers (`tests/golden`). What PyTorch has no numbers for stands in `OTHERWISE`, with
the test that holds it against its definition. An optimizer that PyTorch lacks is held against what every optimizer
promises (`tests/optim/test_every_optimizer.py`), which finds it by itself.
"""

import inspect
from pathlib import Path

import pytest

from autograd_lite import nn, optim
from autograd_lite.optim import lr_scheduler
from tests.golden import NAMES, load

ROOT = Path(__file__).parent
OTHERWISE = {
    "nn.Sequential": "nn/test_container.py::test_layers_are_called_in_order",
    **dict.fromkeys(("nn.ModuleList", "nn.ModuleDict", "nn.ParameterList"), "nn/test_modules.py::test_holders"),
    "nn.Identity": "nn/test_activation.py::test_identity_gives_the_tensor_itself",
    "nn.Flatten": "nn/test_shape.py::test_axes_become_one",
    "nn.Dropout": "nn/test_dropout.py::test_training_drops_and_scales",
    "nn.Dropout2d": "nn/test_modules.py::test_dropout2d_drops_whole_channels",
    "nn.init.zeros_": "nn/test_init.py::test_filling_is_in_place_repeatable_and_noticed",
    "nn.init.ones_": "nn/test_init.py::test_ones",
    "nn.init.constant_": "nn/test_init.py::test_filling_is_in_place_repeatable_and_noticed",
    "nn.init.orthogonal_": "nn/test_init.py::test_orthogonal_rows_or_columns",
    "nn.init.trunc_normal_": "nn/test_init.py::test_truncated_normal_numbers",
    "nn.init.eye_": "nn/test_init.py::test_the_identity",
    "nn.init.dirac_": "nn/test_init.py::test_dirac_filters_give_what_they_get",
    "optim.LBFGS": "optim/test_lbfgs.py::test_trajectory_equals_pytorch",
    "optim.Newton": "optim/test_newton.py::test_damping_and_lr_are_those_of_the_equation",
    "optim.HessianFree": "optim/test_hessian_free.py::test_products_equal_those_of_the_matrix",
}
PYTORCHS = {
    *("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "ASGD"),
    *("LBFGS", "NAdam", "RAdam", "RMSprop", "Rprop", "SGD"),
}


def subclasses(module, base):
    """The public classes of a module that are of some kind."""
    found = {name: getattr(module, name) for name in module.__all__}
    return [name for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, base) and kind != base]


def by_equation(name):
    """Whether an optimizer is an equation that PyTorch does not have."""
    return hasattr(getattr(optim, name), "update") and name not in PYTORCHS


FILLS = [n for n, f in vars(nn.init).items() if inspect.isfunction(f) and n.endswith("_") and not n.startswith("_")]
PUBLIC = [
    *[("nn", name) for name in subclasses(nn, nn.Module)],
    *[("nn.init", name) for name in FILLS],
    *[("optim", name) for name in subclasses(optim, optim.Optimizer) if not by_equation(name)],
    *[("lr_scheduler", name) for name in subclasses(lr_scheduler, lr_scheduler.LRScheduler)],
]
KEYS = ("layer", "activation", "loss", "function", "optimizer", "scheduler")
RECORDED = {case[key] for name in NAMES for case in load(name) for key in KEYS if isinstance(case.get(key), str)}


@pytest.mark.parametrize("name", [f"{module}.{name}" for module, name in PUBLIC])
def test_it_is_compared(name):
    assert name in OTHERWISE or name.split(".")[-1] in RECORDED, (
        f"{name} has no case in tests/golden/recorders/: record one, or name in OTHERWISE the test that compares it"
    )


@pytest.mark.parametrize("where", OTHERWISE.values(), ids=OTHERWISE)
def test_what_compares_it_is_there(where):
    file, name = where.split("::")
    assert f"def {name}(" in (ROOT / file).read_text()


def test_nothing_stands_here_that_is_gone():
    assert OTHERWISE.keys() <= {f"{module}.{name}" for module, name in PUBLIC}


READERS = {"sequences": 2}  # files that several tests share, each of them a part


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_case_is_read(name):
    texts = [path.read_text(encoding="utf-8") for path in ROOT.rglob("test_*.py")]
    whole = sum(f' = load("{name}")\n' in text for text in texts)
    assert whole or sum(f'in load("{name}") if' in text for text in texts) == READERS.get(name)
