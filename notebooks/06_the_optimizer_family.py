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
# # The optimizer family
#
# A gradient says which way is up. An *optimizer* decides how far to go the other way. Gradient descent, SGD, momentum,
# Nesterov, Adagrad, RMSprop and Adam are seven answers, each of a few lines. Here all of them walk over one landscape,
# each formula stands beside the code that runs, and three formulas that are often printed wrong are run as printed.
#
# The landscape: a line $y = wx + b$ is fitted to 100 points, and the loss $J(w, b)$ is the mean square error. Two
# parameters, so it can be drawn.

# %%
# %matplotlib inline
import inspect

import matplotlib.pyplot as plt
import numpy as np

import autograd_lite as ag
from autograd_lite import optim
from autograd_lite.optim.equation import descent
from autograd_lite.plots import optimizer_race

plt.rcParams["figure.dpi"] = 72

numbers = np.random.RandomState(42)
X = numbers.rand(100)
Y = 3 * X + 2 + 0.5 * numbers.randn(100)


def J(p):
    """The mean square error of the line with slope p[0] and offset p[1]."""
    return np.mean((p[0][..., None] * X + p[1][..., None] - Y) ** 2, axis=-1)


best = np.polyfit(X, Y, 1)  # the bottom of the valley, by least squares
start = np.array([-1.0, 0.0])
gradient = ag.grad(J)

assert np.allclose(best, [2.77011339, 2.10754808])
assert np.allclose(gradient(best), 0)
best, J(best), gradient(start)

# %% [markdown]
# `walk` follows an optimizer and keeps every place it visits: forget the old gradient, compute the new one, step.
# `race` draws such walks, and `beside` prints an optimizer's formula and its code, both straight from the library.


# %%
def walk(f, make, start, steps):
    """The places that the optimizer `make([p])` visits on `f`, from `start`."""
    p = ag.tensor(start, requires_grad=True)
    optimizer, places = make([p]), [np.array(start)]
    for _ in range(steps):
        optimizer.zero_grad()
        f(p).backward()
        optimizer.step()
        places.append(np.array(p.data))
    return np.stack(places)


def race(runners, steps, view):
    """The paths of several optimizers on the contours of J."""
    figure = optimizer_race(J, runners, start, steps, view=view)
    figure.axes[0].set(xlabel="w", ylabel="b")
    return figure


def beside(cls):
    """Print the formula from the docstring of an optimizer, and under it the lines that run."""
    doc, code = inspect.getdoc(cls), inspect.getsource(cls.update)
    print(doc[doc.index("::") + 2 : doc.index("Parameters")].strip("\n"))
    print("-" * 80)
    shared = inspect.getsource(descent).split('"""')[2].replace("return", "g =").strip("\n")
    print(inspect.cleandoc(code.split('"""')[2].replace("    g = descent(g, p, weight_decay, maximize)", shared)))


# %% [markdown]
# ## Gradient descent and momentum: one class
#
# $$\text{gradient descent:}\quad \theta_{t+1} = \theta_t - \alpha\, g, \qquad g = \nabla J(\theta_t)$$
#
# In the library an optimizer is one pure function, `update`: from the gradient `g`, the parameters `p`, what it
# remembers (`state`) and the number `t` of the step it computes what is added to the parameters, and the new state.
# Gradient descent remembers nothing; it is the `if not state` line. (Weight decay, dampening and `maximize` are options
# that are off here.)

# %%
beside(optim.SGD)

# %% [markdown]
# The only choice is the learning rate α. When is it too large? Across the valley each step multiplies the distance from
# the bottom by $1 - \alpha\lambda$, where λ is the curvature there: the largest eigenvalue of the Hessian, the matrix
# of second derivatives. Beyond $\alpha = 2/\lambda$ that factor is below −1, and every step lands farther up on the
# other side.

# %%
curvatures, directions = np.linalg.eigh(ag.hessian(J)(start))
flat, steep = curvatures
limit = 2 / steep

