"""The handle: construction, operators, NumPy's protocols, conversions, text, copies."""

import copy
import itertools
import math
import operator
import pickle

import numpy as np
import pytest

import autograd_lite as ag


def leaf(values, **settings):
    return ag.tensor(values, requires_grad=True, **settings)


def test_tensor_copies_its_data():
    data = np.ones(2)
    x = ag.tensor(data)
    data[0] = 5
    np.testing.assert_array_equal(x.data, [1, 1])


@pytest.mark.parametrize("data", [[1, 2], [True], np.arange(3)], ids=repr)
def test_only_floating_numbers_take_a_gradient(data):
    with pytest.raises(TypeError, match="only floating numbers"):
        leaf(data)
    assert leaf(data, dtype=float).requires_grad


@pytest.mark.parametrize("data", ["text", [object()], [None]], ids=["text", "object", "None"])
def test_a_tensor_holds_numbers(data):
    with pytest.raises(TypeError, match="holds numbers"):
        ag.tensor(data)


def test_backward_needs_history_and_one_number():
    with pytest.raises(RuntimeError, match="requires_grad=True"):
        ag.tensor(1.0).backward()
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match="starts from one number"):
        (x * 2).backward()
    with pytest.raises(ValueError, match="does not fit"):
        (x * 2).backward(np.ones(3))
    (x * 2).backward([1.0, 10.0])
    np.testing.assert_array_equal(x.grad, [2, 20])


@pytest.mark.parametrize("other", [2.0, np.array([2.0, 4.0]), [2.0, 4.0], np.float32(2)], ids=repr)
def test_operators_work_from_both_sides_as_numpys_do(other):
    x, v = leaf([1.0, -3.0]), np.array([1.0, -3.0])
    for f in (
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a * b,
        lambda a, b: a / b,
        lambda a, b: a // b,
        lambda a, b: a < b,
        lambda a, b: a >= b,
        lambda a, b: a == b,
        lambda a, b: a != b,
    ):
        np.testing.assert_allclose(f(x, other).detach().numpy(), f(v, np.asarray(other)))
        np.testing.assert_allclose(f(other, x).detach().numpy(), f(np.asarray(other), v))
    np.testing.assert_allclose((2.0**x).data, 2.0**v)


def test_ndarray_on_the_left_dispatches_and_in_place_into_an_array_is_refused():
    a, x = np.ones((2, 2)), leaf(np.ones((2, 2)))
    assert all(isinstance(y, ag.Tensor) for y in (a + x, a * x, a @ x, a - x, a / x, np.float64(2) * x))
    with pytest.raises(NotImplementedError, match="a = a \\+ x"):
        a += x
    with pytest.raises(NotImplementedError, match="out="):
        np.add(x, x, out=a)


def test_numpy_functions_dispatch_with_numpys_ways_of_calling():
    x = leaf(np.arange(6.0).reshape(2, 3))
    v = x.data
    for y, expected in [
        (np.sum(x), v.sum()),
        (np.sum(x, 1), v.sum(1)),
        (np.sum(a=x, axis=0, keepdims=True), v.sum(0, keepdims=True)),
        (np.max(x, axis=-1), v.max(-1)),
        (np.mean(x, (0, 1)), v.mean()),
        (np.std(x, ddof=1), v.std(ddof=1)),
        (np.reshape(x, (3, 2)), v.reshape(3, 2)),
        (np.transpose(x, (1, 0)), v.T),
        (np.where(v > 2, x, 0.0), np.where(v > 2, v, 0)),
        (np.concatenate([x, v], axis=1), np.concatenate([v, v], axis=1)),
        (np.concatenate((x, x), axis=None), np.concatenate((v, v), axis=None)),
        (np.stack([x, x], -1), np.stack([v, v], -1)),
        (np.clip(x, 1, None), np.clip(v, 1, None)),
        (np.dot(x, np.ones(3)), v.sum(1)),
        (np.dot(np.ones((2, 4, 2)), x), np.dot(np.ones((2, 4, 2)), v)),
        (np.take_along_axis(x, np.array([[2], [0]]), axis=1), [[2], [3]]),
        (np.take(x, [0, 2], axis=1), v[:, [0, 2]]),
        (np.average(x, axis=1, weights=[1.0, 2.0, 1.0]), np.average(v, axis=1, weights=[1, 2, 1])),
        (np.outer(x[0], x[1]), np.outer(v[0], v[1])),
        (np.tile(x, (2, 1)), np.tile(v, (2, 1))),
        (np.power(x, 2), v**2),
    ]:
        assert isinstance(y, ag.Tensor) and y.requires_grad
        np.testing.assert_allclose(y.detach().numpy(), expected)


