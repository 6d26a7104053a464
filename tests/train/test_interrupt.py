"""StopOnInterrupt: the first Ctrl-C waits, the second does not, and the handler always comes back."""

import signal
import threading

import pytest

from autograd_lite.train.interrupt import StopOnInterrupt, Stopped


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


def test_the_first_one_stops_before_the_next_batch():
    with StopOnInterrupt() as stop:
        batches = stop.watch(range(5))
        seen = [next(batches), next(batches)]
        press_ctrl_c()
        with pytest.raises(Stopped):
            next(batches)
    assert seen == [0, 1]
    assert stop.requested


def test_the_second_one_interrupts_at_once():
    with StopOnInterrupt():
        press_ctrl_c()
        with pytest.raises(KeyboardInterrupt):
            press_ctrl_c()


@pytest.mark.parametrize("presses", [0, 1])
def test_the_handler_comes_back(presses):
    before = signal.getsignal(signal.SIGINT)
    with StopOnInterrupt():
        assert signal.getsignal(signal.SIGINT) != before
        for _ in range(presses):
            press_ctrl_c()
    assert signal.getsignal(signal.SIGINT) == before


def test_ignored_ctrl_c_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with StopOnInterrupt() as stop:
            press_ctrl_c()
        assert not stop.requested
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_installs_nothing():
    before, inside = signal.getsignal(signal.SIGINT), []

    def work():
        with StopOnInterrupt():
            inside.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert inside == [before]