by_hand = [start]
for _ in range(50):
    by_hand.append(by_hand[-1] - 0.5 * gradient(by_hand[-1]))
assert np.allclose(walk(J, lambda p: optim.SGD(p, lr=0.5), start, 50), by_hand)  # the formula and the library agree

assert J(walk(J, lambda p: optim.SGD(p, lr=0.99 * limit), start, 1000)[-1]) < J(best) + 1e-6
assert J(walk(J, lambda p: optim.SGD(p, lr=1.01 * limit), start, 1000)[-1]) > 1e6
print(f"curvature {steep:.3f} across the valley, {flat:.3f} along it; the limit for the learning rate is {limit:.3f}")

# %%
rates = {f"α = {share} · limit": lambda p, share=share: optim.SGD(p, lr=share * limit) for share in (0.1, 0.6, 0.97)}
race(rates, 40, (-2, 5.2, -0.5, 6.8))

# %% [markdown]
# (The star is the start; dark is low.) The valley is long: along it the ground is about 20 times flatter than across. A
# rate that is safe across it is slow along it. All that follows is about this.
#
# ## Stochastic gradient descent: the same formula, a cheaper gradient
#
# SGD takes the gradient of one randomly chosen sample in the place of the mean over all 100. It is right on average:


# %%
def one(p, i):
    """The square error of the i-th point alone."""
    return (p[0] * X[i] + p[1] - Y[i]) ** 2


samples = np.array([ag.grad(lambda p, i=i: one(p, i))(start) for i in range(100)])
assert np.allclose(samples.mean(axis=0), gradient(start))

draws = np.random.default_rng(0)
sgd = walk(lambda p: one(p, draws.integers(100)), lambda p: optim.SGD(p, lr=0.1), start, 400)
sgd_slow = walk(lambda p: one(p, draws.integers(100)), lambda p: optim.SGD(p, lr=0.01), sgd[-1], 2000)
print(f"extra loss while it jitters: {np.mean(J(sgd[200:].T)) - J(best):.4f} with α = 0.1", end=", ")
print(f"{np.mean(J(sgd_slow[1000:].T)) - J(best):.4f} with α = 0.01")

# %%
figure = race({"GD, α = 0.1": lambda p: optim.SGD(p, lr=0.1)}, 400, (-2, 4.2, -0.5, 5))
figure.axes[0].plot(*sgd.T, color="C1", linewidth=0.8, label="SGD, α = 0.1")
figure.axes[0].legend()
figure

# %% [markdown]
# At the bottom the mean gradient is 0, but the gradients of single samples are not: SGD never comes to rest, it jitters
# in a cloud whose size goes with α. That is why learning rates are lowered in the course of training.

# %%
jitter = [np.mean(J(sgd[200:].T)) - J(best), np.mean(J(sgd_slow[1000:].T)) - J(best)]
assert jitter[0] > 5 * jitter[1] > 0

# %% [markdown]
# ## Momentum
#
# $$\theta_{t+1} = \theta_t - \alpha \nabla J(\theta_t) + \beta\,(\theta_t - \theta_{t-1})$$
#
# (Polyak 1964). Part of the last step is made again. Across the valley, where steps change sign, they cancel; along it
# they add up, to as much as $1/(1-\beta)$ times the length. The code above keeps
# $b = (\theta_{t-1} - \theta_t)/\alpha$ and not the last place: the same path, as the loop shows. (The code
# calls β `momentum`, its docstring μ.)
#
# ## Nesterov
#
# $$\theta_{t+1} = \theta_t - \alpha \nabla J\big(\theta_t + \beta(\theta_t - \theta_{t-1})\big)
# + \beta\,(\theta_t - \theta_{t-1})$$
#
# (Nesterov 1983). The momentum will carry us on anyhow, so the gradient is taken where it leads: at the *look-ahead
# point*. In this loop one number tells the two apart, how far to look ahead:


