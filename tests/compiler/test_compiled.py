"""`ag.compile`: what takes effect from call to call, what is refused, and that tracing leaves nothing behind."""

import copy
import gc
import random
import subprocess
import sys
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim


def network(seed=0, *extra):
    """A small classifier with Adam, and its training step."""
    ag.manual_seed(seed)
    model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), *extra, nn.Linear(8, 2))
    optimizer = optim.Adam(model.parameters(), lr=0.01)

    def step(x, labels):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        return loss

    return model, optimizer, step


def batch(rng, n=20):
    return rng.normal(size=(n, 3)).astype(np.float32), rng.integers(0, 2, n)


def parameters(model):
    return [p.data.copy() for p in model.parameters()]


def equal(model, other):
    return all(np.array_equal(p, q) for p, q in zip(parameters(model), parameters(other), strict=True))


def pair(*extra):
    """An eager network, and the same one compiled."""
    eager, compiled = network(0, *extra), network(0, *copy.deepcopy(extra))
    return eager, (*compiled[:2], ag.compile(compiled[2]))


class TestWhatTakesEffect:
    def test_new_data(self):
        (model, _, step), (other, _, compiled) = pair()
        rng = np.random.default_rng(0)
        for _ in range(5):
            x, labels = batch(rng)
            assert step(x, labels).item() == compiled(x, labels).item()
        assert equal(model, other) and len(compiled.signatures) == 1

    def test_a_changed_learning_rate(self):
        (model, optimizer, step), (other, other_optimizer, compiled) = pair()
        rng = np.random.default_rng(0)
        for lr in (0.01, 0.1, 0.0, 0.02):
            optimizer.param_groups[0]["lr"] = other_optimizer.param_groups[0]["lr"] = lr
            x, labels = batch(rng)
            step(x, labels), compiled(x, labels)
        assert equal(model, other)
        assert compiled.traced == 1

    def test_a_setting_that_is_switched_on(self):
        (model, optimizer, step), (other, other_optimizer, compiled) = pair()
        rng = np.random.default_rng(0)
        for decay in (0.0, 0.1, 0.2, 0.0):
            optimizer.param_groups[0]["weight_decay"] = other_optimizer.param_groups[0]["weight_decay"] = decay
            x, labels = batch(rng)
            step(x, labels), compiled(x, labels)
        assert equal(model, other)

    def test_the_mode_of_a_module(self):
        model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))
        forward = ag.compile(lambda x: model(x))
        x = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
        first = forward(x)
        model.eval()
        np.testing.assert_array_equal(forward(x).data, model(x).data)
        model.train()
        assert not np.array_equal(forward(x).data, first.data)

    def test_the_seed(self):
        forward = ag.compile(lambda x: nn.functional.dropout(x, 0.5))
        x = np.ones((4, 5))
        ag.manual_seed(3)
        first, second = forward(x), forward(x)
        assert not np.array_equal(first.data, second.data)
        ag.manual_seed(3)
        np.testing.assert_array_equal(nn.functional.dropout(x, 0.5).data, first.data)
        np.testing.assert_array_equal(forward(x).data, second.data)

    def test_values_that_are_assigned_and_loaded(self):
        model, _, step = network()
        compiled = ag.compile(step)
        x, labels = batch(np.random.default_rng(0))
        start = model.state_dict()
        first = compiled(x, labels).item()
        assert compiled(x, labels).item() != first
        model.load_state_dict(start)
        assert compiled(x, labels).item() == first
        for p in model.parameters():
            p.data = np.zeros(p.shape)
        assert compiled(x, labels).item() == pytest.approx(np.log(2))

    def test_a_replaced_layer(self):
        model = nn.Sequential(nn.Linear(3, 2))
        forward = ag.compile(lambda x: model(x))
        x = np.ones((1, 3), np.float32)
        forward(x)
        model[0].weight = nn.Parameter(np.zeros((2, 3)))
        np.testing.assert_array_equal(forward(x).data, model(x).data)

    def test_a_rebound_closure(self):
        w = ag.tensor([1.0, 2.0])

        def total(x):
            return (w * x).sum()

        compiled = ag.compile(total)
        assert compiled(np.ones(2)).item() == 3
        w = ag.tensor([5.0, 5.0])
        assert compiled(np.ones(2)).item() == 10

    def test_numbers_are_data_and_ints_select_the_program(self):
        compiled = ag.compile(lambda x, factor, power: (factor * x**power).sum())
        x = np.array([1.0, 2.0])
        assert compiled(x, 2.0, 2).item() == 10 and compiled(x, 3.0, 2).item() == 15
        assert len(compiled.signatures) == 1
        assert compiled(x, 3.0, 3).item() == 27
        assert len(compiled.signatures) == 2

    def test_trees_and_keywords(self):
        compiled = ag.compile(lambda pair, *, scale=None: {"sum": pair[0] + pair[1]["b"], "scale": scale})
        answer = compiled((np.ones(2), {"b": np.ones(2)}), scale="log")
        np.testing.assert_array_equal(answer["sum"].data, [2, 2])
        assert answer["scale"] == "log"

    def test_shapes_and_dtypes_retrace_and_the_oldest_is_forgotten(self):
        compiled = ag.compile(lambda x: (x * x).sum())
        for n in range(1, 12):
            assert compiled(np.full(n, 2.0)).item() == 4 * n
        assert len(compiled.signatures) == 8 and compiled.signatures[0] == "float64 (11,)"
        compiled(np.ones(11, np.float32))
        assert compiled.signatures[0] == "float32 (11,)"

    def test_eager_steps_in_between(self):
        (model, _, step), (other, _, compiled) = pair()
        rng = np.random.default_rng(0)
        for i in range(6):
            x, labels = batch(rng)
            step(x, labels)
            (compiled if i % 2 else compiled.f)(x, labels)
        assert equal(model, other)

    def test_batch_norm_statistics_and_the_counter(self):
        (model, _, step), (other, _, compiled) = pair(nn.BatchNorm1d(8))
        rng = np.random.default_rng(0)
        for _ in range(3):
            x, labels = batch(rng)
            step(x, labels), compiled(x, labels)
        for name, value in model.state_dict().items():
            np.testing.assert_array_equal(other.state_dict()[name], value)

    def test_updates_by_hand(self):
        w = ag.tensor([3.0, 4.0], requires_grad=True, name="w")

        @ag.compile
        def descend(rate):
            w.grad = None
            (w * w).sum().backward()
            w.data -= rate * w.grad

        descend(0.25), descend(0.25)
        np.testing.assert_array_equal(w.data, [0.75, 1.0])

    def test_clipping(self):
        w = ag.tensor([3.0, 4.0], requires_grad=True)

        @ag.compile
        def step():
            w.grad = None
            (w * w).sum().backward()
            w.grad *= np.minimum(1, 1 / np.sqrt((w.grad**2).sum()))
            w.data -= w.grad

        step()
        np.testing.assert_allclose(w.data, [2.4, 3.2])

    def test_two_steps_in_one_call_use_the_newest_weights(self):
        (model, _, step), (other, _, compiled) = pair()
        twice = ag.compile(lambda x, labels: (compiled.f(x, labels), compiled.f(x, labels)))
        x, labels = batch(np.random.default_rng(0))
        expected = [step(x, labels).item(), step(x, labels).item()]
        assert [loss.item() for loss in twice(x, labels)] == expected
        assert equal(model, other)

    def test_keep_grads(self):
        w = ag.tensor([1.0, 2.0], requires_grad=True)

        def accumulate(x):
            (w * x).sum().backward()

        compiled = ag.compile(accumulate, keep_grads=True)
        compiled(np.ones(2)), compiled(np.ones(2)), compiled(np.ones(2))
        np.testing.assert_array_equal(w.grad, [3, 3])

    def test_methods(self):
        class Line(nn.Module):
            def __init__(self):
                self.w = nn.Parameter([2.0])

            @ag.compile
            def forward(self, x):
                return self.w * x

        lines = [Line(), Line()]
        lines[1].w.data = [3.0]
        assert [line(np.ones(1, np.float32)).item() for line in lines] == [2, 3]

    def test_threads_take_turns(self):
        compiled = ag.compile(lambda x: np.tanh(x * 2.0 + 1.0).sum(axis=0) * x)
        compiled(np.zeros((300, 50)))
        inputs = [np.full((300, 50), i / 10) for i in range(4)]
        expected = [compiled(x).data for x in inputs]

        def work(i):
            return all(np.array_equal(compiled(inputs[i]).data, expected[i]) for _ in range(50))

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(work, range(4)))

    def test_results_are_new_arrays(self):
        w = ag.tensor([1.0], requires_grad=True)
        compiled = ag.compile(lambda x: (x, x + 1, w))
        x = np.zeros(3)
        first = compiled(x)
        first_values = [t.data.copy() for t in first]
        compiled(np.ones(3))
        for t, values in zip(first, first_values, strict=True):
            np.testing.assert_array_equal(t.data, values)
        assert not any(np.shares_memory(t.data, x) for t in first)