def test_what_has_no_rule_is_refused_by_name_with_the_nearest_that_has():
    x = leaf(np.ones((2, 2)))
    with pytest.raises(NotImplementedError, match="np.linalg.eig has no gradient rule: .* use np.linalg.eigh"):
        np.linalg.eig(x)
    with pytest.raises(NotImplementedError, match=r"np.gcd has no gradient rule"):
        np.gcd(x, x)
    with pytest.raises(NotImplementedError, match="where=.* has no gradient rule"):
        np.add(x, x, where=np.ones((2, 2), bool))


def test_arrays_come_out_only_without_history():
    x = leaf([1.0])
    for convert in (np.asarray, lambda t: t.numpy(), np.array):
        with pytest.raises(RuntimeError, match="detach"):
            convert(x)
        assert type(convert(x.detach())) is np.ndarray
    y = (x * 2).detach().numpy()
    y[0] = 7  # the caller's own


def test_data_of_what_was_computed_is_read_only_and_of_a_leaf_is_its_own():
    x = leaf([1.0, 2.0])
    y = x * 2
    with pytest.raises(ValueError, match="read-only"):
        y.data[0] = 3
    with pytest.raises(RuntimeError, match="cannot be replaced"):
        y.data = np.zeros(2)
    x.data[0] = 3
    np.testing.assert_array_equal(x.data, [3, 2])


def test_constants_keep_history_out():
    x = leaf([1.0, 2.0])
    for y in (x > 1, np.argmax(x), np.floor(x), x.astype(int), x.detach(), np.sign(x)):
        assert isinstance(y, ag.Tensor) and not y.requires_grad


def test_in_place_operators_record_and_keep_shape_and_dtype():
    x = leaf(np.ones(2, np.float32))
    y = x * 1
    y += np.array([1.0, 2.0])
    y *= x
    y -= 1
    y /= 2
    y **= 2
    assert y.dtype == np.float32
    y.sum().backward()
    # y = ((x + c)·x - 1)² / 4
    np.testing.assert_allclose(x.grad, [(2 - 1) / 2 * 3, (3 - 1) / 2 * 4])
    with pytest.raises(ValueError, match="cannot take"):
        y += np.ones((3, 2))


def test_under_no_grad_a_leaf_is_updated_in_place_and_stays_a_leaf():
    w = leaf([1.0, 2.0])
    memory = w.data
    with ag.no_grad():
        w -= 0.5
        w[0] = 7.0
    assert w.is_leaf and w.requires_grad and w.data is memory
    np.testing.assert_array_equal(memory, [7, 1.5])


def test_a_scalar_leaf_can_be_updated_too():
    w = leaf(2.0)
    with ag.no_grad():
        w -= 0.5
    w.data -= 0.5
    assert w.is_leaf and w.requires_grad and float(w) == 1.0


def test_conversions():
    x = ag.tensor([[1.5, 2.0]])
    assert (len(x), x.shape, x.ndim, x.size, x[0, 0].item(), x.tolist()) == (1, (1, 2), 2, 2, 1.5, [[1.5, 2.0]])
    assert (float(x[0, 0]), int(x[0, 1]), bool(x[0, 0] > 1)) == (1.5, 2, True)
    assert [float(v) for row in x for v in row] == [1.5, 2.0]
    assert 2.0 in x and 3.0 not in x
    assert [10, 20, 30][ag.tensor(1)] == 20
    with pytest.raises(TypeError, match="0-d"):
        iter(x[0, 0])
    with pytest.raises(ValueError, match="ambiguous"):
        bool(x)
    assert len({x, x}) == 1


