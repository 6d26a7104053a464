# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: -all
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
# ---

# %% [markdown]
# # Numerical stability
#
# A formula can be right, its gradient derived without a mistake, and the number that comes out still be `nan`, or 0,
# or a hundred million. The reason is always the same: a computer keeps 7 or 16 digits of a number, and has a largest
# number after which there is only infinity. This notebook is about the places where that matters in training:
# exponentials, small steps, differences; about finding the first `nan`; and about points where no derivative exists.
#
# It builds on notebooks 01 to 05, and once runs the training loop of 06.

# %%
# %matplotlib inline
import textwrap

import matplotlib.pyplot as plt
import numpy as np

import autograd_lite as ag
from autograd_lite import optim
from autograd_lite.nn import functional as F

plt.rcParams["figure.dpi"] = 72
np.seterr(all="ignore")  # NumPy would warn in many of these cells; here the results are to speak for themselves

for dtype in (np.float32, np.float64):
    info = np.finfo(dtype)
    print(f"{dtype.__name__}: eps {info.eps:.1e}, largest {info.max:.1e}, exp is infinite from {np.log(info.max):.1f}")

assert np.float32(1) + np.float32(6e-8) > 1  # more than half of eps: rounded up
assert np.float32(1) + np.float32(5e-8) == 1  # less than half of it: lost
assert np.isfinite(np.exp(np.float32(88.7)))
assert np.isinf(np.exp(np.float32(88.8)))

# %% [markdown]
# *eps* is the distance from 1 to the next number that exists. Relative to their size all numbers are about that far
# apart, so every result is rounded by up to half of eps. And `exp` in float32, in which most networks are trained, is
# infinite beyond 88.7. That is not a large number.
#
# ## Log-sum-exp, and a shift that costs nothing
#
# *Softmax* makes probabilities of the scores of a classifier (notebook 05). The logarithm of its denominator is called
# *log-sum-exp*, and the gradient of that is softmax:
#
# $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \qquad \mathrm{lse}(z) = \log \sum_j e^{z_j}, \qquad
# \frac{\partial\, \mathrm{lse}}{\partial z_k} = p_k$$
#
# Written down as it stands, neither survives a score of 1000. But if m is taken off every score, numerator and
# denominator of softmax lose the same factor $e^{-m}$. With the largest score for m, the largest exponential is
# $e^0 = 1$ and cannot overflow.
#
# $$\mathrm{lse}(z) = m + \log \sum_j e^{z_j - m}, \qquad m = \max_j z_j$$


# %%
def naive(z):
    return np.log(np.sum(np.exp(z)))


def shifted(z):
    m = np.max(z)
    return m + np.log(np.sum(np.exp(z - m)))


z = np.array([1000.0, 1001.0, 1002.0])
print("naive:  ", naive(z), ag.grad(naive)(z))
print("shifted:", shifted(z), ag.grad(shifted)(z))

assert np.isinf(naive(z))
assert np.isnan(ag.grad(naive)(z)).all()
assert np.allclose(shifted(z), 1002 + naive(z - 1002))
assert np.allclose(ag.grad(shifted)(z), ag.softmax(z))
assert np.isinf(naive(-z))  # all exponentials are 0, and log 0 = -inf: it fails on the other side as well
assert np.allclose([ag.logsumexp(z), ag.logsumexp(-z)], [shifted(z), shifted(-z)])

# %% [markdown]
# The engine derived the gradient of `shifted` too, through the maximum and all. `ag.logsumexp`, `ag.softmax` and
# `ag.log_softmax` do the shift for you.
#
# ## Cross-entropy: give it scores, not probabilities
#
# With two classes there is one score x; the sigmoid $\sigma(x) = 1/(1 + e^{-x})$ makes the probability p of "yes", and
# the loss for a target t of 0 or 1 is the *binary cross-entropy* $-t \log p - (1 - t) \log(1 - p)$.
#
# Take a sample whose answer is "no". Its loss is $-\log(1 - \sigma(x)) = \log(1 + e^x)$. Here are three ways to
# compute it in float32: as printed; with `binary_cross_entropy(p, t)`, which takes probabilities and, as in PyTorch,
# holds each logarithm at −100 or above; and with `binary_cross_entropy_with_logits`, which takes the score and never
# forms p.

