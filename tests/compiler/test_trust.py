"""A compiled function can be believed: what it reads, changes, stores and prints."""

import copy
import os
import pickle
import signal
import threading
import time
import warnings

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.compiler import TraceError
from autograd_lite.compiler.runtime import executable
from autograd_lite.engine.tracing_protocol import TRACES, Symbol

X = np.array([1.0, -2.0])


def test_what_has_changed_once_is_read_from_then_on():
    settings = {"beta": 0.0, "mask": np.ones(2)}
    step = ag.compile(lambda x: (x * settings["mask"]).sum() * settings["beta"])
    for i in range(10):
        settings["beta"] = float(i)
        settings["mask"] = np.array([i, 1.0])
        assert step(X).item() == (i - 2.0) * i
    assert step.traced == 2


def test_a_large_array_is_read_from_the_first_call_on():
    batch = np.zeros((64, 64))
    step = ag.compile(lambda: (ag.tensor(2.0) * batch).sum())
    for i in range(4):
        batch[...] = i
        assert step().item() == 2 * i * batch.size
    assert step.traced == 1


def test_a_large_array_whose_values_are_asked_for_is_compared():
    batch = np.ones((64, 64))
    step = ag.compile(lambda x: x.sum() * int(batch.max()))
    for i in range(3):
        batch[...] = i
        assert step(X).item() == -i


def test_a_counter_counts_as_often_as_it_is_called():
    calls = {"n": 0}

    def f(x):
        calls["n"] += 1
        return x * calls["n"]

    step = ag.compile(f)
    assert [step(X).tolist()[0] for _ in range(5)] == [1, 2, 3, 4, 5] and calls["n"] == 5


def test_what_is_appended_in_every_call_lets_the_function_run_itself():
    seen = []

    def f(x):
        seen.append(len(seen))
        return x * len(seen)

    step = ag.compile(f)
    with pytest.warns(ag.CompileWarning, match="it changes a list"):
        assert [step(X).tolist()[0] for _ in range(5)] == [1, 2, 3, 4, 5]
    assert seen == [0, 1, 2, 3, 4]


class Storing(nn.Module):
    def __init__(self):
        self.kept, self.history = None, {"all": []}

    def forward(self, x):
        self.kept = x * 2
        return x


class Plain:
    pass


def stored_in_a_layer(where):
    layer = Storing()
    return layer, lambda: [layer.kept, layer.history["all"]]


def stored_in_an_attribute(where):
    o = Plain()

    def f(x):
        o.last = x * 2
        return x

    return f, lambda: vars(o)


def stored_in_a_list(where):
    return lambda x: (where.append(x * 2), x)[1], lambda: where


last = None


def stored_in_a_global(where):
    def f(x):
        global last
        last = x * 2
        return x

    return f, lambda: last


@pytest.mark.parametrize("make", [stored_in_a_layer, stored_in_an_attribute, stored_in_a_list, stored_in_a_global])
def test_storing_values_is_refused_and_nothing_is_left(make):
    f, state = make([])
    before = copy.copy(state())
    with pytest.raises(TraceError, match="the step changes .*, which a compiled step would not do"):
        ag.compile(f)(X)
    assert state() == before


def test_printing_is_said_to_happen_while_tracing_only(capsys):
    def f(x):
        print("traced")
        return x

    step = ag.compile(f)
    with pytest.warns(ag.CompileWarning, match="prints while it is traced") as caught:
        step(X)
    step(X)
    assert capsys.readouterr().out == "traced\n" and len(caught) == 1
    assert caught[0].filename == __file__ and caught[0].lineno == f.__code__.co_firstlineno + 1


def test_taking_from_an_iterator_is_refused():
    numbers = iter([1.0, 2.0, 3.0])
    with pytest.raises(TraceError, match="iterator"):
        ag.compile(lambda x: x * next(numbers))(X)


def test_a_number_is_one_for_isinstance_and_is_no_text_and_no_key():
    assert ag.compile(lambda x, a: x * (a if isinstance(a, float) else 100))(X, 2.0).tolist() == [2, -4]
    for ask in (str, hash, "{}".format, {1.0: 1}.get):
        with pytest.raises(TraceError, match="asks for a value"):
            ag.compile(lambda x, a, ask=ask: x * (ask(a) is not None))(X, 2.0)


def test_the_mode_of_recording_is_a_condition():
    w = ag.tensor([1.0, 2.0], requires_grad=True)

    def f(x):
        y = (w * x).sum()
        return ag.autograd.grad(y, w)[0] if y.requires_grad else x

    step = ag.compile(f)
    for _ in range(2):
        assert step(X * 3).tolist() == [3, -6]
        with ag.no_grad():
            assert step(X).tolist() == [1, -2]


