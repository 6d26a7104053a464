"""What shares memory in NumPy shares it here, and what does not, does not: function by function."""

import numpy as np
import pytest

import autograd_lite as ag

ARRAYS = {
    "rows": lambda: np.arange(1.0, 13.0).reshape(3, 4),
    "square": lambda: np.arange(1.0, 10.0).reshape(3, 3),
    "vector": lambda: np.arange(1.0, 6.0),
    "block": lambda: np.arange(1.0, 25.0).reshape(2, 3, 4),
    "axes of length 1": lambda: np.arange(1.0, 4.0).reshape(1, 3, 1),
    "integers": lambda: np.arange(12).reshape(3, 4),
    "complex": lambda: np.arange(12.0).reshape(3, 4) * (1 + 1j),
}
LAYOUTS = {
    "as it is": lambda x: x,
    "transposed": lambda x: x.T,
    "every second": lambda x: x[..., ::2],
    "backwards": lambda x: x[::-1],
    "computed": lambda x: x * 1,
}
CALLS = """
x[0]  x[...]  x[()]  x[0, ...]  x[None]  x[1:]  x[::-1]  x[[0, 0]]  x[x != 2]  x[True]  x[np.array(0)]  x[np.int64(0)]
x.T  x.mT  x.flat  x.ravel()  x.ravel('F')  np.ravel(x)  x.flatten()  x.reshape(-1)  x.reshape(x.shape)  +x  x.copy()
x.reshape(-1, order='F')  x.squeeze()  x.swapaxes(0, -1)  x.transpose()  x.diagonal()  x.astype(x.dtype, copy=False)
x.astype(x.dtype)  x.conj()  x.conjugate()  np.conj(x)  x.repeat(1)  np.repeat(x, 1)  np.repeat(x, 1, 0)  np.tile(x, 1)
np.resize(x, x.shape)  np.roll(x, 0)  np.broadcast_to(x, x.shape)  np.broadcast_to(x, (2, *x.shape))  np.squeeze(x)
np.broadcast_arrays(x, x)[0]  np.broadcast_arrays(x, 1)[0]  np.atleast_1d(x)  np.atleast_2d(x)  np.atleast_3d(x)
np.diag(x)  np.diagflat(x)  np.diagonal(x)  np.linalg.diagonal(x)  np.flip(x)  np.flip(x, 0)  np.flipud(x)  np.fliplr(x)
np.rot90(x)  np.rot90(x, 0)  np.rot90(x, 2)  np.rollaxis(x, 1)  np.moveaxis(x, 0, -1)  np.expand_dims(x, 0)
np.matrix_transpose(x)  np.split(x, 1)[0]  np.split(x, [1])[1]  np.array_split(x, 2)[0]  np.hsplit(x, 1)[0]
np.vsplit(x, 1)[0]  np.dsplit(x, 1)[0]  np.concatenate([x])  np.stack([x])  np.vstack([x])  np.hstack([x])
np.block([x])
np.block(x)  np.append(x, x)  np.delete(x, [], 0)  np.compress([True], x, 0)  np.extract(x == x, x)  np.take(x, 0, 0)
np.take(x, [0], 0)  np.pad(x, 0)  np.tril(x, 100)  np.where(x == x, x, 0)  np.select([x == x], [x])  np.sort(x)
np.sum(x, axis=0, keepdims=True)  np.max(x[:1], 0)  np.cumsum(x[:1])  np.nan_to_num(x)  np.real(x)  x.real
np.imag(x)  np.einsum('ij->ji', x)  np.einsum('ii->i', x)  np.einsum('ij', x)  np.einsum('ijk->kji', x)  np.copy(x)
np.clip(x, 0, 99)  np.lib.stride_tricks.sliding_window_view(x, 1, 0)  np.meshgrid(x)[0]  next(iter(x))  np.positive(x)
np.reshape(x, -1)  np.reshape(x, -1, copy=True)  np.unstack(x)[0]
""".replace("  ", "\n").split("\n")
CALLS = [call.strip() for call in CALLS if call.strip()]


def shown(call, x):
    """What a call gives; None where NumPy refuses or gives a number."""
    try:
        result = eval(call, {"np": np, "x": x})
    except (ValueError, IndexError, AttributeError, TypeError):
        return None
    return result if isinstance(result, np.ndarray | ag.Tensor) and result.size else None


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("form", ARRAYS)
def test_a_view_follows_its_base_and_the_base_its_view_as_in_numpy(form, layout):
    compared = 0
    for call in CALLS:
        array = LAYOUTS[layout](ARRAYS[form]())
        view = shown(call, array)
        if view is None:
            continue
        x = LAYOUTS[layout](ag.tensor(ARRAYS[form]()))
        y = shown(call, x)
        if y is None:
            continue
        compared += 1
        shares, before = np.shares_memory(view, array), y.numpy()
        x[...] = 99
        assert np.array_equal(y.numpy(), before) != shares, f"{call}: the view, after the base has changed"
        if not shares:
            before = x.numpy()
            y[...] = 77
            np.testing.assert_array_equal(x.numpy(), before, f"{call}: the base, after a copy has changed")
        elif not view.flags.writeable or array.dtype.kind == "c":  # the parts of complex numbers are read only here
            if not view.flags.writeable:
                with pytest.raises(ValueError, match="read-only"):
                    y[...] = 77
        else:
            view[...] = 77
            y[...] = 77
            np.testing.assert_array_equal(x.numpy() == 77, array == 77, f"{call}: the base, after the view has changed")
    assert compared > 60


