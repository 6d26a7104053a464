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
# # Beyond first order
#
# A gradient says how steep the ground is. Second derivatives say how the steepness changes: how far a step may go, and
# which way the valley turns. Methods that use them need few steps, and pay more for each. This notebook counts both,
# for Newton's method, L-BFGS and Hessian-free optimization, and ends with global search. It builds on notebook 06.
#
# Costs are counted in *gradients*: one evaluation of the loss with its gradient is 1. Some counts vary a little from
# machine to machine; what the text claims holds on all of them.

# %%
# %matplotlib inline
import re
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.nn import functional as F

plt.rcParams["figure.dpi"] = 72


def rosenbrock(x):
    """A bent valley with its lowest point at (1, 1), or (1, …, 1) for more variables."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2, axis=0)


start, bottom = np.array([-1.2, 1.0]), np.ones(2)
flat, steep = np.linalg.eigvalsh(ag.hessian(rosenbrock)(bottom))
print(f"curvatures {flat:.2f} and {steep:.0f}, condition number {steep / flat:.0f}")
assert np.isclose(steep / flat, 2508, rtol=1e-3)

# %% [markdown]
# ## Newton's method: go to the bottom of the parabola
#
# $$H_{ij} = \frac{\partial^2 f}{\partial x_i \partial x_j}, \qquad
# f(x + p) \approx f(x) + g^T p + \tfrac12\, p^T H p$$
#
# Here g is the gradient at x and p a step. The matrix H is the *Hessian*. Its eigenvalues are the curvatures along its
# eigenvectors; those above belong to Rosenbrock's function at its minimum. Gradient descent must keep its learning rate
# below $2/\lambda_{\max}$, so its number of steps goes with the *condition number* $\lambda_{\max}/\lambda_{\min}$
# (notebook 03).
#
# The quadratic model has its lowest point where $g + Hp = 0$. Newton's method goes there:
#
# $$\theta \leftarrow \theta - H^{-1} g$$
#
# On a parabola that is one step, whatever the condition number. Elsewhere, it is repeated. `optim.Newton` takes a
# function that computes the loss, and derives gradient and Hessian itself.

# %%
p = ag.tensor(start, requires_grad=True)
optimizer = optim.Newton([p])
newton = [start]
for _ in range(7):
    optimizer.step(lambda: rosenbrock(p))
    newton.append(np.array(p.data))
    print(f"f = {rosenbrock(p.data):8.1e}   distance to the minimum {np.linalg.norm(p.data - bottom):.1e}")

by_hand = start - np.linalg.solve(ag.hessian(rosenbrock)(start), ag.grad(rosenbrock)(start))
assert np.allclose(newton[1], by_hand)
assert np.isclose(rosenbrock(newton[2]), 1412, rtol=1e-3)
away = np.linalg.norm(np.array(newton) - bottom, axis=1)
assert away[5] < 1e-5
assert away[6] < 1e-9

# %% [markdown]
# On the way f jumps to 1412: the model is not true so far away, and Newton's method does not look whether a step goes
# down. At the end the exponent doubles: $10^{-5}$, then $10^{-11}$ (*quadratic convergence*).
#
# The formula goes to where the gradient of the model is 0, be it a minimum or not. `optim.Newton` therefore takes the
# absolute values of the eigenvalues, so that every direction is a way down. The exercise shows what happens otherwise.
#
# ## Hessian times vector, without the Hessian
#
# For 100,000 parameters H is a matrix of 80 GB. But often only its product with a vector is wanted. The trick
# (Pearlmutter 1994): the scalar $g(x)^T v$, for a constant v, is a function like any other, and its gradient is
#
# $$\nabla\big(g(x)^T v\big) = H v.$$
#
# One line, if the engine can derive its own derivatives. `ag.hvp` is that.

# %%
draws = np.random.default_rng(0)
x, v = draws.normal(size=100), draws.normal(size=100)
by_hand = ag.grad(lambda x: np.sum(ag.grad(rosenbrock)(x) * v))(x)
assert np.allclose(by_hand, ag.hvp(rosenbrock)(x, v))
assert np.allclose(by_hand, ag.hessian(rosenbrock)(x) @ v)

x, v = draws.normal(size=100_000), draws.normal(size=100_000)
assert ag.hvp(rosenbrock)(x, v).shape == (100_000,)  # and no 80 GB

# %% [markdown]
# And the price? Let the engine derive programs for the gradient and for this product, of a net with four layers
# (`ag.compile`, notebook 11), and count the matrix multiplications in them:


# %% tags=["varies"]
def deep(a, b, c, d):
    return np.sum(np.tanh(np.tanh(np.tanh(np.tanh(batch @ a) @ b) @ c) @ d) ** 2)


batch, four = draws.normal(size=(50, 30)), [draws.normal(size=(30, 30)) / 5 for _ in range(4)]
gradient = ag.compile(ag.value_and_grad(deep, (0, 1, 2, 3)))
product = ag.compile(lambda *given: ag.hvp(deep, (0, 1, 2, 3))(*given[:4], given[4:]))
gradient(*four)
product(*four, *four)
counts = [len(re.findall(r"np\.dot\(|np\.matmul\(| @ ", program.source)) for program in (gradient, product)]
print("matrix multiplications: gradient {}, Hessian times vector {}".format(*counts))
assert counts[0] == 11  # for each layer one forward and two back, but the first has nothing to hand on
assert 2 < counts[1] / counts[0] < 3

# %% [markdown]
# About 2½ gradients. One of these is the gradient itself, which further products at the same place share, so we count
# 2. A step of Newton needs such a product for each column of H: with two parameters it costs 5 gradients, with a
# thousand 2001.
#
# ## Quasi-Newton: learn the curvature on the way
#
# From one place to the next, s apart, the gradient changes by y ≈ Hs. So each step that was made anyhow tells something
# about H. *L-BFGS* keeps the last pairs (s, y) and applies an approximate $H^{-1}$ made of them, without ever forming a
# matrix. Along the direction that it finds, a *line search* looks for a step that goes down enough.
#
# As it may ask for several gradients per step, it takes a *closure*: a function that clears the gradients, computes the
# loss, calls `backward` and returns the loss. The other optimizers take one too, so a few lines run them all.


# %%
def run(optimizer, loss, steps, record=lambda value: value.item()):
    """What `record` makes of the loss, each time that an optimizer asks for a gradient."""
    found = []

    def closure():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        found.append(record(value))
        return value

    for _ in range(steps):
        optimizer.step(closure)
    return np.array(found)


def visited(f, make, x0, steps):
    """The places at which an optimizer asks for a gradient of f."""
    x = ag.tensor(x0, requires_grad=True)
    return run(make([x]), lambda: f(x), steps, record=lambda _: np.array(x.data))


def lbfgs(p, budget=100):
    """One step of this is a whole minimization, with at most so many gradients."""
    return optim.LBFGS(p, max_iter=budget, max_eval=budget, tolerance_change=1e-14, line_search_fn="strong_wolfe")


paths = {
    "gradient descent": visited(rosenbrock, lambda p: optim.SGD(p, lr=0.0018), start, 5000),
    "L-BFGS": visited(rosenbrock, lbfgs, start, 1),
    "Newton": np.array(newton),
}

xs, ys = grid = np.stack(np.meshgrid(np.linspace(-1.6, 1.6, 160), np.linspace(-0.7, 1.7, 160)))
figure, axes = plt.subplots(figsize=(7.5, 4.4), layout="constrained")
axes.contourf(xs, ys, np.log10(rosenbrock(grid) + 1e-3), 24, cmap="Greys_r", alpha=0.6)
for (name, path), color in zip(paths.items(), ("C0", "C3", "C4"), strict=True):
    axes.plot(*path.T, f"{color}.-", linewidth=1, markersize=3 if color == "C0" else 8, label=name)
axes.plot(*start, "k*", *bottom, "ko", markersize=9)
axes.set(xlim=(-1.6, 1.6), ylim=(-0.7, 1.7), xlabel="x", ylabel="y")
axes.legend(loc="lower left")
plt.show()

heights = {name: rosenbrock(path.T) for name, path in paths.items()}
assert heights["gradient descent"][-1] > 1e-5
assert heights["L-BFGS"][:60].min() < 1e-7
assert heights["Newton"][5] < 1e-7

# %% [markdown]
# Star: the start; dot: the minimum; dark is low. Gradient descent crosses the valley a few times and then creeps along
# it; after 5000 steps f is still above $10^{-5}$. L-BFGS follows the bend, and is below $10^{-7}$ after 60 gradients at
# most. Newton leaves the picture downwards, where f is 1412, and comes back close to the minimum. Five steps bring it
# below $10^{-7}$, at a cost of 25: with two parameters that is cheapest of all.
#
# ## A real problem: L-BFGS is hard to beat
#
# *Logistic regression* on the breast-cancer data of scikit-learn: the binary cross-entropy of notebook 09 with a small
# penalty, 31 parameters. The race begins at w = 0, with all data in each gradient:

# %% tags=["varies"]
data = load_breast_cancer()
X = (data.data - data.data.mean(axis=0)) / data.data.std(axis=0)
X = np.column_stack([X, np.ones(len(X))])  # the last weight is the offset
Y = data.target.astype(float)


def J(w, X=X, Y=Y):
    return F.binary_cross_entropy_with_logits(X @ w, Y) + 0.005 * np.sum(w**2)


origin = np.zeros(31)
largest = np.linalg.eigvalsh(ag.hessian(J)(origin))[-1]  # curvature: it limits the learning rate
lowest = optim.minimize(J, origin, method="trust-exact", tol=1e-12).fun  # a minimizer of SciPy, with our derivatives
optimizers = {
    "gradient descent": (lambda p: optim.SGD(p, lr=1.8 / largest), 900),
    "Nesterov": (lambda p: optim.SGD(p, lr=1 / largest, momentum=0.9, nesterov=True), 900),
    "Adam": (lambda p: optim.Adam(p, lr=0.1), 900),
    "L-BFGS": (lbfgs, 1),
    "Newton": (optim.Newton, 9),
}
gaps, each, need = {}, {}, {}
for name, (make, steps) in optimizers.items():
    gaps[name] = np.array([float(J(w)) - lowest for w in visited(J, make, origin, steps)])
    each[name] = 1 + 2 * 31 if name == "Newton" else 1
    need[name] = each[name] * (1 + np.argmax(gaps[name] < 1e-6))
    print(f"{name:17} 1e-6 above the minimum after {need[name]:4} gradients")

figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
for (name, gap), color in zip(gaps.items(), ("C0", "C1", "C2", "C3", "C4"), strict=True):
    marker = "o-" if name == "Newton" else "-"
    axes.loglog(each[name] * np.arange(1, len(gap) + 1), np.maximum(gap, 1e-12), color + marker, label=name)
axes.axhline(1e-6, color="0.6", linestyle=":")
axes.set(xlabel="cost, in gradients", ylabel="loss above its minimum", ylim=(1e-10, 2))
axes.legend(loc="lower left")
plt.show()

assert need["L-BFGS"] < 30
assert 4 * need["L-BFGS"] < min(need["Nesterov"], need["Adam"], need["gradient descent"])
assert 300 < need["Newton"] < 700

# %% [markdown]
# L-BFGS needs less than a quarter of what the next best does, and no learning rate had to be chosen. Newton takes few
# steps (the dots), but each costs as much as 63 gradients: the method with the fewest steps is one of the slowest.
#
# ## And where it loses: minibatches
#
# L-BFGS reads the curvature from the *difference* of two gradients. With minibatches these belong to different data,
# and the difference is mostly noise. The same problem, a fresh batch of 32 for each step, 600 gradients each:


# %% tags=["varies"]
def in_batches(make):
    """The loss over all data before each step on a batch."""
    draws = np.random.default_rng(0)

    def on_a_batch(w):
        batch = draws.choice(len(X), 32, replace=False)
        return J(w, X[batch], Y[batch])

    return np.array([float(J(w)) - lowest for w in visited(on_a_batch, make, origin, 600)])


batches = {
    "L-BFGS": in_batches(lambda p: optim.LBFGS(p, max_iter=1)),
    "L-BFGS, lr=0.1": in_batches(lambda p: optim.LBFGS(p, lr=0.1, max_iter=1)),
    "SGD": in_batches(lambda p: optim.SGD(p, lr=0.1)),
}
for name, gap in batches.items():
    print(f"{name:15} above the minimum: at worst {gap.max():8.2g}, in the last 100 steps {np.median(gap[-100:]):.1g}")

assert batches["L-BFGS"].max() > 10
assert batches["L-BFGS, lr=0.1"].max() < 1
assert np.median(batches["L-BFGS, lr=0.1"][-100:]) > 10 * np.median(batches["SGD"][-100:])

# %% [markdown]
# With full steps it is thrown far off now and then; with a tenth of that it stays near and ends far behind SGD. Deep
# learning works with batches, because a gradient of a thousandth of the data is a thousand times cheaper. That is why
# it stays with first-order optimizers.
#
# ## Hessian-free optimization
#
# The loss of a net is a function L of outputs z, which are a function of the parameters. The chain rule, used twice,
# splits the Hessian in two:
#
# $$H = \underbrace{J^T\, L''(z)\, J}_{G} + \sum_k \frac{\partial L}{\partial z_k}\, \nabla^2 z_k,
# \qquad J = \frac{\partial z}{\partial \theta}$$
#
# J, the *Jacobian*, holds the derivatives of all outputs by all parameters. The first part is the *Gauss–Newton matrix*
# G. If L is convex, as square errors and cross-entropies are, G has no negative eigenvalue; H may have some. `ag.gnvp`
# multiplies with G without forming it.
#
# *Hessian-free* (Martens 2010) means: solve $(G + \lambda)\,p = -g$ by *conjugate gradients*, a method that needs
# nothing but products with G, some tens of them. λ is a damping that grows when the model has promised too much.
# `optim.HessianFree` wants model and loss apart, since it must multiply by J and by L''.
#
# The method became famous with deep *autoencoders*, nets that squeeze their input through a bottleneck and restore it,
# begun at small random weights. There gradients almost vanish, and so do curvatures; a step that divides one by the
# other does not care. Here is a small one, for 100 digits, begun at weights of size 0.03 and at Xavier's (notebook 08):

# %%
digits = load_digits().data[:100] / 16
BUDGET = 800


def autoencoder(size):
    """The net, with normally distributed weights of the given size; Xavier's if that is None."""
    draws = np.random.default_rng(0)
    layers = [nn.Sequential(nn.Linear(*pair), nn.Tanh()) for pair in pairwise((64, 32, 16, 8, 16, 32, 64))]
    model = nn.Sequential(*layers).to(np.float64)
    for p in model.parameters():
        p.data = draws.normal(0, size or np.sqrt(2 / sum(p.shape)), p.shape) if p.ndim == 2 else np.zeros(p.shape)
    return model


