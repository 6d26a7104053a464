"""The step-through: what it tells is what the engine did, and it changes nothing."""

import ast
import dis
import math
import re
import shutil

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.engine.accumulation import Together
from autograd_lite.engine.graph import TABLE
from autograd_lite.stepthrough.rule_formulas import definition, rule_formula
from autograd_lite.support.colours import NEGATIVE, POSITIVE, ROLES


def leaf(data, name):
    return ag.tensor(data, requires_grad=True, name=name)


def neuron(x1, x2, w1, w2, b):
    n = x1 * w1 + x2 * w2 + b
    o = np.tanh(n)
    return o


CLASSIC = (2.0, 0.0, -3.0, 1.0, 6.8813735870195432)  # micrograd's example


def mlp():
    ag.manual_seed(0)
    network = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    list(network.named_parameters())
    x, t = np.array([[0.5, -1.0], [1.5, 2.0], [-0.3, 0.8], [1.0, 1.0]]), np.array([[1.0], [0.0], [1.0], [0.0]])
    return network, lambda: ((network(x) - t) ** 2).mean()


def contributions(steps, name=None):
    story = steps.story
    found = [c for step in story.steps for c in step.contributions]
    return [c for c in found if name is None or story.names[c.to] == name]


def test_the_classic_neuron():
    story = ag.step_through(neuron, *CLASSIC).story
    found = {story.names[story.number[id(n)]]: float(g) for n, g in story.gradients.items()}
    assert found["o"] == 1 and float(story.root.value) == pytest.approx(0.70710678)
    for name, g in {"x1": -1.5, "w1": 1.0, "x2": 0.5, "w2": 0.0, "b": 0.5, "n": 0.5}.items():
        assert found[name] == pytest.approx(g)


def test_it_leaves_everything_as_it_was():
    network, loss = mlp()
    optimizer = ag.optim.Adam(network.parameters(), lr=0.1)
    y = loss()
    before = [p.numpy().copy() if not p.requires_grad else p.detach().numpy() for p in network.parameters()]
    steps = ag.step_through(y, optimizer=optimizer)
    assert all(p.grad is None for p in network.parameters())
    assert optimizer.state_dict()["state"] == {}
    assert all(np.array_equal(p.data, old) for p, old in zip(network.parameters(), before, strict=True))
    y.backward()
    optimizer.step()
    for update, p in zip(steps.story.updates, network.parameters(), strict=True):
        assert np.array_equal(update.gradient, p.grad)
        assert np.array_equal(update.after, p.data) and not np.array_equal(update.before, p.data)


def test_the_gradients_are_those_of_backward():
    network, loss = mlp()
    y = loss()
    story = ag.step_through(y).story
    y.backward()
    for p in network.parameters():
        assert np.array_equal(story.gradients[p.node], p.grad)
        last = [c for step in story.steps for c in step.contributions if c.to == story.number[id(p.node)]][-1]
        assert last.complete and np.array_equal(last.total, p.grad)


@pytest.mark.parametrize(
    ("f", "symbols", "numbers"),
    [
        (np.tanh, "g * (1 - y * y)", "1 * (1 - 0.9051 * 0.9051)"),
        (np.exp, "g * y", "1 * 4.482"),
        (np.log, "g / x", "1 / 1.5"),
        (np.square, "g * (2 * x)", "1 * (2 * 1.5)"),
        (lambda x: x**2, "g * (2 * x)", "1 * (2 * 1.5)"),
        (lambda x: x**3, "g * (exponent * x ** (exponent - 1))", "1 * (3 * 1.5 ** (3 - 1))"),
        (lambda x: x * -2.0, "g * b", "1 * (-2)"),
        (np.negative, "-g", "-1"),
        (ag.relu, "g * (y > 0)", "1 * (1.5 > 0)"),
        (np.exp2, "g * y * LOG2", "1 * 2.828 * 0.6931"),
    ],
)
def test_rules_in_symbols_and_in_numbers(f, symbols, numbers):
    (c,) = contributions(ag.step_through(f(leaf(1.5, "x"))))
    assert (c.formula.symbols, c.formula.numbers) == (symbols, numbers)
    assert eval(numbers) == pytest.approx(float(c.value), rel=1e-3)


def test_a_rule_with_branches_shows_the_one_that_is_taken():
    a, b = leaf(np.ones((2, 3)), "a"), leaf(np.ones((3, 4)), "b")
    first, second = contributions(ag.step_through(a @ b))
    assert first.formula.symbols == "g @ np.swapaxes(b, -1, -2)"
    assert second.formula.symbols == "np.swapaxes(a, -1, -2) @ g"
    first, second = contributions(ag.step_through(a @ leaf(np.ones(3), "v")))
    assert first.formula.symbols == "np.expand_dims(g, -1) * b"


