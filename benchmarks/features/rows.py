"""The features: what is asked of every library, and the test that holds ours to it."""

from typing import NamedTuple


class Feature(NamedTuple):
    """A row: its short title, the sentence that says when the answer is yes, and our test of it."""

    title: str
    sentence: str
    test: str


class Library(NamedTuple):
    """A column: its title and the packages it is made of; the first one is imported."""

    title: str
    packages: tuple[str, ...]


LIBRARIES = {
    "autograd_lite": Library("autograd_lite", ("autograd_lite",)),
    "torch": Library("PyTorch", ("torch",)),
    "jax": Library("JAX, optax", ("jax", "jaxlib", "optax")),
    "autograd": Library("HIPS/autograd", ("autograd",)),
    "mygrad": Library("MyGrad", ("mygrad",)),
    "tinygrad": Library("tinygrad", ("tinygrad",)),
    "micrograd": Library("micrograd", ("micrograd",)),
}

FEATURES = {
    "numpy": Feature(
        "NumPy's own functions are recorded",
        "`np.linalg.solve(A, np.tanh(x))` of plain `import numpy as np` has the right gradient.",
        "tests/tensor/test_tensor.py::test_numpy_functions_dispatch_with_numpys_ways_of_calling",
    ),
    "assignment": Feature(
        "`x[i] = v` is differentiable",
        "Assigning to an element of a computed array is part of the gradient.",
        "tests/tensor/test_assignment.py::test_gradient_equals_pytorchs_of_the_cloned_program",
    ),
    "long_chain": Feature(
        "100,000 operations in a row",
        "A chain of 100,000 multiplications is recorded and walked back.",
        "tests/engine/test_graph.py::test_a_chain_of_100_000_operations_records_backpropagates_and_is_freed",
    ),
    "float32": Feature(
        "float32 stays float32",
        "The gradient of a float32 input is float32, also where it meets float64.",
        "tests/engine/test_graph.py::test_gradients_keep_the_dtype_of_their_argument",
    ),
    "stale": Feature(
        "a parameter changed too early is noticed",
        "Changing an input between forward and backward raises, or the gradient is still right.",
        "tests/engine/test_graph.py::test_a_leaf_changed_after_use_is_refused",
    ),
    "loss_shapes": Feature(
        "losses refuse (n, 1) against (n,)",
        "A regression loss of shapes (3, 1) and (3,) raises instead of averaging 3 × 3 differences.",
        "tests/nn/functional/test_distance.py::test_shapes_that_would_broadcast_are_refused",
    ),
    "first_nan": Feature(
        "the first NaN is shown with its line",
        "With the library's or NumPy's checks switched on, the logarithm of a negative number raises an error that "
        "shows the line.",
        "tests/debugging/test_anomaly.py::test_the_first_value_that_is_not_finite_is_named_with_its_line",
    ),
    "diagnosis": Feature(
        "a gradient derived by hand is diagnosed",
        "For a hand-derived gradient in which a factor 2 is missing, the message says so.",
        "tests/debugging/test_diagnose_gradient.py::test_001_climbs_and_lacks_the_2",
    ),
    "hessian": Feature(
        "second derivatives",
        "The Hessian of a function in one call.",
        "tests/transforms/test_jacobians.py::test_a_hessian_costs_one_recorded_gradient_and_a_walk_for_each_parameter",
    ),
    "forward_mode": Feature(
        "forward mode",
        "Jacobian times vector in one forward pass.",
        "tests/transforms/test_products.py::test_vjp_and_jvp_are_the_products_with_the_jacobian",
    ),
    "vmap": Feature("`vmap`", "A function of one sample is turned into one of a batch.", ""),
    "custom": Feature(
        "a gradient rule of your own",
        "A function gets a gradient rule from the user.",
        "tests/transforms/test_custom.py::test_the_given_gradient_is_the_one_that_is_used",
    ),
    "checkpoint": Feature(
        "checkpointing",
        "A part of the graph is computed again on the way back instead of being kept.",
        "tests/transforms/test_checkpoints.py::test_it_runs_once_forward_and_once_for_all_gradients",
    ),
    "optimizers": Feature(
        "Adam with a schedule, built in",
        "Adam with a cosine schedule lowers a loss; both come with the library.",
        "tests/optim/test_lr_scheduler.py::test_learning_rates_equal_pytorch",
    ),
    "second_order": Feature(
        "L-BFGS and Newton, built in",
        "L-BFGS and Newton's method with the exact Hessian come with the library.",
        "tests/optim/test_newton.py::test_one_step_solves_a_quadratic",
    ),
    "estimators": Feature(
        "scikit-learn estimators, built in",
        "A classifier that scikit-learn's grid search takes comes with the library.",
        "tests/interop/test_sklearn.py::test_all_of_scikit_learns_checks_pass",
    ),
    "compiled": Feature(
        "the whole training step is compiled",
        "Forward, backward and Adam's update are one compiled program.",
        "tests/compiler/test_steps.py::test_step",
    ),
    "data_parallel": Feature(
        "data-parallel training",
        "Two processes or devices, each with half of a batch, find the gradient of the whole.",
        "tests/test_distributed.py::test_two_processes_train_as_one_does_with_the_large_batch",
    ),
    "device": Feature(
        "a device can be chosen (GPU)",
        "Arrays are put on a device by its name; tried with the CPU, because this machine has no GPU.",
        "",
    ),
    "sparse": Feature("sparse matrices", "The gradient of a product with a sparse matrix.", ""),
    "drawing": Feature(
        "the graph is drawn with values and gradients",
        "A drawing of the recorded graph in which the value and the gradient of a node stand.",
        "tests/drawing/test_dot.py::test_values_and_gradients_stand_in_the_nodes_before_and_after_backward",
    ),
    "stepping": Feature(
        "backprop as a page, step by step",
        "A page that goes back through the graph one step at a time.",
        "tests/stepthrough/test_page.py::test_every_button_and_the_slider",
    ),
    "source": Feature(
        "the derived gradient is readable",
        "The gradient of a function is printed as the program that computes it.",
        "tests/compiler/test_names.py::test_gradients_are_called_after_what_they_are_gradients_of",
    ),
    "script": Feature(
        "… and saved as a NumPy script",
        "A training step is saved as Python that runs where only NumPy is installed.",
        "tests/compiler/test_compiled.py::test_the_saved_script_repeats_a_hundred_steps_bit_for_bit",
    ),
    "pure_python": Feature(
        "no compiled code of its own",
        "The library itself is Python alone; NumPy and compilers on the machine do not count as its own.",
        "tests/test_features.py::test_the_package_is_python_alone",
    ),
}