def by_gradients(size, make, steps=BUDGET):
    model = autoencoder(size)
    losses = run(make(model.parameters()), lambda: F.mse_loss(model(digits), digits), steps)
    return np.arange(1, len(losses) + 1), np.minimum.accumulate(losses)


def hessian_free(size):
    model, spent, found = autoencoder(size), [0], []
    optimizer = optim.HessianFree(model.parameters())
    while spent[-1] < BUDGET:
        found.append(optimizer.step(lambda: (model(digits), lambda z: F.mse_loss(z, digits))))
        # matrix multiplications for each layer: a gradient 3, a product with G 4, a value alone 1
        spent.append((2 * len(found) + optimizer.evaluations + 4 * optimizer.products) / 3)
    return np.array(spent[:-1]), np.array(found)


races = {}
for place, size, lr, momentum in (("small weights", 0.03, 0.3, 0.99), ("Xavier", None, 3.0, 0.9)):
    races[place] = {
        "SGD with momentum": by_gradients(size, lambda p, lr=lr, b=momentum: optim.SGD(p, lr=lr, momentum=b)),
        "Adam, lr = 0.01": by_gradients(size, lambda p: optim.Adam(p, lr=0.01)),
        "L-BFGS": by_gradients(size, lambda p: lbfgs(p, BUDGET), 1),
        "Hessian-free": hessian_free(size),
    }

