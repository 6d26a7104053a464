"""Cross-entropy: closed forms, derivatives, and everything a target can be that it should not."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.nn import functional as F
from tests.nn.numerical import check_gradients

RNG = np.random.default_rng(0)
SCORES, LABELS = RNG.normal(size=(4, 3)), np.array([0, 2, 1, 2])
DEEP, DEEP_LABELS = RNG.normal(size=(2, 3, 2)), np.array([[0, 2], [1, 1]])
SOFT = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.1, 0.1, 0.8], [0.3, 0.3, 0.4]])
WEIGHT = np.array([0.5, 2.0, 1.0])


def softmax(x):
    e = np.exp(x)
    return e / e.sum(1, keepdims=True)


def test_the_mean_over_class_indices_and_its_gradient_in_closed_form():
    x = ag.tensor(SCORES, requires_grad=True)
    loss = F.cross_entropy(x, LABELS)
    assert loss.item() == pytest.approx(-np.log(softmax(SCORES)[np.arange(4), LABELS]).mean())
    loss.backward()
    np.testing.assert_allclose(x.grad, (softmax(SCORES) - np.eye(3)[LABELS]) / 4)


def test_the_usual_case_is_two_rows():
    node = F.cross_entropy(ag.tensor(SCORES, requires_grad=True), LABELS).node
    assert node.function.__name__ == "mean_nll"
    assert node.args[1].function.__name__ == "log_softmax"
    np.testing.assert_array_equal(node.args[2], LABELS)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("settings", [{}, {"weight": WEIGHT}, {"label_smoothing": 0.2}, {"ignore_index": 2}])
def test_derivatives_against_differences(settings, reduction):
    check_gradients(lambda x: F.cross_entropy(x, LABELS, reduction=reduction, **settings), SCORES)
    check_gradients(lambda x: F.cross_entropy(x, DEEP_LABELS, reduction=reduction, **settings), DEEP)
    if "label_smoothing" not in settings:
        check_gradients(lambda x: F.nll_loss(x, LABELS, reduction=reduction, **settings), SCORES)
    if "ignore_index" not in settings:
        check_gradients(lambda x, t: F.cross_entropy(x, t, reduction=reduction, **settings), SCORES, SOFT)


def test_one_hot_probabilities_mean_the_same_as_indices():
    one_hot = F.one_hot(LABELS, 3).data.astype(float)
    for settings in ({}, {"label_smoothing": 0.1}, {"weight": np.ones(3)}):
        indices, probabilities = (F.cross_entropy(SCORES, t, **settings).item() for t in (LABELS, one_hot))
        assert indices == pytest.approx(probabilities)


def test_it_is_nll_of_log_softmax():
    for settings in ({}, {"weight": WEIGHT}, {"ignore_index": 2}, {"reduction": "sum"}):
        found = F.cross_entropy(DEEP, DEEP_LABELS, **settings).item()
        assert found == pytest.approx(F.nll_loss(F.log_softmax(DEEP, 1), DEEP_LABELS, **settings).item())


@pytest.mark.parametrize("labels", [[0, 2, 1, 2], LABELS.astype(np.uint8), LABELS.astype(np.int32), ag.tensor(LABELS)])
def test_labels_of_any_integer_kind(labels):
    assert F.cross_entropy(SCORES, labels).item() == pytest.approx(F.cross_entropy(SCORES, LABELS).item())


def test_labels_that_change_before_backward_are_noticed():
    labels = ag.tensor(LABELS)
    loss = F.cross_entropy(ag.tensor(SCORES, requires_grad=True), labels)
    labels.data = labels.data * 0
    with pytest.raises(RuntimeError, match="was changed after"):
        loss.backward()


@pytest.mark.parametrize("settings", [{}, {"weight": WEIGHT}, {"label_smoothing": 0.2}, {"ignore_index": 2}])
def test_tensors_for_targets_and_weights_mean_the_same(settings):
    tensors = {key: ag.tensor(v) if key == "weight" else v for key, v in settings.items()}
    for scores, labels in ((SCORES, LABELS), (DEEP, DEEP_LABELS), (SCORES[0], LABELS[0])):
        expected = F.cross_entropy(scores, labels, **settings).item()
        assert F.cross_entropy(scores, ag.tensor(labels), **tensors).item() == pytest.approx(expected)


def test_a_forbidden_class_has_score_minus_infinity():
    x = ag.tensor([[0.0, 1.0, -np.inf], [0.0, -np.inf, 0.0]], requires_grad=True)
    loss = F.cross_entropy(x, [0, 2])
    assert np.isfinite(loss.item())
    loss.backward()
    assert np.isfinite(x.grad).all()


def test_shapes_of_the_result():
    assert F.cross_entropy(DEEP, DEEP_LABELS, reduction="none").shape == (2, 2)
    assert F.cross_entropy(SCORES[0], 1, reduction="none").shape == ()
    assert F.cross_entropy(SCORES, SOFT, reduction="none").shape == (4,)
    assert F.cross_entropy(np.zeros((0, 3)), np.zeros(0, int), reduction="sum").item() == 0


def test_the_dtype_is_that_of_the_scores():
    x = ag.tensor(SCORES.astype(np.float32), requires_grad=True)
    for target in (LABELS, SOFT, ag.tensor(SOFT)):
        for settings in ({}, {"weight": WEIGHT}, {"label_smoothing": 0.1}, {"reduction": "none"}):
            value = F.cross_entropy(x, target, **settings)
            assert value.dtype == np.float32
            value.sum().backward()
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([0, 1, 3, 0], ValueError, "class index 3 is out of range: there are 3 classes, 0 to 2"),
        ([0, -1, 2, 0], ValueError, "class index -1 is out of range"),
        ([0, -100, 7, 0], ValueError, "class index 7 is out of range"),
        (
            [0.0, 1.0, 2.0, 0.0],
            TypeError,
            r"class indices are integers, and the target is float64 of shape \(4,\): use",
        ),
        ([True, False, True, True], TypeError, "the target is bool"),
        (np.array(["a"] * 4), TypeError, "the target is <U1"),
        ([[0], [1], [2], [0]], ValueError, r"need class indices of shape \(4,\), got \(4, 1\): use target\.reshape"),
        ([0, 1, 2], ValueError, r"scores of shape \(4, 3\) need class indices of shape \(4,\), got \(3,\)$"),
        (np.eye(4, 3, dtype=int), ValueError, r"for one-hot rows use target\.argmax\(1\), or target\.astype\(float\)"),
    ],
)
def test_what_are_no_class_indices_is_refused(loss, labels, error, message):
    with pytest.raises(error, match=f"{loss.__name__}: .*{message}"):
        loss(ag.tensor(SCORES, requires_grad=True), labels)


def test_the_shape_of_deep_labels_is_checked():
    with pytest.raises(
        ValueError, match=r"scores of shape \(2, 3, 2\) need class indices of shape \(2, 2\), got \(2, 3\)"
    ):
        F.cross_entropy(DEEP, np.zeros((2, 3), int))
    with pytest.raises(ValueError, match=r"scores of shape \(3,\) need class indices of shape \(\), got \(3,\)"):
        F.cross_entropy(SCORES[0], [0, 1, 2])


def test_ignored_samples_do_not_count_and_get_no_gradient():
    x = ag.tensor(SCORES, requires_grad=True)
    loss = F.cross_entropy(x, [0, -100, 1, -100])
    assert loss.item() == pytest.approx(F.cross_entropy(SCORES[[0, 2]], [0, 1]).item())
    loss.backward()
    assert not x.grad[[1, 3]].any()
    losses = F.cross_entropy(SCORES, [0, -100, 1, -100], reduction="none")
    assert losses.data[[1, 3]].tolist() == [0, 0]


def test_a_mean_over_nothing_is_refused():
    with pytest.raises(ValueError, match="every sample is ignored"):
        F.cross_entropy(SCORES, [-100] * 4)
    assert F.cross_entropy(SCORES, [-100] * 4, reduction="sum").item() == 0


@pytest.mark.parametrize(
    ("settings", "target", "message"),
    [
        ({"weight": [1.0, 2.0]}, LABELS, r"one number for each of the 3 classes, and has shape \(2,\)"),
        ({"weight": [[1.0, 2.0, 3.0]]}, SOFT, r"one number for each of the 3 classes, and has shape \(1, 3\)"),
        ({"label_smoothing": 1.5}, LABELS, "label_smoothing is a share, from 0 to 1, not 1.5"),
        ({"label_smoothing": -0.5}, SOFT, "label_smoothing is a share"),
        ({"reduction": "average"}, LABELS, "cross_entropy: reduction is one of mean, sum, none, not 'average'"),
        ({"reduction": "average"}, SOFT, "cross_entropy: reduction is one of"),
        ({"ignore_index": 1}, SOFT, "ignore_index names a class index, and the target holds probabilities"),
    ],
)
def test_wrong_settings_are_refused(settings, target, message):
    with pytest.raises(ValueError, match=message):
        F.cross_entropy(SCORES, target, **settings)


def test_one_hot():
    assert F.one_hot([[2, 0], [1, 1]], 3).tolist() == [[[0, 0, 1], [1, 0, 0]], [[0, 1, 0], [0, 1, 0]]]
    assert F.one_hot(1, 2).tolist() == [0, 1]
    assert F.one_hot(np.zeros((0,), int), 2).shape == (0, 2)
    with pytest.raises(ValueError, match="one_hot: class index -1 is out of range: there are 3 classes, 0 to 2"):
        F.one_hot([0, -1], 3)
    with pytest.raises(TypeError, match="one_hot: class indices are integers"):
        F.one_hot([0.5], 3)
