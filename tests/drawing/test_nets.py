"""Whatever the net: every node once, every edge, the true input, and arrows that add up."""

import re
import shutil

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.drawing.folding import Fold
from autograd_lite.drawing.graph_view import Choice, view_of
from autograd_lite.drawing.picture import computed
from autograd_lite.drawing.repeats import repeated
from autograd_lite.engine.ancestry import ancestors
from autograd_lite.engine.graph import Node
from tests.drawing.nets import NETS, net

SCREEN = 1440  # points
WAYS = [None, False, "module"]


def view(name, collapse):
    """What is drawn of a net, and the nodes of its graph."""
    function, arguments, model = net(name)
    y, known, notes = computed(function, arguments, model)
    return view_of(y.node, known, Choice(collapse, (), None, 300, None), True, notes), ancestors([y.node]), arguments


def members(item):
    return item.members if isinstance(item, Fold) else [item] if isinstance(item, Node) else []


def shared(node, one, other):
    """Whether a parameter stands in the boxes of a module that is called again and again."""
    folds = isinstance(one, Fold) and isinstance(other, Fold) and one.call and other.call
    return folds and one.call.path == other.call.path and node.function is None


@pytest.mark.parametrize("collapse", WAYS)
@pytest.mark.parametrize("name", NETS)
def test_every_node_is_drawn_once_with_every_edge_of_the_program(name, collapse):
    drawn, nodes, _ = view(name, collapse)
    found = [node for item in drawn.items for node in members(item)]
    assert len(found) == len(set(found)) and set(found) == set(nodes)
    place = {node: item for item in drawn.items for node in members(item)}
    arrows = {(arrow.source, arrow.target, arrow.node) for arrow in drawn.arrows}
    loops = {(arrow.source, arrow.target) for arrow in drawn.arrows if getattr(arrow.source, "passes", ())}
    for node in nodes:
        for a in node.args:
            if type(a) is Node and place[a] is not place[node] and not shared(a, place[a], place[node]):
                assert (place[a], place[node], a) in arrows or (place[a], place[node]) in loops
            elif isinstance(a, np.ndarray) and a.ndim and place[node] is node:
                given = [arrow.value for arrow in drawn.arrows if arrow.target is node and arrow.node is None]
                assert any(np.array_equal(np.ravel(value), np.ravel(a)) for value in given)


@pytest.mark.parametrize("collapse", WAYS)
@pytest.mark.parametrize("name", NETS)
def test_the_inputs_are_the_arguments_and_lead_on(name, collapse):
    drawn, _, arguments = view(name, collapse)
    for argument in arguments:
        values = argument.node.value if isinstance(argument, ag.Tensor) else argument
        boxes = [item for item in drawn.items if not isinstance(item, Fold) and drawn.titles[item][0]]
        same = [item for item in boxes if np.array_equal(item.value, values.astype(item.value.dtype))]
        assert any(arrow.source in same for arrow in drawn.arrows)
        assert {drawn.roles[item] for item in same} & {"input", "parameter"}


@pytest.mark.parametrize("collapse", WAYS)
@pytest.mark.parametrize("name", NETS)
def test_what_flows_through_the_arrows_of_a_value_adds_up_to_its_gradient(name, collapse):
    drawn, nodes, _ = view(name, collapse)
    place = {node: item for item in drawn.items for node in members(item)}
    within = {a for node in nodes for a in node.args if type(a) is Node and place[a] is place[node]}
    checked = 0
    for node, gradient in drawn.gradients.items():
        flows = [arrow.flow for arrow in drawn.arrows if arrow.node is node and arrow.flow is not None]
        if flows and node not in within:
            np.testing.assert_allclose(sum(flows), gradient, rtol=1e-4, atol=1e-7)
            checked += 1
    assert checked or collapse == "module"