# %%
def look_and_step(look, lr, beta=0.9, steps=60):
    """Momentum with the gradient at θ + look · (last step); also the points where gradients were taken."""
    here, last, places, looked = start, 0 * start, [start], []
    for _ in range(steps):
        looked.append(here + look * last)
        last = beta * last - lr * gradient(looked[-1])
        here = here + last
        places.append(here)
    return np.stack(places), np.stack(looked)


momentum, _ = look_and_step(look=0, lr=0.08)
assert np.allclose(walk(J, lambda p: optim.SGD(p, lr=0.08, momentum=0.9), start, 60), momentum)

nesterov, looked = look_and_step(look=0.9, lr=0.08)
library = walk(J, lambda p: optim.SGD(p, lr=0.08, momentum=0.9, nesterov=True), start, 59)
assert np.allclose(library, looked)

# %% [markdown]
# The library (like PyTorch) stores the look-ahead points themselves as parameters, because then `g` is simply the
# gradient at the parameters; hence $g + \mu b$ in its formula. Both come to rest at the same place.
#
# ## Adagrad, RMSprop, Adam: a learning rate for each parameter
#
# The other idea: divide each component of the gradient by its own usual size.
#
# **Adagrad** (Duchi, Hazan and Singer 2011) takes the root of the sum of all squares so far:

# %%
beside(optim.Adagrad)

# %%
theta, s, by_hand = start, 0, [start]
for _ in range(50):
    g = gradient(theta)
    s = s + g**2
    theta = theta - 0.8 * g / (np.sqrt(s) + 1e-10)
    by_hand.append(theta)
assert np.allclose(walk(J, lambda p: optim.Adagrad(p, lr=0.8), start, 50), by_hand)

# %% [markdown]
# The sum only grows, so steps only shrink. **RMSprop** (Tieleman and Hinton 2012) forgets: a running mean of the
# squares.

# %%
beside(optim.RMSprop)

# %%
theta, v, by_hand = start, 0, [start]
for _ in range(50):
    g = gradient(theta)
    v = 0.99 * v + 0.01 * g**2
    theta = theta - 0.05 * g / (np.sqrt(v) + 1e-8)
    by_hand.append(theta)
assert np.allclose(walk(J, lambda p: optim.RMSprop(p, lr=0.05), start, 50), by_hand)

# %% [markdown]
# **Adam** (Kingma and Ba 2014) also smooths the gradient, like momentum. And since both running means begin at 0, they
# are too small in the beginning: after t steps they hold only the share $1 - \beta^t$ of what they should. Adam divides
# by that: the *bias correction*.

# %%
beside(optim.Adam)

# %%
theta, m, v, by_hand = start, 0, 0, [start]
for t in range(1, 51):
    g = gradient(theta)
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    theta = theta - 0.3 * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    by_hand.append(theta)
assert np.allclose(walk(J, lambda p: optim.Adam(p, lr=0.3), start, 50), by_hand)

# %% [markdown]
# ## The race
#
# All on one contour; the first three with the same learning rate. The other rates were chosen by eye to make the paths
# legible: who wins here says nothing about your net. What to look at is the *shape* of each path.

# %%
family = {
    "gradient descent": lambda p: optim.SGD(p, lr=0.08),
    "momentum": lambda p: optim.SGD(p, lr=0.08, momentum=0.9),
    "Nesterov": lambda p: optim.SGD(p, lr=0.08, momentum=0.9, nesterov=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.8),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.05),
    "Adam": lambda p: optim.Adam(p, lr=0.3),
}
race(family, 60, (-2, 6.2, -0.7, 6.5))

# %%
excess = {name: J(walk(J, make, start, 60)[-1]) - J(best) for name, make in family.items()}
for name, value in excess.items():
    print(f"{name:17} {value:.1e} above the minimum after 60 steps")
assert excess["Nesterov"] < excess["momentum"] < excess["gradient descent"] < 0.3

# %% [markdown]
# Gradient descent turns into the valley and crawls. Momentum shoots over it and swings. Nesterov swings less. The three
# adaptive ones leave the star along the diagonal: both components of the gradient are divided by their own size, so the
# first step has the same length in each, whatever the gradient was: α for Adagrad and Adam, and
# $\alpha/\sqrt{1 - 0.99} = 10\,\alpha$ for RMSprop, which has no bias correction.