class TestHistory:
    """What eager mode could differentiate further, a compiled result refuses: no gradient is lost in silence."""

    def refused(self, differentiate):
        with pytest.raises(RuntimeError, match=r"is compiled, and what it gives has no history: compile .*ag.grad"):
            differentiate()

    def test_of_an_argument(self):
        compiled = ag.compile(lambda x: (x * x).sum())
        assert compiled(np.ones(3)).item() == 3  # a program for an argument without gradient is no program for one with
        assert not compiled(ag.tensor([1.0, 1.0, 1.0])).requires_grad
        self.refused(lambda: ag.grad(compiled)(np.ones(3)))
        x = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
        self.refused(lambda: (compiled(x) + x.sum()).backward())
        self.refused(lambda: (compiled(x * 2) + x.sum()).backward())
        np.testing.assert_array_equal(ag.compile(ag.grad(lambda x: (x * x).sum()))(x.data), [2, 4, 6])

    def test_of_parameters(self):
        model, *_ = network()
        forward = ag.compile(model)
        x = np.ones((4, 3), np.float32)
        with ag.no_grad():
            assert not forward(x).requires_grad
        scores = forward(x)
        assert scores.requires_grad
        np.testing.assert_array_equal(scores.data, model(x).data)
        self.refused(lambda: (scores.sum() + ag.l2_penalty(model)).backward())
        self.refused(lambda: ag.autograd.grad(scores.sum(), model[0].weight))
        with ag.no_grad():
            assert not forward(x).requires_grad
        assert not forward(x).detach().requires_grad

    def test_of_one_of_several_results(self):
        w = ag.tensor([1.0, 2.0], requires_grad=True)
        constant, (product, number) = ag.compile(lambda x: (x + 1, [w * x, 3.0]))(np.ones(2))
        assert (constant.requires_grad, product.requires_grad, number) == (False, True, 3)
        self.refused((product + w).sum().backward)

    def test_a_step_that_has_gone_back_gives_a_plain_number(self):
        _, _, step = network()
        assert not ag.compile(step)(*batch(np.random.default_rng(0))).requires_grad


