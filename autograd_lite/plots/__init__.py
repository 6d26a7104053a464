"""Pictures of training, drawn with matplotlib: what a network decides, the landscape that it descends, its gradients.

Every function gives a `matplotlib.figure.Figure`, which a notebook shows and ``figure.savefig(path)`` writes.
"""

from autograd_lite.plots.boundary import decision_boundary
from autograd_lite.plots.gradients import GradientFlow, histograms
from autograd_lite.plots.landscape import Trajectory, loss_landscape
from autograd_lite.plots.race import optimizer_race
from autograd_lite.plots.rates import learning_rates

__all__ = [
    "GradientFlow",
    "Trajectory",
    "decision_boundary",
    "histograms",
    "learning_rates",
    "loss_landscape",
    "optimizer_race",
]
