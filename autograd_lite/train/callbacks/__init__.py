"""What runs beside a training: stopping, files, pictures, learning rates; and `Callback`, to write one's own."""

import importlib
from typing import TYPE_CHECKING, Any

from autograd_lite.train.callbacks.callback import Callback, Run

if TYPE_CHECKING:
    from autograd_lite.train.callbacks.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
    from autograd_lite.train.callbacks.recording import CSVLogger, LearningCurve, TensorBoard
    from autograd_lite.train.callbacks.schedule import Schedule
    from autograd_lite.train.callbacks.stopping import Converged, EarlyStopping, TimeLimit

__all__ = [
    "CSVLogger",
    "Callback",
    "Checkpoint",
    "Converged",
    "EarlyStopping",
    "LearningCurve",
    "Run",
    "Schedule",
    "TensorBoard",
    "TimeLimit",
    "load_checkpoint",
    "save_checkpoint",
]

LAZY = {  # by file: what they need is imported when one of them is first used
    **dict.fromkeys(("Checkpoint", "load_checkpoint", "save_checkpoint"), "checkpoint"),
    **dict.fromkeys(("CSVLogger", "LearningCurve", "TensorBoard"), "recording"),
    **dict.fromkeys(("Converged", "EarlyStopping", "TimeLimit"), "stopping"),
    "Schedule": "schedule",
}


def __getattr__(name: str) -> Any:
    if name not in LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{LAZY[name]}"), name)