class TestSeenThrough:
    """Who watches, or traces, sees the function and not its program."""

    def test_a_compiled_function_in_another(self):
        model, *_ = network()
        inner = ag.compile(model)
        outer = ag.compile(lambda x: inner(x) + 1)
        x = np.ones((4, 3), np.float32)
        np.testing.assert_array_equal(outer(x).data, model(x).data + 1)
        model[0].weight.data *= 2
        np.testing.assert_array_equal(outer(x).data, model(x).data + 1)

    def test_anomalies(self):
        logarithm = ag.compile(lambda x: np.log(x).sum())
        logarithm(np.ones(2))
        with pytest.raises(ag.AnomalyError, match="log"), np.errstate(all="ignore"), ag.detect_anomaly():
            logarithm(-ag.tensor([1.0, 1.0], requires_grad=True))


class TestRefusals:
    def refused(self, f, *args, match):
        with pytest.raises(ag.TraceError, match=match):
            ag.compile(f)(*args)

    def test_a_branch_on_a_value(self):
        self.refused(lambda x: x if x.sum() > 0 else -x, np.ones(2), match="np.where")

    @pytest.mark.parametrize("read", [float, int, bool, lambda t: t.item(), lambda t: t.numpy(), lambda t: t.tolist()])
    def test_reading_a_value(self, read):
        self.refused(lambda x: read(x.sum()), np.ones(2), match="value")

    def test_reading_a_parameter(self):
        w = ag.tensor(2.0, requires_grad=True)
        self.refused(lambda x: x * w.item(), np.ones(2), match="value")

    def test_shapes_that_depend_on_values(self):
        self.refused(lambda x: x[x > 0], np.ones(2), match="fixed shapes")
        self.refused(lambda x: np.nonzero(x), np.ones(2), match="fixed shapes")

    def test_random_numbers_of_its_own(self):
        rng = np.random.default_rng(0)
        state = rng.bit_generator.state
        self.refused(lambda x: x + rng.normal(size=2), np.ones(2), match="random")
        assert rng.bit_generator.state == state
        self.refused(lambda x: x + np.random.default_rng().normal(size=2), np.ones(2), match="random")
        self.refused(lambda x: x * random.random(), np.ones(2), match="random")

    def test_a_history_from_outside(self):
        w = ag.tensor([1.0], requires_grad=True)
        y = w * 2
        self.refused(lambda x: (y * x).sum(), np.ones(1), match="outside")

    def test_a_tensor_that_cannot_be_found(self):
        def f(x):
            return (sys.modules["hidden"].weight * x).sum()

        sys.modules["hidden"] = type(sys)("hidden")
        sys.modules["hidden"].weight = ag.tensor([1.0], requires_grad=True, name="weight")
        try:
            self.refused(f, np.ones(1), match="'weight'.*argument")
        finally:
            del sys.modules["hidden"]

    def test_gradients_from_before(self):
        w = ag.tensor([1.0], requires_grad=True)
        (w * 1).sum().backward()
        optimizer = optim.SGD([w], lr=0.1)

        def step(x):
            (w * x).sum().backward()
            optimizer.step()

        self.refused(step, np.ones(1), match="zero_grad")

    @pytest.mark.parametrize("x", [np.ones(2), ag.tensor([1.0, 1.0])])
    def test_writing_into_an_argument(self, x):
        def f(x):
            x += 1
            return x.sum()

        self.refused(f, x, match="its argument x in place")
        assert list(x) == [1, 1]

    def test_mistakes_keep_their_own_errors(self):
        model, _, step = network()
        with pytest.raises(ValueError, match="features|shape|last axis"):
            ag.compile(step)(np.ones((4, 7), np.float32), np.zeros(4, int))
        assert model[0].weight.grad is None

    def test_labels_out_of_range_change_nothing(self):
        model, _, step = network()
        compiled = ag.compile(step)
        x, labels = batch(np.random.default_rng(0))
        compiled(x, labels)
        before = parameters(model)
        for wrong in (2, -1, -100):
            labels[3] = wrong
            with pytest.raises(ValueError, match="class index"):
                compiled(x, labels)
        assert all(np.array_equal(p, q) for p, q in zip(before, parameters(model), strict=True))

    def test_tracing_leaves_nothing_behind(self):
        model, optimizer, step = network()
        x, labels = batch(np.random.default_rng(0))
        step(x, labels)
        before, state = parameters(model), optimizer.state_dict()
        gradients = [p.grad for p in model.parameters()]
        nodes = [p.node for p in model.parameters()]

        def breaks(x, labels):
            step(x, labels)
            raise KeyError("on purpose")

        with pytest.raises(KeyError):
            ag.compile(breaks)(x, labels)
        assert all(np.array_equal(p, q) for p, q in zip(before, parameters(model), strict=True))
        assert [p.node for p in model.parameters()] == nodes
        assert all(p.grad is g for p, g in zip(model.parameters(), gradients, strict=True))
        np.testing.assert_equal(optimizer.state_dict(), state)

    def test_ever_new_programs_warn(self):
        compiled = ag.compile(lambda x: x.sum())
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for n in range(1, 40):
                compiled(np.ones(n))
        assert any(issubclass(w.category, ag.RetraceWarning) for w in caught)