# %%
sizes = {name: np.abs(walk(J, make, start, 1)[1] - start) for name, make in family.items()}
for name, size in {"Adagrad": 0.8, "RMSprop": 10 * 0.05, "Adam": 0.3}.items():
    assert np.allclose(sizes[name], size)

# %% [markdown]
# ## Three misprints
#
# These formulas are from the articles that this project grew out of, as they stand there. Each looks plausible, and two
# of them even train. So run them beside the right ones and measure.
#
# ### 1 · Nesterov, looking back
#
# $$\text{printed:}\quad \theta_{t+1} = \theta_t - \alpha \nabla J(\theta_{t-1}) + \beta\,(\theta_t - \theta_{t-1})$$
#
# The gradient is taken at the *last* place, not at the one ahead. A new optimizer is a subclass with an `update`, a
# pure function without branches on values: at the first step, where there is no last gradient, the present one is used.


# %%
class NesterovAsPrinted(optim.Optimizer):
    def __init__(self, params, lr=0.01, momentum=0.9):
        super().__init__(params, lr=lr, momentum=momentum)

    @staticmethod
    def state_names(settings):
        return ("last_step", "last_gradient")

    @staticmethod
    def update(g, p, state, t, lr, momentum):
        last_step, last_gradient = state
        last_gradient = last_gradient + (t == 1) * g
        step = momentum * last_step - lr * last_gradient
        return step, (step, g)


backward, _ = look_and_step(look=-1, lr=0.08)  # the same in the loop above: θ - 1 · (last step) is the last place
assert np.allclose(walk(J, lambda p: NesterovAsPrinted(p, lr=0.08), start, 60), backward)

looks = {
    "as printed": lambda p: NesterovAsPrinted(p, lr=0.08),
    "momentum": family["momentum"],
    "Nesterov": family["Nesterov"],
}
race(looks, 30, (-6, 8, -10, 15))

# %% [markdown]
# How bad is that? Across the valley J is a parabola of curvature λ, and from one step to the next the distance u obeys
#
# $$u_{t+1} = (1 + \beta - \alpha\lambda(1 + \ell))\,u_t - (\beta - \alpha\lambda\,\ell)\,u_{t-1},
# \qquad \ell = \text{how far we look}$$
#
# While it swings, the amplitude is multiplied at every step by the root of the last factor,
# $\sqrt{\beta - \alpha\lambda\ell}$ (the dashed lines below). Looking ahead ($\ell = \beta$) is a brake. Looking at
# the place ($\ell = 0$) does nothing to it. Looking back ($\ell = -1$) feeds the swing.

# %%
paths = {"printed (look back)": -1, "momentum (look here)": 0, "Nesterov (look ahead)": 0.9}
fig, axes = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
for (name, look), color in zip(paths.items(), ("C3", "C1", "C2"), strict=True):
    u = (look_and_step(look, lr=0.08)[0] - best) @ directions[:, 1]  # distance across the valley
    factor = np.sqrt(0.9 - 0.08 * steep * look)
    axes.semilogy(np.abs(u), ".-", color=color, linewidth=0.7, label=f"{name}: × {factor:.3f} a step")
    axes.semilogy(1.2 * np.abs(u[0]) * factor ** np.arange(61), "--", color=color, linewidth=1)
    swing = np.abs(u) / factor ** np.arange(61)
    assert 0.9 < swing[40:].max() / swing[:20].max() < 1.1  # the swing follows the factor, no faster and no slower
axes.set(xlabel="step", ylabel="distance across the valley", ylim=(1e-8, 1e3))
axes.legend(loc="lower left")
plt.show()


# %% [markdown]
# At α = 0.08 the printed formula diverges where momentum and Nesterov converge. Its limit is reached when the
# factor is 1, at $\alpha = (1 - \beta)/\lambda$; momentum allows $2(1+\beta)/\lambda$, 38 times as much.