# %%
score = np.arange(0, 30, 0.25, dtype=np.float32)
target = np.zeros_like(score)
ways = {
    "−log(1 − σ(x)), as printed": lambda x: -np.log(1 - ag.sigmoid(x)),
    "from the probability": lambda x: F.binary_cross_entropy(ag.sigmoid(x), target, reduction="none"),
    "from the score": lambda x: F.binary_cross_entropy_with_logits(x, target, reduction="none"),
}
value = {name: np.asarray(loss(ag.tensor(score))) for name, loss in ways.items()}
slope = {name: ag.grad(lambda x, loss=loss: np.sum(loss(x)))(score) for name, loss in ways.items()}

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
for name, style, size in zip(ways, ("C1o", "C3.", "C0-"), (8, 5, 0), strict=True):
    left.plot(score, value[name], style, markersize=size, label=name)
    right.plot(score, slope[name], style, markersize=size, label=name)
left.set(xlabel="score of the wrong answer", ylabel="loss", title="The loss", ylim=(-3, 105))
right.set(xlabel="score of the wrong answer", ylabel="gradient of the loss", title="What the score is told")
left.legend(loc="center left", frameon=False)
plt.show()

# %% [markdown]
# Up to a score of 14 the three agree to a percent. At 17 the probability is rounded to exactly 1. The formula as
# printed gives an infinite loss and `nan` for its gradient (the orange dots end). The version from the probability
# jumps to 100, and its gradient drops **to 0**, for the slope of the sigmoid at p = 1 is $p(1-p) = 0$. The samples
# that are most wrong are the ones that teach nothing, and no `nan` tells you. From the score, the gradient is
# $\sigma(x) - t = 1$, as it should be. `nn.CrossEntropyLoss`, for many classes, takes scores, too.

# %%
beyond, before = score >= 17, score <= 14
assert np.isinf(value["−log(1 − σ(x)), as printed"][beyond]).all()
assert np.isnan(slope["−log(1 − σ(x)), as printed"][beyond]).all()
assert (value["from the probability"][beyond] == 100).all()
assert (slope["from the probability"][beyond] == 0).all()
assert np.allclose(value["from the score"], np.logaddexp(0, score.astype(np.float64)), rtol=1e-6)
assert np.allclose(slope["from the score"], ag.sigmoid(score.astype(np.float64)), rtol=1e-6)
assert np.allclose(value["from the probability"][before], value["from the score"][before], rtol=0.01)

# %% [markdown]
# ## Small updates are lost
#
# A training step adds a small number, the step, to a large one, the weight. Say the weight is to become 100,000 (a
# price, an offset), and is 10 short of it. The loss is $(w - 100000)^2$, and the learning rate 0.001.


# %%
def distances(start, goal, dtype, steps=5000):
    """How far from `goal` gradient descent is, after each step."""
    w = ag.tensor(np.array(start, dtype), requires_grad=True)
    optimizer, found = optim.SGD([w], lr=0.001), []
    for _ in range(steps):
        optimizer.zero_grad()
        ((w - goal) ** 2).backward()
        optimizer.step()
        found.append(abs(w.item() - goal))
    return np.array(found), float(w.grad)


goal = 100_000.0
runs = {
    "float32": distances(goal - 10, goal, np.float32),
    "float64": distances(goal - 10, goal, np.float64),
    "float32, counted from 100,000": distances(-10.0, 0.0, np.float32),
}
figure, axes = plt.subplots(figsize=(6.5, 3.4), layout="constrained")
for (name, (distance, _)), style in zip(runs.items(), ("C3-", "C0-", "C1--"), strict=True):
    axes.semilogy(distance, style, label=name, linewidth=3 if style == "C0-" else 1.6)
axes.set(xlabel="step", ylabel="distance to the minimum")
axes.legend(loc="lower left")
plt.show()

distance, gradient = runs["float32"]
spacing = np.spacing(np.float32(goal))
print(f"float32 stands still at a distance of {distance[-1]:.3f}, with a gradient of {gradient:.2f}")

# %% [markdown]
# The float32 run (red) stops almost 2 short of the goal, and stays there for ever, although the gradient is −3.9. Its
# step is 0.0039, half the distance 0.0078 between neighbouring numbers there, and the sum is rounded back to where it
# was. Looking at the gradient you would say that it is still training.
#
# float64 is one remedy. The other is free: let the parameter count from where the action is (dashed). This is a reason
# to centre and scale data and targets before training.

# %%
assert np.all(distance[-4000:] == distance[-1])
assert 1.9 < distance[-1] < 2
assert np.isclose(gradient, -2 * distance[-1])
assert np.isclose(spacing, 0.0078125)
assert 0.95 < 0.001 * abs(gradient) / (spacing / 2) <= 1
for name in ("float64", "float32, counted from 100,000"):
    assert np.isclose(runs[name][0][-1], 10 * (1 - 2 * 0.001) ** 5000, rtol=1e-3)

