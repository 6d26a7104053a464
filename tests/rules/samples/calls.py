"""A call with a gradient of its own, as `custom_vjp` makes them: one result, and two."""

import numpy as np

from autograd_lite.transforms.custom import CustomCall, custom_vjp
from autograd_lite.transforms.opaque_call import call_custom
from tests.rules.samples.numbers import real


def call(f, rule, *args):
    made = CustomCall(custom_vjp(f, rule), tuple(map(np.asarray, args)), {})
    made.is_tensor = [True] * len(args)
    return args, {"call": made}


SAMPLES = {
    call_custom: [
        call(np.tanh, lambda g, y, x: g * (1 - y * y), real(2, 3)),
        call(np.sin, lambda g, y, x: g * np.cos(x), real()),
        call(np.multiply, lambda g, y, a, b: (g * b, g * a), real(2, 3), real(3)),
        call(
            lambda a, b: (a * b, a[0]), lambda g, y, a, b: (g[0] * b + np.eye(3)[0] * g[1], g[0] * a), real(3), real(3)
        ),
    ]
}
