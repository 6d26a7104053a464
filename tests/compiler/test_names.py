"""Names, notes and sections of a traced function: what its source will read like."""

import sys

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.compiler.tracing.names import Names
from autograd_lite.compiler.tracing.state import State, reachable
from autograd_lite.compiler.tracing.trace import tracing
from autograd_lite.compiler.tracing.traced import Traced
from autograd_lite.compiler.tracing.tracer import Tracer
from autograd_lite.engine.graph import Node
from autograd_lite.tensor.tensor import wrap

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(8, 3)).astype(np.float32), np.arange(8) % 2


def trace(f, *arrays):
    """The calls that `f` makes, after names have been given."""
    tracer = Tracer("f")
    state = State(tracer, reachable(f))
    arguments = [wrap(Node(Traced(tracer, a, tracer.variable("input", a, f"input_{i}")))) for i, a in enumerate(arrays)]
    with tracing(tracer):
        try:
            state.exchange()
            with Names(tracer, state):
                f(*arguments)
        finally:
            state.restore()
    return tracer.program.calls


def names(calls, section=None):
    return [call.out.name for call in calls if call.out.name and section in (None, call.section)]


def notes(calls, section):
    return list(dict.fromkeys(call.note for call in calls if call.section == section and call.note))


def sections(calls):
    """The sections in the order in which they come, each run of calls once."""
    return [call.section for i, call in enumerate(calls) if i == 0 or calls[i - 1].section != call.section]


def perceptron():
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))


def training_step(model, criterion=None):
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    criterion = criterion or nn.CrossEntropyLoss()

    def step(images, labels):
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        return loss

    return step


@pytest.fixture(scope="module")
def mlp():
    return trace(training_step(perceptron()), X, LABELS)


class Net(nn.Module):
    def __init__(self):
        self.fc1 = nn.Linear(3, 4)
        self.norm = nn.BatchNorm1d(4)
        self.fc2 = nn.Linear(4, 2)

    def forward(self, x):
        h = self.fc1(x)
        hidden = ag.tanh(self.norm(h))
        out = self.fc2(hidden)
        return out * 2


# Sections.


def test_a_training_step_has_three_sections(mlp):
    assert sections(mlp) == ["forward", "backward", "update"]


def test_what_comes_after_a_section_is_forward_again():
    w = ag.tensor([1.0, 2.0], requires_grad=True)

    def f(x):
        (w * x).sum().backward()
        return x + 1

    calls = trace(f, np.ones(2))
    assert calls[0].section == "forward" and calls[-1].section == "forward" and "backward" in sections(calls)


def test_the_closure_of_an_optimizer_is_no_update():
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1)

    def f(x):
        def closure():
            loss = (w * x).sum()
            loss.backward()
            return loss

        optimizer.step(closure)

    assert sections(trace(f, np.ones(2))) == ["forward", "backward", "update"]


def test_a_users_own_optimizer_updates():
    class Descent:
        def __init__(self, parameters):
            self.param_groups = [{"params": parameters}]

        def step(self):
            with ag.no_grad():
                for p in self.param_groups[0]["params"]:
                    p -= 0.1 * p.grad

    w = ag.tensor([1.0, 2.0], requires_grad=True)
    descent = Descent([w])

    def f(x):
        (w * x).sum().backward()
        descent.step()

    assert sections(trace(f, np.ones(2))) == ["forward", "backward", "update"]


def test_a_function_called_in_the_backward_pass_belongs_to_it():
    w = ag.tensor([1.0, 2.0], requires_grad=True)

    def halve(g):
        half = g * 0.5
        return half

    def f(x):
        y = w * x
        y.register_hook(halve)
        (y * y).sum().backward()

    assert "half" in names(trace(f, np.ones(2)), "backward")


# Notes.


def test_notes_name_modules_by_path_and_class(mlp):
    assert notes(mlp, "forward") == ["0: Linear", "1: ReLU", "2: Linear", "CrossEntropyLoss"]


def test_a_gradient_has_the_note_of_its_forward_call(mlp):
    assert notes(mlp, "backward") == ["CrossEntropyLoss", "2: Linear", "1: ReLU", "0: Linear"]
    assert notes(mlp, "update") == []


def test_the_innermost_module_counts_and_after_it_the_outer_one_again():
    calls = trace(training_step(Net()), X, LABELS)
    assert notes(calls, "forward") == ["fc1: Linear", "norm: BatchNorm1d", "Net", "fc2: Linear", "CrossEntropyLoss"]


def test_several_networks_are_told_apart_by_the_users_names():
    generator, discriminator = perceptron(), nn.Linear(2, 1)

    def f(x):
        return discriminator(generator(x))

    assert notes(trace(f, X), "forward")[0] == "generator.0: Linear"
    assert notes(trace(f, X), "forward")[-1] == "discriminator: Linear"


# Names.


def test_the_results_of_a_perceptron(mlp):
    assert {"linear_0", "relu_1", "linear_2", "loss", "log_probabilities"} <= set(names(mlp, "forward"))


def test_gradients_are_called_after_what_they_are_gradients_of(mlp):
    wanted = ["d_linear_2", "d_relu_1", "d_weight_2", "d_bias_2", "d_linear_0", "d_weight_0", "d_bias_0"]
    assert [name for name in names(mlp, "backward") if name in wanted] == wanted


