"""Which parts of an input a network's score hangs on: gradients, read as explanations."""

from autograd_lite.attribution.gradients import gradient_times_input, saliency, smooth_grad
from autograd_lite.attribution.integrated import CompletenessWarning, integrated_gradients
from autograd_lite.attribution.picture import plot

__all__ = [
    "CompletenessWarning",
    "gradient_times_input",
    "integrated_gradients",
    "plot",
    "saliency",
    "smooth_grad",
]