@pytest.mark.parametrize("name", NETS)
def test_gradients_are_those_of_backward(name):
    drawn, nodes, _ = view(name, False)
    function, arguments, _ = net(name)
    result = function(*arguments)
    result.sum().backward()
    again = [a.leaf.grad for a in ancestors([result.node]) if a.function is None and a.needs_grad]
    shown = [drawn.gradients[node] for node in nodes if node.function is None and node.needs_grad]
    for one, other in zip(again, shown, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz's dot is not installed")
@pytest.mark.parametrize("name", NETS)
def test_nothing_is_wider_than_three_screens_and_graphviz_has_nothing_to_say(name):
    function, arguments, model = net(name)
    picture = ag.draw(function, *arguments, model=model).render("svg").decode()
    width, _ = map(float, re.search(r'<svg width="(\d+)pt" height="(\d+)pt"', picture).groups())
    assert width <= 3 * SCREEN


def test_a_branch_without_effect_has_an_arrow_without_effect():
    a = ag.tensor(np.ones(3), requires_grad=True, name="a")
    text = ag.draw((a * 0.0).sum() * 0.0 + (a * 5.0).sum()).source
    of_a = [line for line in text.splitlines() if re.match(r" *n0 -> ", line)]
    assert sorted("penwidth=2.6" in line for line in of_a) == [False, True]


def titles(drawn):
    return [" ".join(filter(None, drawn.titles[item])) for item in drawn.items]


def test_a_long_recurrence_is_one_cell_with_an_arrow_to_the_next_pass():
    drawn, _, _ = view("long rnn", None)
    assert titles(drawn).count("get_item × 20") == 1 and titles(drawn).count("RNNCell × 20") == 1
    (loop,) = [arrow for arrow in drawn.arrows if arrow.source is arrow.target]
    assert drawn.titles[loop.source][0] == "RNNCell"


def test_a_loop_by_hand_is_rolled_up_and_a_short_one_only_if_asked():
    function, arguments, model = net("lstm by hand")
    assert "matmul × 5" not in ag.draw(function, *arguments, model=model).source
    rolled = ag.draw(function, *arguments, model=model, roll=True).source
    assert "matmul × 5" in rolled and "to the next pass" in rolled and "the last of 5 passes" in rolled


def test_a_loop_over_layers_is_no_loop():
    layers = [ag.nn.Linear(4, 4) for _ in range(9)]

    def chain(x):
        for layer in layers:
            x = np.tanh(layer(x))
        return x

    assert "×" not in ag.draw(chain, np.ones((2, 4)), collapse="module").source.replace("shown 6 × 4", "")


def test_blocks_that_are_repeated_often_are_one_box():
    drawn, _, _ = view("deep mlp", None)
    assert titles(drawn) == ["input", "Linear, Tanh × 29", "58: Linear"] and drawn.rankdir == "LR"
    assert any("repeated blocks are one box" in note for note in drawn.notes)
    assert len(view("deep mlp", "module")[0].items) == 60


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        ("LTLTLTLTLTL", (0, 2, 5)),
        ("aLTLTLTLTLTb", (1, 2, 5)),
        ("LLLLLLLL", (0, 1, 7)),
        ("abcd", (0, 1, 1)),
        ("", (0, 1, 1)),
    ],
)
def test_what_is_repeated_is_found(kinds, found):
    assert repeated(list(kinds)) == found


def test_calls_of_one_module_stand_on_one_rank_and_share_their_parameters():
    function, arguments, model = net("rnn")
    text = ag.draw(function, *arguments, model=model, collapse="module").source
    assert "36 parameters, used 5 times" in text and "weight_ih" not in text
    assert re.search(r"rank=same;( n\d+){5} }", text)


@pytest.mark.parametrize("color", ["time", "bytes", "gradient", lambda tensor: tensor.ndim])
def test_boxes_can_be_coloured_by_what_they_cost(color):
    function, arguments, model = net("cnn")
    plain, coloured = (ag.draw(function, *arguments, model=model, color=c).source for c in (None, color))
    assert plain != coloured and "of the darkest" in coloured
    with pytest.raises(ValueError, match="'time', 'bytes', 'gradient'"):
        ag.draw(function, *arguments, color="heat")


def test_a_box_knows_its_line_and_its_memory():
    function, arguments, model = net("mlp by hand")
    assert re.search(r'tooltip="matmul .*nets\.py:\d+ \d+ B"', ag.draw(function, *arguments, model=model).source)


def test_what_cannot_be_recorded_is_drawn_as_it_was_and_the_drawing_says_so():
    w = ag.tensor(np.ones(3), requires_grad=True, name="w")
    drawing = ag.draw(lambda x: (np.unique(np.asarray(x)) * w).sum(), np.array([1.0, 2.0, 3.0]))
    assert "cannot be recorded" in drawing.notes[0] and "<B>w</B>" in drawing.source