figure, both = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", sharey=True)
for axes, (place, race) in zip(both, races.items(), strict=True):
    for (name, (spent, losses)), color in zip(race.items(), ("C0", "C2", "C3", "C4"), strict=True):
        axes.semilogy(spent, losses, color, label=name)
        axes.plot(spent[-1], losses[-1], f"{color}o", markersize=5)
    axes.set(xlabel="cost, in gradients", title=f"from {place}", xlim=(-15, BUDGET + 20))
both[0].set_ylabel("mean square error per pixel, best so far")
both[0].legend(loc="lower left", fontsize=9)
plt.show()

# %% tags=["varies"]
for place, race in races.items():
    print(f"from {place}: " + ", ".join(f"{name.split(',')[0]} {losses[-1]:.4f}" for name, (_, losses) in race.items()))

mean_digit = np.mean((digits - digits.mean(axis=0)) ** 2)
assert np.isclose(mean_digit, 0.072, atol=0.001)
sgd, adam, quasi, free = (losses[-1] for _, losses in races["small weights"].values())
assert sgd > 0.9 * mean_digit
assert quasi < adam < free < 0.7 * sgd
sgd, adam, quasi, free = (losses[-1] for _, losses in races["Xavier"].values())
assert quasi < adam < free
assert sgd < 0.9 * free

