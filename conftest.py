"""What holds for all tests: signals end a process, also where the tests run in the background and inherit otherwise.

The package is imported before pytest looks for doctests in it: else `autograd_lite.tensor` were the folder entered.
"""

import signal

import pytest

import autograd_lite  # noqa: F401

HANDLERS = {signal.SIGINT: signal.default_int_handler}
HANDLERS |= {getattr(signal, name): signal.SIG_DFL for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)}


@pytest.fixture(scope="session", autouse=True)
def signals_as_in_the_foreground():
    """A job in the background ignores Ctrl-C or the end of its terminal, and so do the processes that it starts."""
    before = {number: signal.signal(number, handler) for number, handler in HANDLERS.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
