"""What other engines fell into, and what their users asked for: each a test, here or where the file is about it.

`ELSEWHERE` names the test for each that is not here.
"""

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn

ROOT = Path(__file__).parent
ELSEWHERE = {
    # traps
    "drawing a shared graph blows up exponentially": "drawing/test_dot.py::test_a_shared_node_is_drawn_once",
    "gradients of a + b share one buffer": "engine/test_graph.py::test_every_leaf_owns_its_gradient",
    "a gradient is a read-only broadcast view": (
        "engine/test_graph.py::test_gradients_are_writable_and_contiguous_whatever_the_rule_returned"
    ),
    "ties of max and maximum, relu(0), x**0 and prod with zeros": "test_ties.py::test_each_row_of_the_table",
    "an integer tensor asked for a gradient": "tensor/test_tensor.py::test_only_floating_numbers_take_a_gradient",
    "no_grad in one thread switches another": "engine/test_graph.py::test_no_grad_is_of_its_thread_alone",
    "parameters in the order of a set": "nn/test_module.py::test_a_set_of_modules_is_refused_because_it_has_no_order",
    "an exception inside a mode leaves it on": "engine/test_graph.py::test_an_exception_leaves_the_mode",
    # what users ask for
    "micrograd PR 90: no RecursionError": (
        "engine/test_graph.py::test_a_chain_of_100_000_operations_records_backpropagates_and_is_freed"
    ),
    "micrograd 53, PR 102: second backward": "engine/test_graph.py::test_second_backward_accumulates_in_leaves_only",
    "micrograd 3, MyGrad 442: higher orders": (
        "test_autograd.py::test_third_derivative_of_tanh_cubed_equals_the_closed_form"
    ),
    "nn-zero-to-hero PR 80: no gradient is not 0": (
        "drawing/test_dot.py::test_what_has_no_gradient_is_drawn_differently_from_zero"
    ),
    "autograd 58, 177, 559: B[i] = x": "tensor/test_assignment.py::test_gradient_equals_pytorchs_of_the_cloned_program",
    "autograd 608, 362: methods": "tensor/test_tensor.py::test_methods_are_numpys",
    "autograd 355, 416: text and numbers": "tensor/test_tensor.py::test_conversions",
    "autograd 163, PR 199: float32 stays": "engine/test_graph.py::test_gradients_keep_the_dtype_of_their_argument",
    "autograd 257, 725: a missing rule says so": (
        "tensor/test_tensor.py::test_what_has_no_rule_is_refused_by_name_with_the_nearest_that_has"
    ),
    "autograd 219: memory held": "engine/test_graph.py::test_a_graph_has_no_reference_cycle_and_memory_stays_flat",
    "brax PR 152: total += loss": (
        "engine/test_warnings.py::test_adding_up_losses_of_a_training_with_their_history_warns"
    ),
    "pytorch 52248, 156212, jax 347: NaN through where": (
        "engine/test_untaken.py::test_the_gradient_is_right_compiled_too_and_to_the_second_order"
    ),
    "pytorch 16045: (n, 1) against (n,) in a loss": (
        "nn/functional/test_distance.py::test_shapes_that_would_broadcast_are_refused"
    ),
    "pytorch 47175: forgotten zero_grad": (
        "engine/test_warnings.py::test_a_forgotten_zero_grad_warns_when_the_mixture_is_used"
    ),
    "pytorch 160016, 143658: anomaly mode blames the wrong line": (
        "debugging/test_anomaly.py::test_the_first_value_that_is_not_finite_is_named_with_its_line"
    ),
    "pytorchviz 57, 71: large graphs": "drawing/test_dot.py::test_large_arrays_are_summarised_and_odd_names_escaped",
}


@pytest.mark.parametrize("where", ELSEWHERE.values(), ids=ELSEWHERE)
def test_it_is_tested_where_its_file_is(where):
    file, name = where.split("::")
    assert f"def {name}(" in (ROOT / file).read_text()


def leaf(values):
    return ag.tensor(np.asarray(values, float), requires_grad=True)


def test_where_with_a_scalar_gives_the_scalar_a_gradient_of_its_shape():
    scalar, x = leaf(2.0), leaf([1.0, -1.0, 3.0])
    np.where(np.array([True, False, False]), x, scalar).sum().backward()
    assert scalar.grad.shape == () and scalar.grad == 2
    np.testing.assert_array_equal(x.grad, [1, 0, 0])