usual = by_gradients(0.03, lambda p: optim.LBFGS(p, max_iter=BUDGET, line_search_fn="strong_wolfe"), 1)[1]
assert len(usual) < 50
assert np.isclose(usual[-1], mean_digit, rtol=0.01)

# %% [markdown]
# From small weights (left) everybody first learns the mean digit, a *plateau* at 0.072. SGD with momentum has hardly
# left it at the end. Hessian-free finds the way down: this is the result that made it famous. But Adam gets farther at
# the same price: dividing by the size of the gradient also ignores how small it is, and costs nothing. From a sensible
# initialisation (right) SGD, too, ends ahead of Hessian-free. (The rates of SGD and Adam are the best of a few. A line
# ends where the next step would exceed the budget.)
#
# L-BFGS, with all the data at hand, beats them all. But one must tell it not to stop early, as `lbfgs` above does by
# `tolerance_change`. With PyTorch's default it takes the plateau for a minimum, and ends there.
#
# So Hessian-free beats SGD only where gradients and curvatures vanish together. Good initialisation and normalisation
# have made that rare.
#
# ## Global search
#
# All of the above walk downhill and end in the nearest hollow. *Rastrigin's function* is an egg box in a bowl: in two
# dimensions it has 121 local minima between −5.12 and 5.12, and one of them, at 0, is the lowest.
#
# $$f(x) = 10\,n + \sum_i \big(x_i^2 - 10 \cos 2\pi x_i\big)$$
#
# *Basin hopping* (Wales and Doye 1997) goes downhill, jumps at random, goes downhill again, and keeps the new hollow if
# it is lower, or with some luck if it is higher. It is SciPy's, and gets exact gradients from `optim.minimize`.