# %%
def converges(look, lr):
    """Whether the swing across the valley is smaller at the end than halfway."""
    swing = np.abs((look_and_step(look, lr, steps=1000)[0] - best) @ directions[:, 1])
    return swing[-100:].max() < swing[400:500].max()


limits = {-1: 0.1 / steep, 0: 3.8 / steep, 0.9: 3.8 / (1 + 1.8) / steep}
for name, look in paths.items():
    assert converges(look, 0.99 * limits[look])
    assert not converges(look, 1.01 * limits[look])
    print(f"{name:22} converges for α below {limits[look]:.3f}")

# %% [markdown]
# ### 2 · Adagrad, the parameter before the accumulator
#
# $$\text{printed:}\quad \theta \leftarrow \theta - \alpha\, G / \sqrt{A + \varepsilon}, \qquad \text{then}\quad
# A \leftarrow A + G^2$$
#
# With A = 0 in the beginning, the first step divides by $\sqrt\varepsilon$: a constant that is there to avoid 0/0
# becomes the divisor.


# %%
class AdagradAsPrinted(optim.Optimizer):
    def __init__(self, params, lr=0.01, eps=1e-8):
        super().__init__(params, lr=lr, eps=eps)

    @staticmethod
    def state_names(settings):
        return ("sum",)

    @staticmethod
    def update(g, p, state, t, lr, eps):
        (a,) = state
        return -lr * g / np.sqrt(a + eps), (a + g * g,)


def distance(path):
    return np.linalg.norm(path - best, axis=1)


steps, lr = 1000, 0.8
right = distance(walk(J, lambda p: optim.Adagrad(p, lr=lr), start, steps))
leaps = {}
fig, axes = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
axes.loglog(np.arange(1, steps + 1), right[1:], "C0", label="Adagrad")
for eps, shade in ((1e-8, "C3"), (1e-4, "C1"), (1e-2, "C8")):
    wrong = walk(J, lambda p, eps=eps: AdagradAsPrinted(p, lr=lr, eps=eps), start, steps)
    assert np.allclose(wrong[1] - start, -lr * gradient(start) / np.sqrt(eps))
    leaps[eps] = distance(wrong)
    axes.loglog(np.arange(1, steps + 1), leaps[eps][1:], shade, label=f"as printed, ε = {eps:g}")
    print(f"ε = {eps:<6g} {leaps[eps][1]:9.1f} away after one step, {leaps[eps][-1]:9.1f} after {steps}")
axes.axhline(distance(start[None])[0], color="grey", linestyle=":", label="where all started")
axes.set(xlabel="step", ylabel="distance to the minimum")
axes.legend()
plt.show()

# %% [markdown]
# One step throws the parameters 70,000 units away, and there the gradient is so large that A remembers it for ever:
# from then on the steps are short, and after 1,000 of them more than two thirds of the way back are still to go. With a
# larger ε the leap is smaller; a result that hangs on ε is a bad sign by itself. (Who starts with A = 1, say, is spared
# the leap; the article leaves the start open.) The right order needs no luck: its first step is α in each component.

# %%
leap = leaps[1e-8]
print(f"the right order: {right[1]:.2f} away after one step, {right[-1]:.1e} after {steps}")
assert 70_000 < leap[1] < 72_000
assert leap[-1] > 2 / 3 * leap[1]
assert right[-1] < 1e-3

# %% [markdown]
# ### 3 · Adam, with four faults
#
# $$\text{printed:}\quad \theta \leftarrow \theta - \alpha\, M / \sqrt{\sqrt A + \varepsilon}, \qquad\text{then}\quad
# A \leftarrow A + G^2, \quad M \leftarrow \beta_1 M + (1 - \beta_1)\, G$$
#
# with A = M = 0 in the beginning. No bias correction; A is a sum and not a mean that decays; a double root; and the
# parameter is updated first. To see what each does, switch them on one by one:


