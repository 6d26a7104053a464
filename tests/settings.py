"""A tensor that requires a gradient as a setting: differentiated as differences say, or refused, never a constant."""

import warnings

import numpy as np

import autograd_lite as ag

REFUSALS = (NotImplementedError, TypeError, RuntimeError)


def total(result):
    """One number from the floating arrays that a call gave."""
    if isinstance(result, tuple | list):
        return sum(map(total, result))
    if not isinstance(result, ag.Tensor | np.ndarray | np.generic) or result.dtype.kind not in "fc":
        return 0.0
    parts = [np.real(result), np.imag(result)] if result.dtype.kind == "c" else [result]
    return sum(np.sum(np.cos(1.0 + np.arange(p.size)).reshape(p.shape) * p) for p in parts)


def values(result):
    """Arrays for tensors."""
    if isinstance(result, tuple | list):
        return [values(part) for part in result]
    return result.detach().numpy() if isinstance(result, ag.Tensor) else result


def number(call, setting):
    """What a call with this setting gives, as one number; None where it is refused."""
    try:
        return float(total(values(call(setting))))
    except Exception:
        return None


def slope_by_differences(f, x):
    """The derivative of a number in a number; None where the function is not defined, NaN at a kink or a jump."""
    here = f(x)
    if here is None:
        return None
    ends = [(f(x + step), step) for step in (1e-6, -1e-6, 3e-7, -3e-7)]
    slopes = [(there - here) / step for there, step in ends if there is not None]  # one side, at the end of a range
    return slopes[0] if slopes and np.ptp(slopes) < 1e-4 * (1 + abs(slopes[0])) else np.nan


def check_setting(call, value, nested=lambda s: s):
    """Check ``call(nested(tensor))`` at a value of the setting; say what was done with it."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        s = ag.tensor(float(value), requires_grad=True)
        expected = slope_by_differences(lambda v: number(call, nested(v)), float(value))
        try:
            loss = total(call(nested(s)))
        except REFUSALS:
            return "refused" if expected is not None else "invalid"
        except (ValueError, IndexError):
            if number(call, nested(float(value))) is not None:
                raise
            return "invalid"
        assert expected is not None, "a tensor is taken where a number is refused"
        found = None
        if isinstance(loss, ag.Tensor) and loss.requires_grad:
            try:
                (found,) = ag.autograd.grad(loss, s, allow_unused=True)
            except REFUSALS:
                return "refused"
        if np.isfinite(expected):
            slope = 0.0 if found is None else float(found)
            np.testing.assert_allclose(slope, expected, rtol=1e-4, atol=1e-5)
        return "differentiated" if found is not None else "constant"