# %%
def rastrigin(x):
    return 10 * len(x) + np.sum(x**2 - 10 * np.cos(2 * np.pi * x), axis=0)


def hop(n, seed):
    """The hollows that are kept in 100 jumps, the first from a corner."""
    kept = []
    optim.minimize(
        rastrigin,
        np.full(n, 4.2),
        method="basinhopping",
        rng=seed,
        options={"niter": 100, "stepsize": 1.0},
        callback=lambda x, f, accepted: kept.append(x) if accepted else None,
    )
    return np.array(kept)


kept = hop(2, seed=0)

xs, ys = np.meshgrid(np.linspace(-5.12, 5.12, 200), np.linspace(-5.12, 5.12, 200))
figure, axes = plt.subplots(figsize=(5.6, 5), layout="constrained")
axes.imshow(rastrigin(np.stack([xs, ys])), extent=(-5.12, 5.12) * 2, origin="lower", cmap="Greys_r", alpha=0.6)
axes.plot(*kept.T, "C3o-", linewidth=1.5, markersize=4)
axes.plot(*kept[0], "k*", markersize=12)
axes.set(xlabel="x", ylabel="y", xlim=(-5.12, 5.12), ylim=(-5.12, 5.12))
plt.show()

line = rastrigin(np.linspace(-5.12, 5.12, 1001)[None])
assert ((line[1:-1] < line[:-2]) & (line[1:-1] < line[2:])).sum() == 11  # and 11² in the plane

