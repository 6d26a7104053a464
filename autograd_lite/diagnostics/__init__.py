"""Measurements on a network: its layers, its gradients, their noise, and the learning rates that it bears."""

from autograd_lite.diagnostics.architecture import LayerSummary, Summary, summary
from autograd_lite.diagnostics.learning_rates import LearningRateTest, lr_range_test
from autograd_lite.diagnostics.noise import NoiseScale, gradient_noise_scale
from autograd_lite.diagnostics.report import GradientReport, LayerGradient, gradient_report

__all__ = [
    "GradientReport",
    "LayerGradient",
    "LayerSummary",
    "LearningRateTest",
    "NoiseScale",
    "Summary",
    "gradient_noise_scale",
    "gradient_report",
    "lr_range_test",
    "summary",
]