def test_the_terms_of_a_gradient_are_told_from_their_sum():
    w = ag.tensor([1.0, 2.0], requires_grad=True)

    def f(x):
        y = w * x
        (y * y + np.sin(y)).sum().backward()

    wanted = [name for name in names(trace(f, np.ones(2)), "backward") if name.startswith("d_y")]
    assert wanted == ["d_y_term"] * 3 + ["d_y"]


def test_the_update_has_the_letters_of_the_optimizer(mlp):
    assert {"t", "g"} <= set(names(mlp, "update"))


def test_a_users_module_has_the_names_of_its_variables():
    calls = trace(training_step(Net()), X, LABELS)
    assert {"h", "norm", "hidden", "out", "loss"} <= set(names(calls, "forward"))
    assert {"d_h", "d_hidden", "d_out", "d_fc1_weight"} <= set(names(calls, "backward"))
    cells = {v.name for call in calls for v in call.inputs if v.kind == "cell"}
    assert {"norm.running_mean", "norm.running_var"} <= cells


def test_a_variable_that_is_used_again_names_each_of_its_values():
    w = ag.tensor([1.0, 2.0], requires_grad=True)

    def f(x):
        h = x * w
        h = np.sin(h)
        h = h * 2
        (h * h).sum().backward()

    calls = trace(f, np.ones(2))
    assert names(calls, "forward") == ["h", "h_2", "h_3"]
    assert [name for name in names(calls, "backward") if "term" not in name] == ["d_h_3", "d_h_2", "d_h", "d_w"]


def test_what_a_users_function_gives_is_called_after_it_if_it_has_no_other_name():
    def softplus(z):
        return np.log(1 + np.exp(z))

    def f(x):
        return softplus(x).sum()

    assert names(trace(f, np.ones(2))) == ["softplus"]


def test_the_outermost_of_the_users_names_counts():
    def square(a):
        squared = a * a
        return squared

    def f(x):
        shifted = x + 1
        area = square(shifted)
        return area.sum()

    assert names(trace(f, np.ones(2))) == ["shifted", "area"]


def test_tensors_in_containers_attributes_and_globals():
    class Model:
        def __init__(self):
            self.scale = ag.tensor([2.0, 2.0], requires_grad=True)
            self.offsets = [ag.tensor([1.0, 1.0], requires_grad=True)]

        def predict(self, x):
            return self.scale * x + self.offsets[0]

    model = Model()
    parameters = {"W": ag.tensor([1.0, 1.0], requires_grad=True)}

    def f(x):
        return model.predict(x) * parameters["W"] * GLOBAL

    cells = {v.name for call in trace(f, np.ones(2)) for v in call.inputs if v.kind == "cell"}
    assert cells == {"scale", "offsets_0", "W", "GLOBAL"}


GLOBAL = ag.tensor([3.0, 3.0])


def test_a_name_given_by_the_user_stays():
    w = ag.tensor([1.0, 2.0], requires_grad=True, name="weights")

    def f(x):
        (w * x).sum().backward()

    assert "d_weights" in names(trace(f, np.ones(2)))


# Nothing else changes.


def profiler(frame, event, argument):
    pass


@pytest.mark.parametrize("fails", [False, True])
def test_a_profiler_that_was_set_is_set_again(fails):
    seen = []

    def f(x):
        seen.append(sys.getprofile())
        y = x + 1
        if fails:
            raise KeyError
        return y

    before = sys.getprofile()
    sys.setprofile(profiler)
    try:
        trace(f, np.ones(2))
    except KeyError:
        assert fails
    finally:
        after = sys.getprofile()
        sys.setprofile(before)
    assert after is profiler and seen != [profiler]


def test_an_error_in_a_module_leaves_the_section_and_the_note_behind():
    class Broken(nn.Module):
        def forward(self, x):
            raise ValueError("broken")

    broken = Broken()

    def f(x):
        with pytest.raises(ValueError, match="broken"):
            broken(x)
        y = x + 1
        return y

    (call,) = trace(f, np.ones(2))
    assert (call.section, call.note, call.out.name) == ("forward", "", "y")


def test_objects_that_refuse_everything_do_no_harm():
    class Refusing:
        def __getattribute__(self, name):
            raise RuntimeError(name)

        def forward(self, x):
            return x

    def f(x):
        refusing = object.__new__(Refusing)
        y = Refusing.forward(refusing, x * 2)
        return y

    assert names(trace(f, np.ones(2))) == ["y"]


def described(call):
    return getattr(call.function, "__name__", type(call.function)), call.out.shape, [v.shape for v in call.inputs]


def test_names_do_not_change_the_program(mlp):
    step = training_step(perceptron())
    tracer = Tracer("f")
    state = State(tracer, reachable(step))
    arguments = [wrap(Node(Traced(tracer, a, tracer.variable("input", a)))) for a in (X, LABELS)]
    with tracing(tracer):
        try:
            state.exchange()
            step(*arguments)
        finally:
            state.restore()
    assert list(map(described, tracer.program.calls)) == list(map(described, mlp))