# %% tags=["varies"]
found = {n: np.array([rastrigin(hop(n, seed).T).min() for seed in range(3)]) for n in (2, 10)}
print("the lowest in three searches: with 2 variables {}, with 10 {}".format(*(f.round(1) for f in found.values())))
assert found[2].max() < 1e-6
assert 0.5 < found[10].max() < 10
assert np.isclose(rastrigin(np.full(10, 4.2)), 245, atol=1)

# %% [markdown]
# The line joins the hollows that were kept, from the star on. With two variables the lowest is found each time: the
# lower ones are near each other. With ten variables there are $11^{10}$ hollows. The search begins at a height of 245
# and gets below 10, but it does *not* always find the lowest, and nothing tells you so. No method is sure to.
#
# ## What to keep
#
# | | good for | not for |
# |---|---|---|
# | Newton | few parameters, many digits | thousands of parameters: a product for each |
# | L-BFGS | all the data in every gradient; no rate to choose | minibatches |
# | Hessian-free | vanishing gradients with curvatures as small | elsewhere momentum or Adam is cheaper |
# | basin hopping | few variables, many hollows | certainty |
#
# ## Exercise
#
# A cooling curve $y = a\,e^{-bt} + c$ is measured at 30 times. Find a, b, c by Gauss–Newton: with the residuals
# $r(\theta)$ (model minus data) and their Jacobian J, the loss is $\sum r_i^2$, $G = 2J^TJ$ and $g = 2J^Tr$, so the
# step $-G^{-1}g$ is the least-squares solution of $Jp = -r$, and `np.linalg.lstsq` finds it. Begin at (2, 1, 1). How
# many steps does it take? What does Newton's formula, with the full Hessian, do from the same place?
#
# **Solution**

# %%
times = np.linspace(0, 4, 30)
measured = 3 * np.exp(-0.7 * times) + 1 + 0.05 * np.random.default_rng(0).normal(size=30)


def residuals(theta):
    a, b, c = theta
    return a * np.exp(-b * times) + c - measured


def squares(theta):
    return np.sum(residuals(theta) ** 2)


begin = np.array([2.0, 1.0, 1.0])
found, stuck = begin, begin
for _ in range(8):
    found = found + np.linalg.lstsq(ag.jacobian(residuals)(found), -residuals(found))[0]
for _ in range(15):
    stuck = stuck - np.linalg.solve(ag.hessian(squares)(stuck), ag.grad(squares)(stuck))
print("Gauss-Newton", found.round(3), "   Newton", stuck.round(3) + 0.0)

jacobian = ag.jacobian(residuals)(found)
assert np.allclose(jacobian.T @ residuals(found), 0, atol=1e-9)  # 8 steps are enough
assert np.allclose(found, [3, 0.7, 1], atol=0.03)
product = ag.gnvp(residuals, lambda r: np.sum(r**2))(found, begin)
assert np.allclose(product, 2 * jacobian.T @ jacobian @ begin)  # what Hessian-free works with

assert np.allclose(ag.grad(squares)(stuck), 0, atol=1e-6)
assert np.allclose(stuck, [0, 0, measured.mean()], atol=1e-6)
assert np.linalg.eigvalsh(ag.hessian(squares)(stuck)).min() < -40
assert squares(stuck) > 400 * squares(found)

# %% [markdown]
# Gauss–Newton is there after eight steps. Newton's formula ends where a = b = 0 and c is the mean of the data: the
# gradient is 0 there, but one eigenvalue of the Hessian is negative, so it is a *saddle point*. Exact second
# derivatives led it astray, and the part of them that Gauss–Newton keeps did not.