# %%
class Adam(optim.Optimizer):
    """Adam, with faults to choose."""

    def __init__(self, params, lr=0.001, corrected=True, decays=True, double=False, late=False):
        super().__init__(params, lr=lr, corrected=corrected, decays=decays, double=double, late=late)

    @staticmethod
    def state_names(settings):
        return ("m", "v")

    @staticmethod
    def update(g, p, state, t, lr, corrected, decays, double, late):
        m = 0.9 * state[0] + 0.1 * g
        v = 0.999 * state[1] + 0.001 * g * g if decays else state[1] + g * g
        first, second = state if late else (m, v)
        if corrected:
            first = first / (1 - 0.9**t)
            second = second / (1 - 0.999**t) if decays else second
        root = np.sqrt(np.sqrt(second) + 1e-8) if double else np.sqrt(second) + 1e-8
        return -lr * first / root, (m, v)


variants = {
    "Adam": {},
    "no bias correction": {"corrected": False},
    "no decay": {"decays": False},
    "double root": {"double": True},
    "as printed": {"corrected": False, "decays": False, "double": True, "late": True},
}
assert np.allclose(walk(J, lambda p: Adam(p, lr=0.1), start, 100), walk(J, lambda p: optim.Adam(p, lr=0.1), start, 100))

# %% [markdown]
# The simplest experiment is a constant slope, $f(x) = cx$. There Adam walks at the same pace for ever, α at each step,
# and *whatever c is*. Divide the steps of each variant by α (at slope 1 the double root lies on Adam's line):

# %%
count = 1000
t = np.arange(1, count + 1)
fig, both = plt.subplots(1, 2, figsize=(9, 3.7), layout="constrained", sharey=True)
pace = {}
for axes, c in zip(both, (1.0, 10_000.0), strict=True):
    for name, faults in variants.items():
        x = walk(lambda p, c=c: (c * p).sum(), lambda p, faults=faults: Adam(p, lr=0.1, **faults), [0.0], count)
        pace[name, c] = -np.diff(x[:, 0]) / 0.1
        shown = np.where(pace[name, c] > 0, pace[name, c], np.nan)
        axes.loglog(t, shown, label=name, linewidth=2.5 if name == "Adam" else 1.4)
    axes.set(xlabel="step", title=f"slope {c:g}")
both[0].set_ylabel("length of a step / α")
both[0].legend()
plt.show()

# %% [markdown]
# Each curve is a formula:
#
# | variant | step / α | so |
# |---|---|---|
# | Adam | 1 | the learning rate is the length of a step |
# | no bias correction | $(1 - \beta_1^t)/\sqrt{1 - \beta_2^t}$ | 3.2 at first, swells to 6.6, 1.26 after 1000 steps |
# | no decay | $1/\sqrt t$ | slows down for ever, as Adagrad does |
# | double root | $\sqrt c$ | the step hangs on the scale of the loss again |
# | as printed | $\sqrt c\,(1 - \beta_1^{t-1})/(t-1)^{1/4}$ | no first step, then it hangs on c and slows down |

# %%
for c in (1.0, 10_000.0):
    hump = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    all_four = np.sqrt(c) * (1 - 0.9 ** (t - 1)) / np.maximum(t - 1, 1) ** 0.25
    expected = {"Adam": 1, "no bias correction": hump, "no decay": t**-0.5, "double root": c**0.5}
    expected["as printed"] = all_four
    for name, value in expected.items():
        assert np.allclose(pace[name, c], value, rtol=1e-5)
assert np.allclose([hump[0], hump.max(), hump[-1]], [3.16, 6.57, 1.26], atol=0.02)
print(f"without bias correction the longest step is {hump.max():.1f} α, the {hump.argmax() + 1}th")

# %% [markdown]
# And on the valley? The right half shows the same loss counted in other units, 10,000 J. For Adam nothing changes, the
# paths are the same. The printed formula does well enough on J, which is why the misprint goes unnoticed, and is thrown
# far off by a change of units.

