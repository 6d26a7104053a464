"""What holds for all tests: Ctrl-C raises, also where the tests run in the background, in which Python ignores it."""

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_raises():
    """A job in the background inherits that SIGINT is ignored, and so do the processes that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