# %% [markdown]
# ## Cancellation, in the value and in the gradient
#
# Subtract two numbers that agree in their first digits, and these digits are gone; the rounding errors that stood
# behind the last digit now stand in front. The field calls it *cancellation*. Value and gradient lose digits
# *independently*. As x → 0, $(1 - \cos x)/x^2$ goes to ½ and its slope to $-x/12$. (On another machine the third row
# may show other numbers, as wrong as these.)


# %% tags=["varies"]
def f(x):
    return (1 - np.cos(x)) / x**2


def same_f(x):
    return 0.5 * np.sinc(x / (2 * np.pi)) ** 2  # 1 - cos x = 2 sin²(x/2), and NumPy's sinc(u) is sin(πu)/(πu)


print("     x    value      slope          −x/12")
for x in (1e-2, 1e-4, 1e-6, 1e-8):
    print(f"{x:6.0e}   {f(x):.5f}   {ag.grad(f)(x):12.3e}   {-x / 12:12.3e}")

assert abs(f(1e-6) - 0.5) < 1e-3
assert abs(ag.grad(f)(1e-6)) > 1e9 * 1e-6 / 12
assert f(1e-8) == 0
assert np.isclose(ag.grad(f)(1e-8), 1e8)
for x in (1e-2, 1e-4, 1e-6, 1e-8):
    assert np.isclose(same_f(x), 0.5, rtol=1e-4)
    assert np.isclose(ag.grad(same_f)(x), -x / 12, rtol=1e-4)

# %% [markdown]
# At $10^{-6}$ the value still has four digits, and the slope is wrong by nine orders of magnitude; at $10^{-8}$ it is
# a hundred million. The chain rule was applied without error. But the engine derives the *formula*, and the derivative
# of this one, $\sin x/x^2 - 2(1 - \cos x)/x^3$, is a difference of two huge numbers. Automatic differentiation makes
# no error of its own, and it does not heal a formula either. The cure is another formula: `same_f` is right at every
# x.
#
# ## Finite differences, and their best step
#
# The obvious way to a derivative without any theory: move x by h and look.
#
# $$\text{forward:}\;\frac{f(x + h) - f(x)}{h} \qquad\qquad \text{central:}\;\frac{f(x + h) - f(x - h)}{2h}$$
#
# A large h is bad, since f is not straight; a small h is bad, since the difference cancels. The error is
#
# $$\text{forward:}\;\frac{h}{2}\,|f''| + \frac{\varepsilon}{h}\,|f| \qquad\qquad
# \text{central:}\;\frac{h^2}{6}\,|f'''| + \frac{\varepsilon}{2h}\,|f|$$
#
# with ε for eps, more or less: the second terms are the size of the rounding error, which scatters. The sums are least
# around $h = \sqrt\varepsilon$ and $h = \sqrt[3]\varepsilon$, where about half, and about two thirds, of the digits
# are right. An example whose derivative at 1.5 is known (Squire and Trapp 1998):


# %%
def f(x):
    return np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3)


known = 4.053427893898621
h = 10.0 ** np.arange(-1, -18, -0.25)


def errors(x):
    """The relative errors of the differences for each h in the dtype of x, and that of the engine."""
    steps, two = h.astype(x.dtype), x.dtype.type(2)
    ways = {
        "forward difference": (f(x + steps) - f(x)) / steps,
        "central difference": (f(x + steps) - f(x - steps)) / (two * steps),
        "engine": np.full(h.shape, ag.grad(f)(x)),
    }
    return {name: np.abs(d.astype(np.float64) - known) / known for name, d in ways.items()}


found = {dtype: errors(np.array(1.5, dtype)) for dtype in (np.float64, np.float32)}
slopes = [f]
for _ in range(3):
    slopes.append(ag.grad(slopes[-1]))
f0, f1, f2, f3 = (abs(g(1.5)) for g in slopes)

figure, both = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained", sharey=True)
for axes, dtype in zip(both, found, strict=True):
    eps = np.finfo(dtype).eps
    for (name, error), style in zip(found[dtype].items(), ("C1.-", "C2.-", "k-"), strict=True):
        axes.loglog(h, np.maximum(error, eps / 2), style, label=name, markersize=4, linewidth=1)
    axes.loglog(h, (h / 2 * f2 + eps / h * f0) / f1, "C1--", linewidth=1.2)
    axes.loglog(h, (h**2 / 6 * f3 + eps / (2 * h) * f0) / f1, "C2--", linewidth=1.2)
    axes.axvline(np.sqrt(eps), color="C1", linestyle=":")
    axes.axvline(np.cbrt(eps), color="C2", linestyle=":")
    axes.set(xlabel="step h", title=np.dtype(dtype).name, xlim=(1e-18, 1), ylim=(2e-17, 30))
