"""The report as a picture."""

import re

import numpy as np

import autograd_lite as ag
from autograd_lite import nn


def test_a_report_colours_the_net_by_powers_of_ten():
    ag.manual_seed(0)
    layers = [layer for _ in range(6) for layer in (nn.Linear(4, 4), nn.Sigmoid())]
    model, x = nn.Sequential(*layers), np.random.default_rng(0).normal(size=(8, 4))
    report = ag.gradient_report(model, nn.MSELoss(), (x, x))
    text = report.draw(model, x).source
    fills = {
        layer.name: re.search(rf'BGCOLOR="(#\w+)">(?:<FONT[^>]*>)?<B>{layer.name}: Linear', text)[1]
        for layer in report.layers
    }
    brightness = [sum(int(fills[str(i)][j : j + 2], 16) for j in (1, 3, 5)) for i in (0, 4, 10)]
    assert brightness == sorted(brightness, reverse=True) and len(set(brightness)) == 3