class TestMemory:
    def test_a_step_allocates_nothing_of_tensor_size(self):
        ag.manual_seed(0)
        model = nn.Sequential(nn.Linear(64, 512), nn.ReLU(), nn.BatchNorm1d(512), nn.Dropout(0.5), nn.Linear(512, 64))
        optimizer = optim.Adam(model.parameters())

        @ag.compile
        def step(x, labels):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), labels)
            loss.backward()
            optimizer.step()
            return loss

        rng = np.random.default_rng(0)
        x, labels = rng.normal(size=(512, 64)).astype(np.float32), rng.integers(0, 10, 512)
        step(x, labels), step(x, labels)
        tracemalloc.start()
        step(x, labels)
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        step(x, labels)
        peak = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
        smallest = 512 * 64 * 4  # bytes of an activation, and of a weight; NumPy's own buffers have 8192 elements
        assert peak < 40_000 < smallest, f"{peak} bytes"

    def test_many_steps_leave_memory_flat(self):
        _, _, step = network()
        compiled = ag.compile(step)
        x, labels = batch(np.random.default_rng(0))
        compiled(x, labels)
        gc.collect()
        gc.disable()
        tracemalloc.start()
        try:
            for _ in range(100):
                compiled(x, labels)
            start = tracemalloc.get_traced_memory()[0]
            for _ in range(5_000):
                compiled(x, labels)
            grown = tracemalloc.get_traced_memory()[0] - start
        finally:
            tracemalloc.stop()
            gc.enable()
        assert grown < 2_000


