"""What runs beside a training: stopping, files, pictures, learning rates; and `Callback`, to write one's own."""

from autograd_lite.train.callbacks.callback import Callback, Run
from autograd_lite.train.callbacks.checkpoint import Checkpoint, load_checkpoint
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
]