def test_the_mean_of_nothing_is_numpys():
    x = leaf(np.zeros((0, 3)))
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning):
        expected, y = np.mean(np.zeros((0, 3)), axis=0), np.mean(x, axis=0)
    np.testing.assert_array_equal(y.detach().numpy(), expected)
    y.sum().backward()
    assert x.grad.shape == (0, 3)


def test_numbers_and_lists_go_where_numpy_takes_them():
    x = leaf(3.0)
    y = np.concatenate([np.reshape(x, 1), [1.0, 2.0]]) * [1, 2, 3] + np.ones(3).tolist()
    np.testing.assert_array_equal(y.detach().numpy(), [4, 3, 7])
    np.stack([x, x**2]).sum().backward()
    assert x.grad == 1 + 6 and x.grad.shape == ()


def test_a_dropped_output_of_several_counts_as_zero():
    x = leaf(np.arange(6.0))
    _, middle, _ = np.split(x, 3)
    (middle**2).sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 0, 4, 6, 0, 0])
    matrix = leaf([[2.0, 1.0], [0.0, 3.0]])
    _, logarithm = np.linalg.slogdet(matrix)
    logarithm.backward()
    np.testing.assert_allclose(matrix.grad, np.linalg.inv(matrix.data).T)


@pytest.mark.parametrize("size", [30.0, 1000.0])
def test_sigmoid_and_its_cross_entropy_are_finite_and_right_far_out(size):
    x = leaf([-size, size])
    np.testing.assert_allclose(ag.sigmoid(x).data, [np.exp(-size), 1.0])
    nn.functional.binary_cross_entropy_with_logits(x, np.array([1.0, 0.0]), reduction="sum").backward()
    np.testing.assert_allclose(x.grad, [-1.0, 1.0])
    x.grad = None
    loss = nn.functional.binary_cross_entropy_with_logits(x, np.array([0.0, 1.0]), reduction="sum")
    np.testing.assert_allclose(loss.item(), 2 * np.log1p(np.exp(-size)))
    loss.backward()
    np.testing.assert_allclose(x.grad, [np.exp(-size), -np.exp(-size)], atol=1e-15)


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk->ik", [(2, 3), (3, 4)]),
        ("...i,...i->...", [(2, 3), (3,)]),
        ("b...,...->b...", [(2, 3), (3,)]),
        ("ij,ij->ij", [(1, 3), (2, 3)]),
        ("ij->", [(2, 3)]),
    ],
)
def test_einsum_gradients_have_the_shapes_of_their_arguments(subscripts, shapes):
    generator = np.random.default_rng(0)
    assert ag.gradcheck(
        lambda *arrays: np.einsum(subscripts, *arrays), *(generator.standard_normal(shape) for shape in shapes)
    )


@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 3), (2, 1), (1, 1, 1)])
def test_broadcasting_gives_every_argument_a_gradient_of_its_shape(shape):
    x, full = leaf(np.full(shape, 2.0)), leaf(np.ones((4, 2, 3)))
    (x * full + x).sum().backward()
    np.testing.assert_array_equal(x.grad, np.full(shape, 2 * 24 / max(1, x.size)))
    assert full.grad.shape == (4, 2, 3)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_models_are_copied_and_pickled_and_go_on_training(again):
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    twin = again(model)
    x = np.ones((4, 2), np.float32)
    np.testing.assert_array_equal(twin(x).data, model(x).data)
    optimizer = ag.optim.Adam(twin.parameters(), lr=0.1)
    twin(x).sum().backward()
    optimizer.step()
    assert not np.array_equal(twin(x).data, model(x).data)


def test_plotting_takes_what_has_no_history_and_is_told_what_to_do_otherwise():
    x = leaf([1.0, 2.0])
    np.testing.assert_array_equal(np.asarray((x * 2).detach()), [2, 4])
    np.testing.assert_array_equal(np.asarray(ag.tensor([1.0])), [1])
    with pytest.raises(RuntimeError, match=r"\.detach\(\)\.numpy\(\)"):
        np.asarray(x * 2)


def test_a_graph_of_doublings_is_walked_in_linear_time():
    x = y = leaf(1.0)
    for _ in range(200):
        y = y + y
    y.backward()
    assert x.grad == 2.0**200
