"""autograd_lite: write plain NumPy; the engine records it and derives every gradient.

Examples
--------
>>> import numpy as np
>>> import autograd_lite as ag
>>> x = ag.tensor([[1.0, 2.0]], requires_grad=True)
>>> y = np.tanh(x @ np.array([[0.5], [-0.25]])).sum()
>>> y.backward()
>>> x.grad
array([[ 0.5 , -0.25]])
"""

import importlib
from typing import TYPE_CHECKING, Any

import numpy

from autograd_lite import autograd, metrics, nn, optim
from autograd_lite.compiler import Compiled, CompileWarning, RetraceWarning, TraceError, compile, source
from autograd_lite.data import DataLoader, TensorDataset, random_split
from autograd_lite.debugging.anomaly import AnomalyError, detect_anomaly
from autograd_lite.debugging.by_hand import Comparison, compare
from autograd_lite.debugging.diagnose_gradient import Diagnosis, diagnose_gradient
from autograd_lite.debugging.gradcheck import GradcheckError, gradcheck, gradgradcheck
from autograd_lite.engine import random
from autograd_lite.engine.grad_mode import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from autograd_lite.engine.graph import TABLE
from autograd_lite.engine.random import default_generator, manual_seed
from autograd_lite.engine.warnings import (
    AutogradWarning,
    BroadcastWarning,
    ForgottenZeroGradWarning,
    GradOfComputedWarning,
    GrowingHistoryWarning,
    LostGradientWarning,
)
from autograd_lite.rules.neural import (
    elu,
    erf,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    softmax,
    softplus,
)
from autograd_lite.rules.reductions import logsumexp
from autograd_lite.rules.registry import ADAPTERS
from autograd_lite.support.habits import PACKAGE
from autograd_lite.tensor.creation import arange, cat, eye, full, linspace, ones, rand, randn, zeros
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.train import History, NonFiniteLossError, callbacks, evaluate, fit, l1_penalty, l2_penalty
from autograd_lite.transforms import (
    checkpoint,
    custom_vjp,
    gnvp,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linearize,
    value_and_grad,
    vjp,
    where_safe,
)

if TYPE_CHECKING:
    from autograd_lite import attribution, distributed, plots
    from autograd_lite.diagnostics import gradient_noise_scale, gradient_report, lr_range_test, summary
    from autograd_lite.drawing import Drawing, draw
    from autograd_lite.stepthrough import StepThrough, step_through
    from autograd_lite.train.saving import load, save

__version__ = "0.1.0"

LAZY = {  # what is imported when it is first used, so that `import autograd_lite` stays quick
    **dict.fromkeys(("Drawing", "draw"), "autograd_lite.drawing"),
    **dict.fromkeys(("StepThrough", "step_through"), "autograd_lite.stepthrough"),
    **dict.fromkeys(
        ("gradient_noise_scale", "gradient_report", "lr_range_test", "summary"), "autograd_lite.diagnostics"
    ),
    **dict.fromkeys(("load", "save"), "autograd_lite.train.saving"),
    **dict.fromkeys(("attribution", "distributed", "plots"), "autograd_lite"),
}

tensor = Tensor  # one function and class: `ag.tensor(data)` reads like NumPy, `ag.Tensor` is the type

__all__ = [
    "AnomalyError",
    "AutogradWarning",
    "BroadcastWarning",
    "CompileWarning",
    "Comparison",
    "Compiled",
    "DataLoader",
    "Diagnosis",
    "Drawing",
    "ForgottenZeroGradWarning",
    "GradOfComputedWarning",
    "GradcheckError",
    "GrowingHistoryWarning",
    "History",
    "LostGradientWarning",
    "NonFiniteLossError",
    "RetraceWarning",
    "StepThrough",
    "Tensor",
    "TensorDataset",
    "TraceError",
    "arange",
    "attribution",
    "autograd",
    "callbacks",
    "cat",
    "checkpoint",
    "compare",
    "compile",
    "custom_vjp",
    "default_generator",
    "detect_anomaly",
    "distributed",
    "diagnose_gradient",
    "draw",
    "elu",
    "enable_grad",
    "erf",
    "evaluate",
    "eye",
    "fit",
    "full",
    "gnvp",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "gradient_noise_scale",
    "gradient_report",
    "hessian",
    "hvp",
    "is_grad_enabled",
    "jacobian",
    "jvp",
    "l1_penalty",
    "l2_penalty",
    "leaky_relu",
    "linearize",
    "linspace",
    "load",
    "log_softmax",
    "logsumexp",
    "lr_range_test",
    "manual_seed",
    "metrics",
    "nn",
    "no_grad",
    "ones",
    "optim",
    "plots",
    "rand",
    "random",
    "random_split",
    "randn",
    "relu",
    "save",
    "set_grad_enabled",
    "sigmoid",
    "softmax",
    "softplus",
    "source",
    "step_through",
    "summary",
    "tensor",
    "value_and_grad",
    "vjp",
    "where_safe",
    "zeros",
]


def __getattr__(name: str) -> Any:
    """Every function of NumPy that has gradient rules, `ag.tanh` and the like; `ag.linalg`, `ag.fft`; what is lazy."""
    if name in LAZY:
        module = importlib.import_module(LAZY[name] if LAZY[name] != __name__ else f"{__name__}.{name}")
        globals()[name] = module if LAZY[name] == __name__ else getattr(module, name)
        return globals()[name]
    found = getattr(numpy, name, None)
    if name in ("linalg", "fft") or (callable(found) and (found in TABLE or found in ADAPTERS)):
        return found
    hint = f"; write {PACKAGE[name]}" if name in PACKAGE else ""
    raise AttributeError(f"module 'autograd_lite' has no attribute {name!r}{hint}")


def __dir__() -> list[str]:
    """What is here, and NumPy's functions that have gradient rules."""
    functions = [f.__name__ for f in (*TABLE, *ADAPTERS) if getattr(numpy, f.__name__, None) is f]
    return sorted({*globals(), *LAZY, *functions, "linalg", "fft"})