def test_text():
    x = leaf([1.0, 2.0], name="x")
    assert repr(x) == "tensor([1., 2.], name='x', requires_grad=True)"
    assert repr(np.tanh(x[0] * 0)) == "tensor(0., grad_fn=<tanh>)"
    assert repr(ag.tensor(np.float32(1))) == "tensor(1., dtype=float32)"
    assert f"{x.sum():.2f} {x:.1f} {x.detach()}" == "3.00 [1.0 2.0] tensor([1., 2.], name='x')"
    y = x * 2
    y.name = "doubled"
    assert "name='doubled', grad_fn=<multiply>" in repr(y)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_leaves_are_copied_and_pickled_whole_and_history_is_refused(duplicate):
    x = leaf([1.0, 2.0], name="x")
    (x * x).sum().backward()
    twin = duplicate(x)
    assert twin.name == "x" and twin.requires_grad
    np.testing.assert_array_equal(twin.grad, x.grad)
    twin.data[0] = 9
    assert x.data[0] == 1
    with pytest.raises(RuntimeError, match="has a history"):
        duplicate(x * 2)


def test_requires_grad_can_be_switched_on_a_leaf():
    x = ag.tensor([1.0])
    x.requires_grad = True
    (x * 3).sum().backward()
    assert x.grad == 3
    with pytest.raises(RuntimeError, match="leaves only"):
        (x * 2).requires_grad = False


def test_a_gradient_that_does_not_fit_is_refused():
    x = leaf([1.0, 2.0])
    with pytest.raises(ValueError, match="does not fit"):
        x.grad = np.ones(3)
    with pytest.raises(RuntimeError, match="only leaves"):
        (x * 2).grad = np.ones(2)


def test_integer_tensors_index_and_are_indexed():
    x, i = leaf(np.arange(4.0)), ag.tensor([3, 0, 3])
    y = x[i]
    np.testing.assert_array_equal(y.detach().numpy(), [3, 0, 3])
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [1, 0, 0, 2])
    labels = ag.tensor([1, 2, 3])
    labels[0] = 9
    assert labels.tolist() == [9, 2, 3]


def test_methods_are_numpys():
    x = leaf(np.arange(6.0).reshape(2, 3))
    v = x.data
    for y, expected in [
        (x.sum(), v.sum()),
        (x.mean(0), v.mean(0)),
        (x.var(1, ddof=1), v.var(1, ddof=1)),
        (x.std(keepdims=True), v.std(keepdims=True)),
        (x.max(axis=1), v.max(axis=1)),
        (x.min(), v.min()),
        (x.argmax(1), v.argmax(1)),
        (x.clip(1, 3), v.clip(1, 3)),
        (x.reshape(3, 2), v.reshape(3, 2)),
        (x.reshape((3, -1)), v.reshape((3, -1))),
        (x.transpose(), v.T),
        (x.transpose(1, 0), v.T),
        (x.T, v.T),
        (x.mT, v.T),
        (x.ravel(), v.ravel()),
        (x[None].squeeze(0), v),
        (x.take([0], axis=1), v[:, [0]]),
        (x.dot(np.ones(3)), v.dot(np.ones(3))),
        (x.astype(np.float32), v.astype(np.float32)),
        (x.any(), v.any()),
    ]:
        np.testing.assert_array_equal(y.detach().numpy(), expected)


def test_sequences_in_an_index_are_arrays_and_name_elements_as_often_as_they_stand_there():
    x = leaf([1.0, 2.0, 3.0])
    for index, expected in (
        (((0, 0),), [2, 0, 0]),
        (([0, 2, 2],), [1, 0, 2]),
        ((range(2),), [1, 1, 0]),
        (([],), [0, 0, 0]),
    ):
        (g,) = ag.autograd.grad(x[index].sum(), x)
        np.testing.assert_array_equal(g, expected)


def test_numbers_do_not_lose_their_history_on_the_way_into_an_array():
    x, out = leaf([1.0, 2.0]), np.zeros(2)
    with pytest.raises(ValueError, match="setting an array element") as caught:
        out[0] = x[0]
    assert "ag.zeros" in str(caught.value.__cause__)
    out[0] = x[0].item()
    kept = ag.zeros(2)
    kept[0] = x[0] * 3
    kept.sum().backward()
    np.testing.assert_array_equal(x.grad, [3, 0])
    with pytest.raises(RuntimeError, match="np.stack"):
        np.array([x[0], x[1]])
    np.stack([x[0], x[1]])