both[0].set_ylabel("relative error of the derivative")
both[1].plot([], [], "--", color="0.4", label="the two formulas")
both[1].plot([], [], ":", color="0.4", label="√ε and ∛ε")
both[1].legend(loc="lower left", frameon=False)
plt.show()

# %% [markdown]
# Follow a curve from right to left. First the error falls: f gets straighter. Then it turns and rises: rounding. The
# dashed lines are the two formulas, their f'' and f''' taken from the engine; the dotted ones mark $\sqrt\varepsilon$
# and $\sqrt[3]\varepsilon$. At the far left x + h is x, and the "derivative" is 0, an error of 1. The engine (black)
# is flat, as there is no h in it. (Errors below ε/2 are drawn there.)
#
# At its best h the forward difference is right to 7 digits and the central one to 10. In float32 there is little to be
# had: 3 digits or 4. That is why `ag.gradcheck`, which compares the engine's gradients with central differences, wants
# float64, and says so.

# %%
for dtype, error in found.items():
    eps = np.finfo(dtype).eps
    for name, best in {"forward difference": np.sqrt(eps), "central difference": np.cbrt(eps)}.items():
        worst = np.lib.stride_tricks.sliding_window_view(error[name], 5).max(axis=1)  # of 5 neighbours: no lucky hits
        assert 1 / 30 < h[2:-2][np.argmin(worst)] / best < 30
        digits = {"forward difference": 7, "central difference": 10} if dtype is np.float64 else {}
        assert abs(-np.log10(worst.min()) - digits.get(name, 3.4)) < 1
    assert error["engine"][0] < 4 * eps
    assert error["forward difference"][-1] == error["central difference"][-1] == 1

report = ag.gradcheck(lambda x: np.sum(x**2), np.array([1.0, 2.0], np.float32), raise_exception=False)
assert not report
assert "differences need double precision" in str(report)
print(report.notes[0])

# %% [markdown]
# ## Where does the first `nan` come from?
#
# By the time you see it, a `nan` has been through everything: the loss, each gradient, and after one step each weight.
# `ag.detect_anomaly()` watches a block and names the first value, or the first gradient, that is not finite, with the
# call, the index, and your line (here, a line of a cell).


# %%
def told(run):
    """What detect_anomaly says about `run`."""
    try:
        with ag.detect_anomaly():
            run()
    except ag.AnomalyError as error:
        text = str(error)
        print("\n".join(textwrap.fill(line, 110) for line in text.splitlines()))
        return text
    return None


inputs = np.array([[1.0, 2.0], [3.0, -4.0], [0.5, 0.5]])
weights = ag.tensor([[1.0, -2.0], [2.0, 3.0]], requires_grad=True, name="weights")


def loss():
    scores = inputs @ weights
    e = np.exp(scores)
    p = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[[0, 1, 2], [0, 1, 0]]))


assert told(lambda: loss().backward()) is None  # all is well
print("loss:", loss().item())

weights.data *= 200  # as after a step that was much too large
print("loss:", loss().item(), "\n")
text = told(lambda: loss().backward())
assert np.isnan(loss().item())
assert "exp(" in text
assert "gave inf at [0, 0] (2 of 6 elements) from 1000.0" in text
assert "Then divide(" in text
assert "gave nan at [0, 0] (4 of 6 elements)" in text

# %% [markdown]
# Read it from the top: the exponential of a score of 1000 is infinite, and then `inf / inf` is `nan`. The cause and
# the line, not the place where it came to light.
#
# ## The trap of `where`
#
# Often a formula is guarded, so that the root of a negative number, or the logarithm of 0, is never used. The value is
# then right. The gradient need not be. `np.where` gets both branches, computed everywhere. The one that is not taken is
# sent the gradient 0, the slope of the root at 0 is infinite, and 0 · ∞ is `nan`: by hand, in PyTorch, in JAX.


# %%
def guarded(v):
    return np.where(v > 0, np.sqrt(v), 0.0)


v = np.array([4.0, 1.0, 0.0])
sent = np.where(v > 0, 1.0, 0.0)  # what arrives at the root, if the sum of the result is derived
by_hand = sent * 0.5 / np.sqrt(v)
by_engine = ag.grad(lambda v: np.sum(guarded(v)))(v)
print("by hand:", by_hand, "  by the engine:", by_engine)
assert np.array_equal(by_hand, [0.25, 0.5, np.nan], equal_nan=True)
assert np.array_equal(by_engine, [0.25, 0.5, 0])