@pytest.mark.parametrize("change", ["x[0] = 5", "x += 1", "x.fill(2)", "x[:, 1] *= 3", "np.copyto(x, 4)", "x.sort(0)"])
def test_every_way_of_changing_is_seen_by_views(change):
    array = np.arange(12.0).reshape(3, 4)[::-1].copy()
    x = ag.tensor(array)
    views = [lambda a: a[1:], lambda a: a.T[2], lambda a: a.reshape(2, 6)[0, 1:], lambda a: a[::-1, None]]
    expected, got = [view(array) for view in views], [view(x) for view in views]
    exec(change, {"np": np, "x": array})
    exec(change, {"np": np, "x": x})
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_array_equal(a.numpy(), b)


def test_in_place_operators_are_all_numpys():
    for statement in ("x += 2", "x -= 2", "x *= 2", "x /= 2", "x //= 2", "x %= 2", "x **= 2", "x @= np.eye(3)"):
        array, x = np.arange(9.0).reshape(3, 3), ag.tensor(np.arange(9.0).reshape(3, 3))
        view, row = array[0], x[0]
        names = {"np": np, "x": x}
        exec(statement, {"np": np, "x": array})
        exec(statement, names)
        assert names["x"] is x
        np.testing.assert_array_equal(row.numpy(), view)
    for statement in ("x &= 2", "x |= 2", "x ^= 2"):
        array, x = np.arange(4), ag.tensor(np.arange(4))
        view, part = array[1:], x[1:]
        exec(statement, {"x": array})
        exec(statement, {"x": x})
        np.testing.assert_array_equal(part.numpy(), view)
    with pytest.raises(TypeError, match="float64 in place"):
        x += 0.5


def test_an_element_is_a_number():
    x = ag.tensor([1.0, 2.0])
    element = x[0]
    element += 5
    assert element.item() == 6 and x.tolist() == [1, 2]
    with pytest.raises(TypeError, match=r"does not support item assignment: assign to .* x\[i\] = v"):
        x[0][...] = 5
    array_of_no_axes = x[0, ...]
    array_of_no_axes[...] = 7
    assert x.tolist() == [7, 2]
    x[1] += 1
    assert x.tolist() == [7, 3]


def test_a_tensor_of_no_axes_is_an_array_of_no_axes():
    x = ag.tensor(1.0)
    wide, same = x[None], x.reshape(1, 1)
    x[...] = 3
    assert wide.tolist() == [3] and same.tolist() == [[3]]
    wide[0] = 4
    assert x.item() == 4 and same.tolist() == [[4]]


def test_values_computed_before_keep_what_they_were_computed_from():
    x = ag.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    w = x * 1.0
    left, right = w[:-1], w[1:]
    product = w * w
    w[0] = 0.0
    loss = ((right - left) ** 2).sum() + product.sum()
    loss.backward()
    assert loss.item() == 6 + 30
    np.testing.assert_array_equal(x.grad, [2, 4 - 2 + 4, 2 - 2 + 6, 2 + 8])


def test_swaps_are_numpys_with_its_trap():
    for swap in ("x[0], x[1] = x[1], x[0]", "x[[0, 1]] = x[[1, 0]]", "x[:, 0], x[:, 1] = x[:, 1], x[:, 0].copy()"):
        array, x = np.arange(4.0).reshape(2, 2), ag.tensor(np.arange(4.0).reshape(2, 2))
        exec(swap, {"x": array})
        exec(swap, {"x": x})
        np.testing.assert_array_equal(x.numpy(), array)


def test_reading_parts_leaves_nothing_behind():
    x = ag.zeros((100, 3))
    for _ in range(50):
        for row in x:
            row.sum()
    assert len(x.views) < 4
    kept = [x[i] for i in range(100)]
    x[...] = 1
    assert all(row.tolist() == [1, 1, 1] for row in kept)


def test_a_long_chain_of_views_is_no_recursion():
    x = view = ag.zeros(5000)
    for _ in range(3000):
        view = view[1:]
    view[0] = 7
    assert x[3000].item() == 7
    x[3001] = 8
    assert view[1].item() == 8