def test_the_package_offers_every_numpy_function_that_has_rules():
    assert ag.tanh is np.tanh
    assert ag.einsum is np.einsum
    assert ag.linalg is np.linalg
    assert {"tanh", "einsum", "tensor"} <= set(dir(ag))
    with pytest.raises(AttributeError, match="no attribute 'frobnicate'"):
        ag.frobnicate  # noqa: B018


def test_numbers_are_rounded_as_numpys_are():
    t = ag.tensor(2.567)
    assert (round(t), math.floor(t), math.ceil(t), math.trunc(-t)) == (3, 2, 3, -2)
    assert round(leaf(2.567), 1).item() == 2.6 and not round(leaf(2.567), 1).requires_grad
    for function in (round, math.floor, math.ceil, math.trunc):
        with pytest.raises(TypeError, match="without axes"):
            function(leaf([1.5]))


def test_quotient_and_remainder():
    x = leaf([7.0, -7.0])
    quotient, rest = divmod(x, 2)
    assert quotient.tolist() == [3, -4] and rest.tolist() == [1, 1] and rest.requires_grad
    assert [part.tolist() for part in divmod(7, leaf([2.0]))] == [[3], [1]]


def test_operators_of_integers():
    i, v = ag.tensor([1, 2, 5]), np.array([1, 2, 5])
    for f in (
        *(operator.lshift, operator.rshift, operator.and_, operator.or_, operator.xor, operator.floordiv),
        *(operator.ilshift, operator.irshift, operator.iand, operator.ior, operator.ixor, operator.ifloordiv),
        *(operator.imod, operator.mod),
    ):
        assert f(i.copy(), 2).tolist() == f(v.copy(), 2).tolist()
        if not f.__name__.startswith("i"):
            assert f(64, i).tolist() == f(64, v).tolist()
    m = leaf(np.eye(2)) * 1
    handle = m
    m @= np.ones((2, 2))
    assert m is handle and m.tolist() == [[1, 1], [1, 1]] and m.requires_grad
    with pytest.raises(TypeError):
        ag.tensor([1.5]) << 1


def test_complex_numbers_of_python():
    assert complex(ag.tensor(2.0)) == 2 and complex(ag.tensor(1.0 + 2j)) == 1 + 2j


def test_functions_of_our_own_take_numbers_and_lists():
    assert ag.softmax(0.0) == ag.softmax([3.0]) == 1.0 and ag.log_softmax(5) == 0.0
    assert ag.relu(-1) == 0 and ag.sigmoid(0) == 0.5 and ag.logsumexp(2.0) == 2.0 and ag.softplus(0.0) == math.log(2)
    assert ag.leaky_relu(-1.0, 0.5) == -0.5 and ag.elu([0.0, 1.0]).tolist() == [0, 1]
    assert ag.erf(1) == ag.erf(1.0) == math.erf(1.0)
    for function in (ag.softmax, ag.log_softmax, ag.logsumexp, ag.relu, ag.sigmoid, ag.softplus, ag.elu, ag.erf):
        x = leaf(0.75)
        y = function(x)
        assert y.shape == () and y.item() == function(0.75)
        y.backward()
        assert x.grad.shape == ()


def test_a_slope_may_be_learned():
    x, slope = leaf([-2.0, 3.0]), leaf(0.25)
    for y in (ag.leaky_relu(x, slope), ag.leaky_relu(x, slope=slope), ag.elu(x, slope)):
        slope.grad = None
        y.sum().backward()
        assert slope.grad in (-2, np.expm1(-2.0))


def test_a_number_indexed_by_none_accumulates():
    parts = (
        lambda y: y * 2,
        lambda y: y[None].sum(),
        lambda y: y[...],
        lambda y: np.sin(y),
        lambda y: y[None, None].sum(),
    )
    for chosen in itertools.product(parts, repeat=3):
        y = leaf(1.0)
        for _ in range(2):
            sum(part(y) for part in chosen).backward()
        alone = [ag.grad(part)(1.0) for part in chosen]
        np.testing.assert_allclose(y.grad, 2 * sum(alone))