def rules():
    for function, row in TABLE.items():
        for rule in [row.rules.rule] if isinstance(row.rules, Together) else row.rules:
            if rule is not None:
                yield pytest.param(rule, id=f"{function.__name__}-{getattr(rule, '__name__', '')}")


def loads(function):
    return [i.argval for i in dis.get_instructions(function) if i.opname.startswith(("LOAD", "BINARY", "UNARY"))]


@pytest.mark.parametrize("rule", list(rules()))
def test_the_text_of_every_rule_is_found_and_is_its_own(rule):
    if not hasattr(rule, "__code__"):
        assert rule_formula(rule, 1.0, 1.0, (1.0,), {}).symbols
        return
    found = definition(rule)
    assert found is not None
    if isinstance(found, ast.Lambda) and not rule.__code__.co_freevars:
        again = eval(compile(ast.Expression(found), "again", "eval"), rule.__globals__)
        assert loads(again) == loads(rule)


def test_a_value_that_is_used_twice_accumulates():
    x = leaf(3.0, "x")
    steps = ag.step_through(x * x + x)
    assert [(float(c.value), float(c.total), c.earlier, c.complete) for c in contributions(steps, "x")] == [
        (1.0, 1.0, 0, False),
        (3.0, 4.0, 1, False),
        (3.0, 7.0, 2, True),
    ]
    assert "accumulated to 7" in str(steps)


def test_sixteen_doublings_take_seventeen_nodes():
    y = leaf(1.0, "y")
    for _ in range(16):
        y = y + y
    story = ag.step_through(y).story
    assert len(story.nodes) == 17 and story.gradients[story.nodes[0]] == 2**16


def test_a_broadcast_argument_gets_a_sum():
    a, b = leaf(np.arange(6.0).reshape(2, 3), "a"), leaf([1.0, 2.0, 3.0], "b")
    steps = ag.step_through((a * b).sum())
    (c,) = contributions(steps, "b")
    assert c.axes == (0,) and np.shape(c.raw) == (2, 3) and np.array_equal(c.value, [3.0, 5.0, 7.0])
    assert "summed over axes [0]" in str(steps)


def test_reading_one_element_gives_a_gradient_of_the_whole_shape():
    x = leaf([1.0, 2.0, 3.0], "x")
    steps = ag.step_through(x[1] * x[2])
    totals = [c.total for c in contributions(steps, "x")]
    assert np.array_equal(totals[-1], [0.0, 3.0, 2.0])
    assert "x[1]" in str(steps)


def test_constant_arrays_are_nodes_without_gradient():
    story = ag.step_through((leaf([1.0, 2.0], "x") * np.array([3.0, 4.0])).sum()).story
    assert "c1" in story.names and "c1 gets" not in str(story.steps)


def test_lines_and_names_of_variables_are_known_when_the_function_is_run():
    story = ag.step_through(neuron, *CLASSIC).story
    assert story.line_of(story.names.index("n")).endswith("n = x1 * w1 + x2 * w2 + b")
    assert story.line_of(0) == "" and "/" not in story.line_of(story.names.index("o"))
    y = neuron(*(leaf(v, None) for v in CLASSIC))
    assert not any(map(ag.step_through(y).story.line_of, range(6)))


def test_a_module_can_be_stepped_through():
    network, _ = mlp()
    steps = ag.step_through(network, np.array([[0.5, -1.0]], np.float32))
    assert steps.story.title == "Sequential" and "argument 0" in steps.story.names
    assert contributions(steps, "argument 0")[0].complete


def test_every_gradient_is_compared_with_differences():
    _, loss = mlp()
    story = ag.step_through(loss()).story
    assert len(story.checks) == 4 and all(c.agrees for found in story.checks.values() for c in found)
    assert "all gradients agree" in story.steps[-1].words


def test_a_kink_and_a_wrong_rule_are_seen():
    assert "the gradient of x differs" in str(ag.step_through(ag.relu(leaf(0.0, "x"))))
    cube = ag.custom_vjp(lambda x: x**3, lambda g, y, x: 2 * g * x)
    assert "the gradient of x differs" in str(ag.step_through(cube(leaf(2.0, "x"))))


