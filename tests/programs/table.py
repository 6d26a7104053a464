"""The table of programs: each is a function with arguments to call it on."""

import numpy as np

PROGRAMS = {}
draws = np.random.default_rng(7)


def real(*shape, low=-1.0, high=1.0):
    return draws.uniform(low, high, shape)


def program(*args):
    """Enter a function with the arguments to call it on; the floating ones are differentiated."""

    def enter(f):
        assert f.__name__ not in PROGRAMS
        PROGRAMS[f.__name__] = (f, args)
        return f

    return enter