# %% [markdown]
# The engine has seen that the third root was not used, and what is not used has no gradient, whatever its slope. A zero
# that *computing* gave is another matter. The result below does use the root of 0, times 0, and its derivative is not
# defined; that `nan` is true, and it stays. If you write code that is to run elsewhere too, keep the dangerous number
# away from the function, before it and not after it; `ag.where_safe` does that, and NumPy has no cause to warn:

# %%
assert np.isnan(ag.grad(lambda v: np.sum(np.sqrt(v) * 0.0))(v)[2])

before = ag.grad(lambda v: np.sum(np.where(v > 0, np.sqrt(np.where(v > 0, v, 1.0)), 0.0)))(v)
by_function = ag.grad(lambda v: np.sum(ag.where_safe(v > 0, np.sqrt, v, 0.0)))(v)
assert np.array_equal(before, [0.25, 0.5, 0])
assert np.array_equal(by_function, [0.25, 0.5, 0])

# %% [markdown]
# ## Ties and edges
#
# At a kink there is no derivative: the slope of $\max(x, 0)$ is 0 from the left and 1 from the right. An engine has to
# answer something, and any number between the two is defensible (a *subgradient*). These are the choices here; where
# PyTorch has a convention it is PyTorch's:

# %%
choices = [
    ("np.max(x)", np.max, [1.0, 1.0], [0.5, 0.5], "a tie is shared"),
    ("np.maximum(x, 0)", lambda x: np.sum(np.maximum(x, 0)), [0.0], [0.5], "a tie like any other"),
    ("ag.relu(x)", lambda x: np.sum(ag.relu(x)), [0.0], [0.0], "relu'(0) is 0"),
    ("np.abs(x)", lambda x: np.sum(np.abs(x)), [0.0], [0.0], "between −1 and 1"),
    ("np.sqrt(x)", lambda x: np.sum(np.sqrt(x)), [0.0], [np.inf], "infinite, as it is"),
    ("np.linalg.norm(x)", np.linalg.norm, [0.0, 0.0], [0.0, 0.0], "the tip of a cone"),
    ("√ of sum of squares", lambda x: np.sqrt(np.sum(x**2)), [0.0, 0.0], [np.nan] * 2, "∞ · 0: write norm"),
]
for text, function, at, expected, why in choices:
    found = ag.grad(function)(np.array(at))
    assert np.array_equal(found, expected, equal_nan=True), text
    print(f"{text:20} at {at!s:11} gradient {found!s:11} {why}")

# %% [markdown]
# The last two rows are the same function on paper. The whole table is in `docs/ties.md`.
#
# ## What to keep
#
# - Losses from scores, not from probabilities: in float32 a sample with p rounded to 1 stops teaching.
# - A step smaller than half the spacing of the numbers around a weight is no step. Centre and scale.
# - The engine derives your formula, cancellation included. A difference that cancels is to be rewritten, not
#   differentiated more cleverly.
# - Finite differences are a judge, good to half or two thirds of the digits, and only in float64.
# - `nan`: `ag.detect_anomaly()`, and read the first line.
#
# ## Exercise
#
# The second derivative by differences is $\big(f(x+h) - 2f(x) + f(x-h)\big)/h^2$. Its error is $\frac{h^2}{12}|f''''|$
# plus a rounding error of size $4\varepsilon |f| / h^2$. Which power of ε is the best h, and about how many digits are
# right then? Find out by experiment with the `f` of above (its second derivative at 1.5 is 9.463073681596603), and
# compare with the engine's second derivative.
#
# **Solution.** Both terms are equal where $h^4$ is of the size of ε, so
# $h \approx \sqrt[4]\varepsilon \approx 10^{-4}$, and the error there is about
# $h^2 \approx \sqrt\varepsilon \approx 10^{-8}$: half of the digits.

# %%
second = 9.463073681596603
h = 10.0 ** np.arange(-1, -8, -0.25)
error = np.abs((f(1.5 + h) - 2 * f(1.5) + f(1.5 - h)) / h**2 - second) / second
best = h[np.argmin(error)]
by_engine = abs(ag.grad(ag.grad(f))(1.5) - second) / second
print(f"best h {best:.0e}, relative error {error.min():.0e}; by the engine {by_engine:.0e}")

quarter = np.finfo(np.float64).eps ** 0.25
assert 1 / 30 < best / quarter < 30
assert 1e-12 < error.min() < 1e-6
assert by_engine < 1e-14
assert error[-1] > 0.01  # and with h = 10⁻⁷·⁷⁵, which is near √ε, nothing is left