def test_a_gradient_with_a_memory_keeps_it():
    cube = ag.custom_vjp(lambda x: x**3)
    cube.defvjp(lambda x: (x**3, x), lambda x, g: (3 * g * x * x,))
    x = leaf(2.0, "x")
    y = cube(x)
    y.backward()
    before = x.grad.copy()
    ag.step_through(y)
    x.grad = None
    y.backward()
    assert np.array_equal(x.grad, before)


def test_a_hook_that_changes_a_gradient_is_shown():
    x = leaf(2.0, "x")
    h = x * 3.0
    h.register_hook(lambda g: g * 10)
    story = ag.step_through(h * 1.0).story
    step = next(s for s in story.steps if s.phase == "backward" and s.hooked)
    assert float(step.gradient) == 10


def test_a_checkpoint_is_one_step():
    story = ag.step_through(ag.checkpoint(lambda x: np.tanh(x) * x)(leaf(0.5, "x"))).story
    assert sum(step.phase == "backward" for step in story.steps) == 1
    assert all(c.agrees for found in story.checks.values() for c in found)


@pytest.mark.parametrize("values", [np.nan, np.inf, 0.0])
def test_values_that_are_not_finite_are_shown(values):
    with np.errstate(all="ignore"):
        y = np.log(leaf([values, 1.0], "x")).sum()
    steps = ag.step_through(y)
    assert steps.html and "nothing finite" in str(steps)


def test_without_elements_there_is_nothing_to_compare():
    assert "Check" not in str(ag.step_through(np.sum, np.zeros((0, 3))))


def test_whole_numbers_are_whole():
    assert "y = a * 65536 = 2 * 65536 = 131072" in str(ag.step_through(lambda a: a * 65536.0, 2.0))


def test_too_many_nodes_are_refused_with_a_way_out():
    y = leaf(1.0, "y")
    for _ in range(250):
        y = y + 1.0
    with pytest.raises(ValueError, match=r"251 nodes.*ag\.draw"):
        ag.step_through(y)
    assert ag.step_through(y, max_nodes=300).html


def test_what_is_no_tensor_or_has_changed_is_refused():
    with pytest.raises(TypeError, match="needs a tensor"):
        ag.step_through(3.0)
    with pytest.raises(TypeError, match="needs a tensor"):
        ag.step_through(lambda: 3.0)
    with pytest.raises(TypeError, match=r"got 6: of its arguments, floats"):
        ag.step_through(lambda a: 2 * a, 3)
    x = leaf(1.0, "x")
    with pytest.raises(TypeError, match="no further arguments"):
        ag.step_through(x, 2.0)
    y = x * 2.0
    x.data = 5.0
    with pytest.raises(RuntimeError, match="'x'.*was changed"):
        ag.step_through(y)


def test_a_result_without_gradient_shows_its_forward_pass():
    assert "Backward" not in str(ag.step_through(ag.tensor(2.0, name="x")))


def test_an_optimizer_that_evaluates_the_loss_says_why_it_is_not_shown():
    x = leaf([1.0], "x")
    optimizer = ag.optim.LBFGS([x])
    with pytest.raises(TypeError, match="evaluates the loss by itself") as caught:
        ag.step_through((x * x).sum(), optimizer=optimizer)
    assert "leave optimizer= out" in str(caught.value.__notes__)


def test_an_optimizer_of_other_parameters_is_refused():
    with pytest.raises(ValueError, match="no gradient for any parameter of the SGD"):
        ag.step_through(leaf(2.0, "x") * 3.0, optimizer=ag.optim.SGD([leaf(1.0, "w")], lr=0.1))


def test_names_cannot_break_out_of_the_page(tmp_path):
    y = leaf(2.0, "</script><b>x</b>") * leaf(3.0, '"><img src=x onerror=alert(1)>')
    page = ag.step_through(y, title="</title><script>alert(1)</script>").html
    assert page.count("</script>") == 2 and page.count("<script") == 2
    assert "<img" not in page and "<b>x" not in page
    ag.step_through(leaf(2.0, "half\ud800 \x00\u202e") * 2.0).save(tmp_path / "odd.html")
    assert "half� ��" in (tmp_path / "odd.html").read_text(encoding="utf-8")


def test_files_are_small_and_ask_for_nothing():
    network, loss = mlp()
    optimizer = ag.optim.Adam(network.parameters(), lr=0.1)
    for steps in (ag.step_through(neuron, *CLASSIC), ag.step_through(loss, optimizer=optimizer)):
        assert len(steps.html.encode()) < 100_000
        assert not re.search(r"(src|href)\s*=|@import|url\((?!#)|https?:|\bfetch\(|@@", steps.html)