@pytest.mark.parametrize(
    "view", [lambda w: w[0], lambda w: w.T, lambda w: w.detach(), lambda w: w.detach().reshape(-1), lambda w: w[:, ::2]]
)
def test_views_of_parameters_show_what_a_step_does_to_them(view):
    def trained(compile):
        w = ag.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
        with ag.no_grad():
            v = view(w)
        optimizer = optim.SGD([w], lr=0.1)

        def step(x):
            optimizer.zero_grad()
            loss = (w * w * x).sum() + (v * 3.0).sum()
            loss.backward()
            optimizer.step()
            return loss, v * 2

        step = compile(step)
        found = [np.asarray(r.detach()) for _ in range(4) for r in step(np.ones((2, 3)))]
        return [*found, v.detach().numpy(), w.detach().numpy()]

    for a, b in zip(trained(lambda f: f), trained(ag.compile), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_mistake_of_the_compiler_is_found_in_the_first_call(monkeypatch):
    optimized = executable.optimized

    def mistaken(program):
        program = optimized(program)
        for call in program.calls:
            if call.function is np.multiply:
                call.function = np.add
        return program

    monkeypatch.setattr(executable, "optimized", mistaken)
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1)

    @ag.compile
    def step(x):
        optimizer.zero_grad()
        loss = (w * x).sum()
        loss.backward()
        optimizer.step()
        return loss

    with pytest.warns(ag.CompileWarning, match="a mistake of ag.compile: report it"):
        assert step(X).item() == -3
    assert w.tolist() == [0.9, 2.2]
    assert step(X).item() == 0.9 - 4.4 and w.tolist() == [0.9 - 0.1, 2.2 + 0.2]


class Compiling(nn.Module):
    def __init__(self):
        self.linear = nn.Linear(2, 2)
        self.fast = ag.compile(self.slow)

    def slow(self, x):
        return self.linear(x)

    def forward(self, x):
        return self.fast(x)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_model_that_holds_a_compiled_function_can_be_copied(copied):
    model, x = Compiling(), np.ones((1, 2), np.float32)
    before = model(x).detach().numpy()
    other = copied(model)
    other.linear.weight.data *= 2
    np.testing.assert_array_equal(model(x).detach(), before)
    np.testing.assert_array_equal(other(x).detach(), other.slow(x).detach())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_process_does_not_wait_for_a_thread_of_its_parent():
    parent, go_on = os.getpid(), threading.Event()

    @ag.compile
    def step(x):
        if os.getpid() == parent:
            go_on.wait(10)
        return x * 2

    thread = threading.Thread(target=step, args=(X,))
    thread.start()
    while not TRACES:  # until the thread is inside
        time.sleep(0.01)
    child = os.fork()
    if child == 0:
        signal.alarm(10)  # a child that waits for ever fails
        os._exit(0 if step(X).tolist() == [2, -4] else 1)
    go_on.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("size", [4, 5000])  # a large array is read in every call from the first on
@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.__imul__(0.5),
        lambda m: m.__setitem__(0, m[0] + 1.0),
        lambda m: m[:2].__iadd__(1.0),
        lambda m: np.multiply(m, 0.5, out=m),
        lambda m: m.fill(3.0),
        lambda m: np.copyto(m, m * 0.5),
    ],
)
def test_an_array_that_the_function_changes_in_place(change, size):
    def results(compile):
        box = {"mask": np.linspace(0, 1, size)}

        def f(x):
            change(box["mask"])
            return (x * box["mask"]).sum()

        step = compile(f)
        with warnings.catch_warnings(action="ignore"):
            return [step(ag.tensor(np.ones(size))).item() for _ in range(4)], box["mask"].tolist()

    assert results(ag.compile) == results(lambda f: f)


def held_while_tracing(f):
    """A thread that traces `f`, and stays inside until it is told to go on."""
    go_on, results = threading.Event(), []

    def waiting(x):
        y = f(x)
        go_on.wait(10)
        return y

    step = ag.compile(waiting)
    thread = threading.Thread(target=lambda: results.append(step(X)))
    thread.start()
    while not TRACES:
        time.sleep(0.001)
    return thread, go_on, results


def test_an_eager_call_while_another_thread_traces_is_refused_or_right():
    w, other = ag.tensor([2.0, 3.0], requires_grad=True), ag.tensor([1.0, 1.0], requires_grad=True)
    thread, go_on, results = held_while_tracing(lambda x: (w * x).detach())
    try:
        (other * 3).sum().backward()
        assert other.grad.tolist() == [3, 3]
        while not isinstance(w.node.value, Symbol):
            time.sleep(0.001)
        for use in (lambda: w * 2, lambda: (w * X).sum().backward(), lambda: w.sum(), lambda: ag.grad(np.sum)(w)):
            with pytest.raises(ag.TraceError, match="in another thread"):
                use()
    finally:
        go_on.set()
        thread.join()
    assert results[0].tolist() == (w * X).tolist() == [2, -6]


def test_two_threads_trace_functions_of_the_same_tensors_one_after_the_other():
    w = ag.tensor([2.0, 3.0], requires_grad=True)
    thread, go_on, results = held_while_tracing(lambda x: (w * x).detach())
    others = [threading.Thread(target=lambda: results.append(ag.compile(lambda x: (w + x).detach())(X)))]
    others[0].start()
    time.sleep(0.05)
    go_on.set()
    for waiting in (thread, *others):
        waiting.join()
    assert sorted(r.tolist() for r in results) == [[2, -6], [3, 1]]


def test_a_compiled_function_is_not_walked_into():
    sizes = []
    for n in range(1, 6):
        step_of_all(np.ones(n))
        sizes.append(len(step_of_all.executables[0].guards.guards))
    assert len(set(sizes)) == 1


weights = ag.tensor(2.0, requires_grad=True)


@ag.compile
def step_of_all(x):
    assert step_of_all is not None
    return (weights * x).sum().detach()


def test_what_the_compiler_is_made_of_is_no_condition_of_a_program():
    w = ag.tensor(np.ones(3), requires_grad=True)
    optimizer = ag.optim.Adam([w])

    @ag.compile
    def step(x):
        optimizer.zero_grad()
        (w * x).sum().backward()
        optimizer.step()

    step(np.ones(3))
    assert not [guard.reason for guard in step.latest.guards.guards if "__init__" in guard.reason]