# %%
fig, both = plt.subplots(1, 2, figsize=(9, 3.7), layout="constrained", sharey=True)
ends, places = {}, {}
for axes, scale in zip(both, (1.0, 10_000.0), strict=True):
    for name, faults in variants.items():
        loss = lambda p, scale=scale: scale * J(p)
        places[name, scale] = walk(loss, lambda p, faults=faults: Adam(p, lr=0.1, **faults), start, 300)
        heights = J(places[name, scale].T) - J(best)
        ends[name, scale] = heights[-1]
        axes.semilogy(heights, label=name, linewidth=2.5 if name == "Adam" else 1.2)
    axes.set(xlabel="step", title="loss J" if scale == 1 else "loss 10,000 J", ylim=(1e-9, 1e6))
both[0].set_ylabel("J above its minimum")
both[0].legend(loc="upper right")
plt.show()
print("                    highest J on the way       J above its minimum at the end")
print(f"{'loss':19} {'J':>9} {'10,000 J':>10}       {'J':5}    10,000 J")
for name in variants:
    peak = {scale: max(J(places[name, scale].T)) for scale in (1.0, 1e4)}
    print(f"{name:19} {peak[1.0]:9.1f} {peak[1e4]:10.1f}", end="       ")
    print(f"{ends[name, 1.0]:.0e}    {ends[name, 1e4]:.0e}")

for name in ("Adam", "no bias correction", "no decay"):
    assert np.allclose(places[name, 1.0], places[name, 1e4], atol=1e-5)
assert max(J(places["as printed", 1e4].T)) > 400 * J(start)
assert ends["no bias correction", 1.0] < 1e-6 < ends["Adam", 1.0] < 1e-3 < ends["no decay", 1.0]
assert ends["as printed", 1.0] < 0.1 < 10 < ends["as printed", 1e4]

# %% [markdown]
# Look at "no bias correction": on this bowl it is *faster* than Adam. It is no better formula for that: its steps are
# simply two to six times as long as the learning rate says, and here 0.1 happened to be cautious. With the correction
# you get such steps by asking for them, and with α where you want it, a long first step does not come as a surprise.
# "No decay" is slow on both sides, and the two faults of the printed formula partly hide each other.
#
# ## What to keep
#
# - Momentum and Nesterov speed up the flat direction and brake the steep one; Adagrad, RMSprop and Adam set the length
#   of the step for each parameter by itself, and do not see the scale of the loss.
# - A formula that trains is not yet right. A constant slope, a parabola, the first step: each is an experiment with a
#   known answer, and takes ten lines.
#
# ## Exercise
#
# What is left of Adam when it remembers nothing, β₁ = β₂ = 0? Write down the formula, make it an optimizer `Forgetful`
# with the one setting `lr`, and compare its path with Adam's. (ε is so small that you may leave it out.) Where does the
# path end, and why not at the minimum?
#
# **Solution.**


# %%
class Forgetful(optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, lr=lr)

    @staticmethod
    def update(g, p, state, t, lr):
        return -lr * np.sign(g), ()  # m = g and √v = |g|: only the sign is left


forgetful = walk(J, Forgetful, start, 100)
assert np.allclose(forgetful, walk(J, lambda p: optim.Adam(p, lr=0.1, betas=(0.0, 0.0)), start, 100), atol=1e-6)
assert np.allclose(np.abs(np.diff(forgetful, axis=0)), 0.1)  # every step is α in each component
assert np.allclose(forgetful[-20::2], forgetful[-1 - 19])
assert np.allclose(forgetful[-19::2], forgetful[-1])
assert distance(forgetful[-20:]).min() > 0.4
assert all(len(set(np.sign(gradient(place)))) == 1 for place in forgetful[-2:])  # both components have one sign
forgetful[-4:]

# %% [markdown]
# It stops short of the minimum, stepping to and fro across the floor of the valley for ever. In these two places both
# components of the gradient have the same sign, so all it can do is go along the diagonal, forward and back; how small
# the slope along the valley is against the one across it, and which way it leads, the signs do not tell. The memory of
# Adam is what averages the crossing away.