def test_saving_and_notebooks(tmp_path):
    steps = ag.step_through(neuron, *CLASSIC)
    steps.save(tmp_path / "neuron.html")
    assert (tmp_path / "neuron.html").read_text(encoding="utf-8") == steps.html
    steps.save(tmp_path / "NEURON.HTML")
    with pytest.raises(ValueError, match=r"does not end in \.html"):
        steps.save(tmp_path / "neuron.png")
    shown = steps._repr_html_()
    assert shown.startswith("<iframe srcdoc=") and shown.count("<") == 2 and "allow-scripts" in shown
    assert "13 steps" in repr(steps)


def test_where_frames_are_taken_out_a_picture_and_the_steps_stay():
    if shutil.which("dot") is None:
        pytest.skip("graphviz is not installed")
    bundle = ag.step_through(neuron, *CLASSIC)._repr_mimebundle_()
    without = re.sub(r"</?iframe[^>]*>", "", bundle["text/html"])
    assert without.startswith('<img src="data:image/png;base64,') and without.count("<li>") == 13
    assert bundle["image/png"] in without and bundle["text/plain"].startswith("1. Start")


def test_the_colours_are_those_of_every_picture():
    style = ag.step_through(neuron, *CLASSIC).html
    assert f"--positive: {' '.join(map(str, POSITIVE))};" in style
    assert f"--negative: {' '.join(map(str, NEGATIVE))};" in style
    assert all(f"--{role}: {ROLES[role]};" in style for role in ("parameter", "constant", "interior", "output"))


# The check calls the function again.


def check_of(steps):
    return str(steps).splitlines()[-1].split(": ", 1)[1]


def test_the_check_finds_what_the_graph_does_not_know():
    w, v = leaf(2.0, "w"), leaf(3.0, "v")
    assert "gradient of x differs" in check_of(ag.step_through(lambda x: x * x.detach(), 2.0))
    assert "gradient of w differs" in check_of(ag.step_through(lambda x: x * w * w.detach() * v, 2.0))
    assert "gradient of x differs" in check_of(ag.step_through(lambda x: x * float(np.round(10 * x.detach())), 2.05))
    wrong = ag.custom_vjp(np.sin, lambda g, y, x: g)
    assert "gradient of x differs" in check_of(ag.step_through(lambda x: wrong(x), 2.0))


@pytest.mark.parametrize("asks", [math.sin, float, int, complex, np.float64, lambda t: t.item(), lambda t: t.tolist()])
def test_no_number_leaves_a_function_that_is_stepped_through(asks):
    w = leaf(2.0, "w")
    for f in (lambda x: x * asks(x), lambda x: x * asks(w), lambda x: x * asks(2 * x + w)):
        with pytest.raises(RuntimeError):
            ag.step_through(f, 2.0)


def test_what_was_computed_before_the_call_is_computed_again():
    w = leaf(2.0, "w")
    h = w * 3.0
    for f in (lambda x: x * h, lambda x: x * h + w, lambda x: (x + h) * (w * h)):
        assert check_of(ag.step_through(f, 2.0)) == "all gradients agree"
    assert check_of(ag.step_through(lambda h: h * h, h)) == "all gradients agree"


def test_the_check_leaves_no_trace(capsys):
    ag.manual_seed(0)
    network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 1))
    twin = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 1))
    twin.load_state_dict(network.state_dict())
    x, generator = np.random.default_rng(0).standard_normal((4, 2)), np.random.default_rng(1)

    def loss(network, generator):
        print("called")
        return ((network(x) + generator.random()) ** 2).mean()

    position = ag.default_generator().bit_generator.state
    steps = ag.step_through(lambda: loss(network, generator))
    assert check_of(steps) == "all gradients agree" and capsys.readouterr().out == "called\n"
    after, drawn = ag.default_generator().bit_generator.state, generator.random()
    ag.default_generator().bit_generator.state = position
    other = np.random.default_rng(1)
    loss(twin, other)
    assert after == ag.default_generator().bit_generator.state and drawn == other.random()
    for a, b in zip(network.state_dict().values(), twin.state_dict().values(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_arguments_that_are_changed_in_place_are_as_they_were():
    def f(x, w):
        x += 1.0
        w = w * x
        w *= 2.0
        return w

    w = leaf(2.0, "w")
    assert check_of(ag.step_through(f, 3.0, w)) == "all gradients agree"
    assert w.is_leaf and w.item() == 2


def test_a_function_that_gives_something_else_each_time_is_not_judged():
    calls = []

    def f(x):
        calls.append(1)
        return x * len(calls)

    assert "not possible" in check_of(ag.step_through(f, 2.0))
