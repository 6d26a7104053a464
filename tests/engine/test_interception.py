"""Who sees what the engine does: calls, walks back, and nothing of it in eager mode."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.compiler.tracing.tracer import Tracer
from autograd_lite.debugging.anomaly import AnomalyWatcher
from autograd_lite.engine.grad_mode import watched_by, watcher
from autograd_lite.engine.interception import Interpreter
from autograd_lite.stepthrough.recorder import WalkRecorder


class Sees(Interpreter):
    """Writes down all that it is told."""

    def __init__(self):
        self.calls, self.visits, self.parts = [], [], []

    def recorded(self, node):
        self.calls.append(node.function)

    def walk(self, roots):
        return self

    def visit(self, node, g):
        self.visits.append((node, np.array(g)))

    def passed(self, node, i, g, ga):
        self.parts.append((node.args[i], np.array(ga)))


def test_it_is_told_of_each_call_of_each_node_with_its_gradient_and_of_each_part():
    w, sees = ag.tensor([1.0, 2.0], requires_grad=True), Sees()
    with watched_by(sees):
        y = w * w
        loss = (y + np.sin(w)).sum()
        loss.backward()
    assert sees.calls == [np.multiply, np.sin, np.add, np.sum]
    assert [node for node, _ in sees.visits] == [loss.node, *[n for n, _ in sees.visits[1:-1]], w.node]
    assert dict(sees.visits)[y.node].tolist() == [1, 1] and dict(sees.visits)[w.node].tolist() == w.grad.tolist()
    parts = [ga for a, ga in sees.parts if a is w.node]
    np.testing.assert_allclose(sum(parts), w.grad)
    assert len(parts) == 3


def test_it_is_told_of_nothing_outside_nor_of_calls_that_are_not_recorded():
    w, sees = ag.tensor([1.0, 2.0], requires_grad=True), Sees()
    with watched_by(sees), ag.no_grad():
        w * 2
    (w * 2).sum().backward()
    assert not sees.calls and not sees.visits and watcher.get() is None


def test_an_error_ends_it():
    with pytest.raises(KeyError), watched_by(Sees()):
        raise KeyError
    assert watcher.get() is None and ag.is_grad_enabled() is True


@pytest.mark.parametrize("kind", [AnomalyWatcher, WalkRecorder, Tracer])
def test_all_who_see_something_do_so_by_one_interface(kind):
    assert issubclass(kind, Interpreter)