class TestText:
    def test_the_source_of_a_gradient(self):
        source = ag.source(lambda x, w: np.tanh(x * w).sum(), np.ones(3), np.ones(3))
        assert "# backward" in source and "np.tanh(" in source

    def test_the_saved_script_repeats_a_hundred_steps_bit_for_bit(self, tmp_path):
        ag.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.BatchNorm1d(8), nn.Dropout(0.2), nn.Linear(8, 2))
        optimizer = optim.AdamW(model.parameters(), lr=0.01)

        def step(x, labels):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), labels)
            loss.backward()
            optimizer.step()
            return loss

        compiled = ag.compile(step)
        x, labels = batch(np.random.default_rng(0))
        compiled(x, labels)
        compiled.save(tmp_path / "step.py")
        np.savez(tmp_path / "data.npz", x=x, labels=labels)
        expected = [compiled(x, labels).item() for _ in range(100)]
        code = (
            "import sys, numpy as np, step; data = np.load('data.npz'); "
            "print([step.step(data['x'], data['labels'])[0].item() for _ in range(100)]); "
            "assert not {'autograd_lite', 'scipy'} & set(sys.modules)"
        )
        run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == str(expected)

    def test_a_script_is_called_py(self, tmp_path):
        compiled = ag.compile(lambda x: x + 1)
        with pytest.raises(RuntimeError, match="call"):
            compiled.save(tmp_path / "step.py")
        compiled(np.ones(2))
        with pytest.raises(ValueError, match=r"\.py"):
            compiled.save(tmp_path / "step.txt")
