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
# for Newton's method, L-BFGS, Hessian-free optimization and global search, and says where each is worth its price, and
# where a plain optimizer is better. It builds on notebook 06, where optimizers walk over a valley.
#
# Costs are counted in *gradients*: one evaluation of the loss together with its gradient is 1. The walk back costs
# about as much as the way forward, however many parameters there are. A product of the second derivatives with a
# vector, of which below, costs about 2. (Some counts below vary by a few from machine to machine, because rounding
# decides where a line search ends. What the text claims holds on all of them.)

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


def rosenbrock(p):
    """A bent valley with its lowest point at (1, 1)."""
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


start, bottom = np.array([-1.2, 1.0]), np.ones(2)
ag.hessian(rosenbrock)(bottom)

# %% [markdown]
# ## The matrix of second derivatives
#
# $$H_{ij} = \frac{\partial^2 f}{\partial x_i \partial x_j}, \qquad
# f(x + p) \approx f(x) + g^T p + \tfrac12\, p^T H p$$
#
# (g is the gradient at x, p a step.) The matrix H is the *Hessian*, here of Rosenbrock's function (1960) at its
# minimum. Its eigenvalues are the curvatures of the ground along its eigenvectors. They tell in advance how gradient
# descent will do. In notebook 06 we saw that the learning rate must be below $2/\lambda_{max}$; the flattest direction
# then shrinks at each step by the factor $1 - \alpha\lambda_{min}$, so that the number of steps goes with
# $\lambda_{max}/\lambda_{min}$, the *condition number*.

# %%
flat, steep = np.linalg.eigvalsh(ag.hessian(rosenbrock)(bottom))
print(f"curvatures {flat:.2f} and {steep:.0f}, condition number {steep / flat:.0f}")
assert np.isclose(steep / flat, 2508, rtol=1e-3)
assert np.isclose(2 / steep, 0.002, rtol=2e-3)

# %% [markdown]
# ## Newton's method: go to the bottom of the parabola
#
# The quadratic model above has its lowest point where $g + Hp = 0$:
#
# $$\theta \leftarrow \theta - H^{-1} g$$
#
# On a parabola that is one step, whatever the condition number; the learning rate is 1. Elsewhere, it is repeated.
# `optim.Newton` takes a function that computes the loss, and derives gradient and Hessian itself.

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
heights = [rosenbrock(place) for place in newton]
assert heights[3] < 0.1 < 1000 < heights[2]
away = np.linalg.norm(np.array(newton) - bottom, axis=1)
assert away[5] < 1e-5
assert away[6] < 1e-9

# %% [markdown]
# Seven steps. Two things to see. On the way f jumps to 1412: the model is no longer true so far away, and Newton's
# method, as it stands, does not look whether a step goes down. (`lr=` and `damping=` make it more careful.) And at the
# end the exponent doubles: $10^{-5}$, then $10^{-11}$ (*quadratic convergence*). Gradient descent gains a constant
# share per step and no more.
#
# ## Saddle points
#
# $H^{-1}g$ goes to where the gradient of the model is 0, be it a minimum or not. With one upward and one downward
# curvature that is a *saddle point*. So `optim.Newton` takes the absolute values of the eigenvalues: then every
# direction is a way down, at the pace of its curvature.


# %%
def saddle(p):
    """Lowest at (−1, 0) and (1, 0), and a saddle point at (0, 0)."""
    return p[0] ** 4 / 4 - p[0] ** 2 / 2 + p[1] ** 2 / 2


raw = np.array([0.3, 1.0])
p = ag.tensor(raw, requires_grad=True)
optimizer = optim.Newton([p])
for _ in range(8):
    raw = raw - np.linalg.solve(ag.hessian(saddle)(raw), ag.grad(saddle)(raw))
    optimizer.step(lambda: saddle(p))
print("as in the formula:", raw.round(6) + 0.0, "  optim.Newton:", p.data.round(6) + 0.0)

assert np.allclose(raw, [0, 0])  # it ran into the saddle point
assert np.allclose(p.data, [1, 0])

# %% [markdown]
# ## Hessian times vector, without the Hessian
#
# n parameters have n² second derivatives. For 100,000 of them that is a matrix of 80 GB. But often only its product
# with a vector is wanted, and that costs no more than a few gradients. The trick (Pearlmutter 1994): the scalar
# $g(x)^T v$, for a constant v, is a function like any other, and its gradient is
#
# $$\nabla\big(g(x)^T v\big) = H v.$$
#
# Two lines, if the engine can derive its own derivatives. `ag.hvp` is that.


# %%
def chain(x):
    """Rosenbrock's function for any number of variables."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


draws = np.random.default_rng(0)
x, v = draws.normal(size=100), draws.normal(size=100)
by_hand = ag.grad(lambda x: np.sum(ag.grad(chain)(x) * v))(x)
assert np.allclose(by_hand, ag.hvp(chain)(x, v))
assert np.allclose(by_hand, ag.hessian(chain)(x) @ v)

x, v = draws.normal(size=100_000), draws.normal(size=100_000)
product = ag.hvp(chain)(x, v)
by_formula = (1200 * x[1:-1] ** 2 - 400 * x[2:] + 202) * v[1:-1] - 400 * (x[:-2] * v[:-2] + x[1:-1] * v[2:])
assert np.allclose(product[1:-1], by_formula)
print(f"{product.size:,} numbers instead of {product.size**2:,}")

# %% [markdown]
# And the price? Let the engine derive programs for the gradient and for the product (`ag.compile`, notebook 11) of a
# net with four layers, and count the products of matrices in them:


# %% tags=["varies"]
def deep(a, b, c, d):
    return np.sum(np.tanh(np.tanh(np.tanh(np.tanh(batch @ a) @ b) @ c) @ d) ** 2)


batch, four = draws.normal(size=(50, 30)), [draws.normal(size=(30, 30)) / 5 for _ in range(4)]
everything = (0, 1, 2, 3)
gradient = ag.compile(ag.value_and_grad(deep, everything))
product = ag.compile(lambda *given: ag.hvp(deep, everything)(*given[:4], given[4:]))
gradient(*four)
product(*four, *four)
counts = [len(re.findall(r"np\.dot\(|np\.matmul\(| @ ", program.source)) for program in (gradient, product)]
print("products of matrices: gradient {}, Hessian times vector {}".format(*counts))
assert counts[0] == 11  # for each layer one forward and two back, but the first has nothing to hand on
assert 2 < counts[1] / counts[0] < 3

# %% [markdown]
# About 2½ gradients; but one of these is the recorded gradient itself, which further products at the same place share.
# So we count 2.

# %% [markdown]
# Such products are enough for a lot. Multiply a vector by H again and again, and it turns into the direction of the
# largest curvature (*power iteration*), which gives the limit of the learning rate. Here is a real problem to try it
# on, and to use for the next comparison: *logistic regression* on the breast-cancer data of scikit-learn, the binary
# cross-entropy of notebook 09 with a small penalty, 31 parameters.

# %%
data = load_breast_cancer()
X = (data.data - data.data.mean(axis=0)) / data.data.std(axis=0)
X = np.column_stack([X, np.ones(len(X))])  # the last weight is the offset
Y = data.target.astype(float)


def J(w, X=X, Y=Y):
    return F.binary_cross_entropy_with_logits(X @ w, Y) + 0.005 * np.sum(w**2)


origin = np.zeros(31)
v = np.ones(31)
for _ in range(30):
    v = ag.hvp(J)(origin, v)
    largest = np.linalg.norm(v)
    v = v / largest
curvatures = np.linalg.eigvalsh(ag.hessian(J)(origin))
print(f"largest curvature {largest:.4f}, so the limit for the learning rate is {2 / largest:.2f}")
assert np.isclose(largest, curvatures[-1], rtol=1e-6)
assert 300 < curvatures[-1] / curvatures[0] < 360  # the condition number

# %% [markdown]
# ## Quasi-Newton: learn the curvature on the way
#
# From one place to the next, s apart, the gradient changes by y ≈ Hs. So each step that was made anyhow tells something
# about H. *L-BFGS* keeps the last pairs (s, y) and applies an approximate $H^{-1}$ made of them, without ever forming a
# matrix. Along the direction that it finds, a *line search* looks for a step that goes down enough, and the cost stays
# at about one or two gradients per step. Its settings are PyTorch's, and so is its `step`, which takes a closure: a
# function that clears the gradients, computes the loss, calls `backward` and returns the loss.


# %%
def walk(f, make, x0, steps, enough=-np.inf):
    """Every place that a first-order optimizer visits on `f`; ends where f is below `enough`."""
    p = ag.tensor(x0, requires_grad=True)
    optimizer, places = make([p]), [np.array(x0)]

    @ag.compile  # the same numbers, sooner: notebook 11
    def step():
        optimizer.zero_grad()
        loss = f(p)
        loss.backward()
        optimizer.step()
        return loss

    for _ in range(steps):
        if step() < enough:
            break
        places.append(np.array(p.data))
    return np.stack(places)


def walk_lbfgs(f, x0, steps):
    """Every place at which L-BFGS asks for a gradient."""
    p, places = ag.tensor(x0, requires_grad=True), []
    optimizer = optim.LBFGS(
        [p], max_iter=steps, max_eval=2 * steps, tolerance_change=1e-14, line_search_fn="strong_wolfe"
    )

    def closure():
        optimizer.zero_grad()
        places.append(np.array(p.data))
        loss = f(p)
        loss.backward()
        return loss

    optimizer.step(closure)
    return np.stack(places)


paths = {
    "momentum": walk(rosenbrock, lambda p: optim.SGD(p, lr=0.0005, momentum=0.98), start, 20_000, 1e-8),
    "gradient descent": walk(rosenbrock, lambda p: optim.SGD(p, lr=0.0018), start, 20_000, 1e-8),
    "Adam": walk(rosenbrock, lambda p: optim.Adam(p, lr=0.2), start, 20_000, 1e-8),
    "L-BFGS": walk_lbfgs(rosenbrock, start, 100),
    "Newton": np.array(newton),
}
price = {name: np.arange(1, len(path) + 1) for name, path in paths.items()}
price["Newton"] = 1 + 5 * np.arange(len(newton))  # a step: a gradient, and a product for each column of the Hessian
cost = {name: price[name][np.argmax(rosenbrock(path.T) < 1e-7)] for name, path in paths.items()}

xs, ys = np.meshgrid(np.linspace(-1.6, 1.6, 160), np.linspace(-0.7, 1.7, 160))
figure, both = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained", sharey=True)
for axes, names in zip(both, (("momentum", "gradient descent"), ("L-BFGS", "Newton")), strict=True):
    axes.contourf(xs, ys, np.log10(rosenbrock((xs, ys)) + 1e-3), 24, cmap="Greys_r", alpha=0.6)
    size = 7 if "Newton" in names else 3
    for name, color in zip(names, ("C1", "C0") if size == 3 else ("C3", "C4"), strict=True):
        axes.plot(*paths[name].T, f"{color}.-", linewidth=1, markersize=size, label=name)
    axes.plot(*start, "k*", *bottom, "ko", markersize=9)
    axes.set(xlim=(-1.6, 1.6), ylim=(-0.7, 1.7), xlabel="x")
    axes.legend(loc="lower left")
both[0].set_ylabel("y")
plt.show()

# %% tags=["varies"]
for name, value in cost.items():
    print(f"{name:17} f below 1e-7 after {value:6,} gradients")

assert cost["gradient descent"] > 5000
assert np.abs(paths["Adam"][20:, 1] - paths["Adam"][20:, 0] ** 2).max() < 0.15  # on the floor of the valley
assert 10 * cost["momentum"] < cost["gradient descent"]
assert 400 < cost["Adam"] < 2000
assert cost["L-BFGS"] < 120
assert cost["Newton"] == 26

# %% [markdown]
# (Star: the start; dot: the minimum. Dark is low. Adam is left out of the picture, its path lies on that of gradient
# descent.) The learning rates were picked from a few, in favour of each. Gradient descent crosses the valley a few
# times and then takes thousands of steps along it; momentum swings from side to side, and needs less than a tenth.
# L-BFGS follows the bend with some 40 gradients; the dots off the path are places that the line search tried. Newton
# leaves the picture downwards, where f is 1412, and comes back close to the minimum. With two parameters that is
# cheapest of all. With a thousand, a step would cost 2001.
#
# ## A real problem: L-BFGS is hard to beat
#
# Logistic regression, from w = 0, with all data in each gradient:

# %% tags=["varies"]
lowest = optim.minimize(J, origin, method="trust-exact", tol=1e-12).fun
rate = 1 / largest
gaps = {
    "gradient descent": walk(J, lambda p: optim.SGD(p, lr=1.8 * rate), origin, 900),
    "Nesterov": walk(J, lambda p: optim.SGD(p, lr=rate, momentum=0.9, nesterov=True), origin, 900),
    "Adam": walk(J, lambda p: optim.Adam(p, lr=0.1), origin, 900),
    "L-BFGS": walk_lbfgs(J, origin, 60),
}
gaps = {name: np.array([float(J(w)) for w in path]) - lowest for name, path in gaps.items()}
w = ag.tensor(origin, requires_grad=True)
optimizer = optim.Newton([w])
gaps["Newton"] = np.array([float(optimizer.step(lambda: J(w))) for _ in range(9)]) - lowest

each = {name: 1 + 2 * 31 if name == "Newton" else 1 for name in gaps}
need = {name: each[name] * (1 + np.argmax(gap < 1e-6)) for name, gap in gaps.items()}
figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
for (name, gap), color in zip(gaps.items(), ("C0", "C1", "C2", "C3", "C4"), strict=True):
    marker = "o-" if name == "Newton" else "-"
    axes.loglog(each[name] * np.arange(1, len(gap) + 1), np.maximum(gap, 1e-12), color + marker, label=name)
axes.axhline(1e-6, color="0.6", linestyle=":")
axes.set(xlabel="cost, in gradients", ylabel="loss above its minimum", ylim=(1e-10, 2))
axes.legend(loc="lower left")
plt.show()
for name, value in need.items():
    print(f"{name:17} 1e-6 above the minimum after {value:4} gradients")

assert need["L-BFGS"] < 30
assert 4 * need["L-BFGS"] < need["Nesterov"] < need["gradient descent"]
assert 4 * need["L-BFGS"] < need["Adam"]
assert 300 < need["Newton"] < 700

# %% [markdown]
# L-BFGS needs less than a quarter of what the next best does, and no learning rate had to be chosen. Newton takes seven
# steps or so (the violet dots), but each costs as much as 63 gradients. So the method with the fewest steps is one of
# the slowest. (Newton's price is fair for a general function. For logistic regression in particular there is a formula
# for H, and then it is a good method; statisticians use it.)
#
# ## And where it loses: minibatches
#
# L-BFGS reads the curvature from the *difference* of two gradients. With minibatches these belong to different data,
# and the difference is mostly noise. The same problem, a fresh batch of 32 for each step, 600 gradients each:


# %% tags=["varies"]
def in_batches(make, seed=0):
    """The loss over all data after each step on a batch."""
    draws, w = np.random.default_rng(seed), ag.tensor(origin, requires_grad=True)
    optimizer, found = make([w]), []
    for _ in range(600):
        batch = draws.choice(len(X), 32, replace=False)

        def closure(batch=batch):
            optimizer.zero_grad()
            loss = J(w, X[batch], Y[batch])
            loss.backward()
            return loss

        optimizer.step(closure)
        found.append(float(J(w.data)) - lowest)
    return np.array(found)


batches = {
    "L-BFGS": in_batches(lambda p: optim.LBFGS(p, max_iter=1)),
    "L-BFGS, lr=0.1": in_batches(lambda p: optim.LBFGS(p, lr=0.1, max_iter=1)),
    "Adam": in_batches(lambda p: optim.Adam(p, lr=0.02)),
    "SGD": in_batches(lambda p: optim.SGD(p, lr=0.1)),
}
for name, gap in batches.items():
    print(f"{name:15} above the minimum: at worst {gap.max():8.2g}, in the last 100 steps {np.median(gap[-100:]):.1g}")

assert batches["L-BFGS"].max() > 10
assert batches["L-BFGS, lr=0.1"].max() < 1
assert np.median(batches["L-BFGS, lr=0.1"][-100:]) > 10 * np.median(batches["SGD"][-100:])
assert batches["Adam"].max() < 1

# %% [markdown]
# With steps of full length it is thrown far off now and then; with a tenth of that it stays near and gets nowhere, far
# behind SGD. Deep learning works with batches, because a gradient of a thousandth of the data is a thousand times
# cheaper. That, more than the size of the nets, is why it stays with first-order optimizers.
#
# ## Gauss–Newton: a curvature that is never negative
#
# For a net the loss is a function L of outputs z, which are a function of the parameters. The chain rule, used twice,
# splits the Hessian in two:
#
# $$H = \underbrace{J^T\, L''(z)\, J}_{G} + \sum_k \frac{\partial L}{\partial z_k}\, \nabla^2 z_k,
# \qquad J = \frac{\partial z}{\partial \theta}$$
#
# J, the *Jacobian*, holds the derivatives of all outputs by all parameters. The first part, the *Gauss–Newton matrix*
# G, is all that is left when the outputs are right (then ∂L/∂z = 0) or linear in θ. If L is convex, as square errors
# and cross-entropies are, G has no negative eigenvalue, so its quadratic model has a lowest point, which H does not
# promise. `ag.gnvp` multiplies with G without forming it.

# %%
draws = np.random.default_rng(1)
inputs = np.linspace(-2, 2, 20)[:, None]
theta = 0.5 * draws.normal(size=13)


def outputs(theta):
    """A net of 1 input, 4 units of tanh and 1 output, its 13 parameters in one vector."""
    return np.tanh(inputs * theta[:4] + theta[4:8]) @ theta[8:12] + theta[12]


def mismatch(z):
    return np.mean((z - np.sin(2 * inputs[:, 0])) ** 2)


H = ag.hessian(lambda theta: mismatch(outputs(theta)))(theta)
jacobian = ag.jacobian(outputs)(theta)  # 20 outputs by 13 parameters
G = jacobian.T @ ag.hessian(mismatch)(outputs(theta)) @ jacobian
v = draws.normal(size=13)
assert np.allclose(ag.gnvp(outputs, mismatch)(theta, v), G @ v)

of_H, of_G = np.linalg.eigvalsh(H), np.linalg.eigvalsh(G)
print("eigenvalues of H:", of_H[[0, 1, 2]].round(3), "…", of_H[-1].round(2))
print("eigenvalues of G:", of_G[[0, 1, 2]].round(3) + 0.0, "…", of_G[-1].round(2))
assert (of_H < -0.01).sum() >= 2
assert of_G.min() > -1e-12

# %% [markdown]
# ## Hessian-free optimization
#
# *Hessian-free* (Martens 2010) means: solve $(G + \lambda)\,p = -g$ by *conjugate gradients*, a method that needs
# nothing but products with G, some tens of them. λ is a damping that grows when the model has promised too much.
# `optim.HessianFree` wants model and loss apart, since it must multiply by J and by L''.
#
# The method became famous with deep *autoencoders*, nets that squeeze their input through a bottleneck and restore it,
# begun at small random weights. There gradients almost vanish, and so do curvatures; a step that divides one by the
# other does not care. Here is a small one, for 100 digits of 64 pixels, with layers of 32, 16, 8, 16 and 32 units. The
# same race twice: from weights of size 0.03, and from Xavier's initialisation (notebook 08).
#
# Prices, in products of matrices: 3 for each layer for a gradient, 4 for a product with G, 1 for a value alone.

# %%
digits = load_digits().data[:100] / 16
BUDGET = 800


def autoencoder(size):
    """The net, with normally distributed weights of the given size; Xavier's if that is None."""
    draws = np.random.default_rng(0)
    sizes = (64, 32, 16, 8, 16, 32, 64)
    model = nn.Sequential(*[layer for pair in pairwise(sizes) for layer in (nn.Linear(*pair), nn.Tanh())])
    for p in model.to(np.float64).parameters():
        p.data = draws.normal(0, size or np.sqrt(2 / sum(p.shape)), p.shape) if p.ndim == 2 else np.zeros(p.shape)
    return model


def first_order(size, make):
    model = autoencoder(size)
    optimizer = make(model.parameters())

    @ag.compile
    def step():
        optimizer.zero_grad()
        loss = F.mse_loss(model(digits), digits)
        loss.backward()
        optimizer.step()
        return loss

    return np.arange(1, BUDGET + 1), np.array([float(step()) for _ in range(BUDGET)])


def lbfgs(size):
    model, found = autoencoder(size), []
    optimizer = optim.LBFGS(model.parameters(), max_iter=BUDGET, max_eval=BUDGET, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.mse_loss(model(digits), digits)
        loss.backward()
        found.append(float(loss))
        return loss

    optimizer.step(closure)
    return np.arange(1, len(found) + 1), np.minimum.accumulate(found)


def hessian_free(size):
    model, spent, found = autoencoder(size), [0], []
    optimizer = optim.HessianFree(model.parameters())
    while spent[-1] < BUDGET:
        found.append(optimizer.step(lambda: (model(digits), lambda z: F.mse_loss(z, digits))))
        spent.append((2 * len(found) + optimizer.evaluations + 4 * optimizer.products) / 3)
    return np.array(spent[:-1]), np.array(found)


races = {}
for place, size in {"small weights": 0.03, "Xavier": None}.items():
    momentum = [
        first_order(size, lambda p, lr=lr, beta=beta: optim.SGD(p, lr=lr, momentum=beta))
        for lr, beta in ((1.0, 0.9), (3.0, 0.9), (0.3, 0.99))
    ]
    races[place] = {
        "SGD with momentum (best of 3)": min(momentum, key=lambda run: run[1][-1]),
        "Adam, lr = 0.01": first_order(size, lambda p: optim.Adam(p, lr=0.01)),
        "L-BFGS": lbfgs(size),
        "Hessian-free": hessian_free(size),
    }
cautious = first_order(0.03, lambda p: optim.Adam(p, lr=0.001))[1][-1]

figure, both = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", sharey=True)
for axes, (place, race) in zip(both, races.items(), strict=True):
    for (name, (spent, losses)), color in zip(race.items(), ("C0", "C2", "C3", "C4"), strict=True):
        axes.semilogy(spent, losses, color, label=name)
        axes.plot(spent[-1], losses[-1], f"{color}o", markersize=5)
    axes.set(xlabel="cost, in gradients", title=f"from {place}", xlim=(-15, BUDGET + 20))
both[0].set_ylabel("mean square error per pixel")
both[0].legend(loc="lower left", fontsize=9)
plt.show()

# %% tags=["varies"]
end = {place: {name: losses[-1] for name, (_, losses) in race.items()} for place, race in races.items()}
for place, values in end.items():
    print(f"from {place}: " + ", ".join(f"{name.split(',')[0].split(' (')[0]} {v:.4f}" for name, v in values.items()))

mean_digit = np.mean((digits - digits.mean(axis=0)) ** 2)
sgd, adam, quasi, free = end["small weights"].values()
assert np.isclose(quasi, mean_digit, rtol=0.01)  # L-BFGS takes the plateau for a minimum, and stops
assert len(races["small weights"]["L-BFGS"][0]) < 50
assert sgd > 0.9 * mean_digit
assert free < 0.7 * sgd
assert adam < free
assert cautious > 0.9 * mean_digit
assert np.isclose(mean_digit, 0.072, atol=0.001)
sgd, adam, quasi, free = end["Xavier"].values()
assert quasi < adam < free
assert sgd < 0.9 * free

# %% [markdown]
# From small weights (left) everybody first learns the mean digit, a *plateau* at 0.072. SGD with momentum has hardly
# left it at the end, and L-BFGS takes the flat ground for a minimum and stops after a few evaluations (the red dot).
# Hessian-free finds the way down. This is the result that made it famous. But Adam with the rate 0.01 gets farther at
# the same price: dividing by the size of the gradient also ignores how small it is, and costs nothing. (With its
# default of 0.001 Adam is still on the plateau. Hessian-free had no rate to choose.) From a sensible initialisation
# (right) there is no plateau to speak of: momentum and Adam end ahead of Hessian-free, and L-BFGS, with all the data at
# hand, beats them all. (A line ends where the next step would exceed the budget.)
#
# So: Hessian-free beats SGD clearly only where gradients and curvatures vanish together. Good initialisation, ReLU and
# normalisation have made that rare.
#
# ## SciPy's minimizers
#
# For functions that are no nets, `optim.minimize` hands exact derivatives to `scipy.optimize`: the gradient to BFGS, CG
# and L-BFGS-B, and Hessian-vector products to Newton-CG and the trust-region methods. (A *trust region* is how far the
# model is believed; steps do not leave it.) Rosenbrock's chain of 20 variables, everything at its price. The numbers
# vary a little with the version of SciPy.

# %% tags=["varies"]
away = np.tile(start, 10)
total = {}
for method in ("Nelder-Mead", "CG", "L-BFGS-B", "BFGS", "Newton-CG", "trust-ncg"):
    options = {"maxfev": 10_000, "maxiter": 10_000} if method == "Nelder-Mead" else None
    result = optim.minimize(chain, away, method=method, options=options)
    products = result.get("nhev", 0) if method in ("Newton-CG", "trust-ncg") else 0
    total[method] = result.nfev + 2 * products
    print(f"{method:12} f = {result.fun:7.0e}  {result.nfev:6,} evaluations, {products:4} products: {total[method]:6,}")
    assert (result.fun > 0.01) == (method == "Nelder-Mead")

assert total["BFGS"] < total["CG"]
assert min(total["Newton-CG"], total["trust-ncg"]) > 3 * total["BFGS"]
assert total["L-BFGS-B"] < min(total["Newton-CG"], total["trust-ncg"])

# %% [markdown]
# Nelder-Mead, which uses values alone, gives up far from the minimum after 10,000 evaluations: with 20 variables a
# gradient is worth a lot. But exact second derivatives do not pay here: Newton-CG and trust-ncg ask for the loss about
# as often as BFGS does, and for hundreds of products on top.
#
# ## Global search
#
# All of the above walk downhill and end in the nearest hollow. *Rastrigin's function* is an egg box in a bowl: in two
# dimensions it has 121 local minima between −5.12 and 5.12, and one of them, at 0, is the lowest.
#
# $$f(x) = 10\,n + \sum_i \big(x_i^2 - 10 \cos 2\pi x_i\big)$$
#
# *Basin hopping* (Wales and Doye 1997) goes downhill, jumps at random, goes downhill again, and keeps the new hollow if
# it is lower, or with some luck if it is higher. Its local walks have the exact gradient. The alternative is plainer:
# start L-BFGS at random places and take the best. Both get about 1000 evaluations.


# %%
def rastrigin(x):
    return 10 * len(x) + np.sum(x**2 - 10 * np.cos(2 * np.pi * x), axis=0)


def hop(n, seed):
    """Where basin hopping jumps to from a corner (places, values, whether kept), and its result."""
    jumps, corner = [], np.full(n, 4.2)
    result = optim.minimize(
        rastrigin,
        corner,
        method="basinhopping",
        rng=seed,
        options={"niter": 100, "stepsize": 1.0},
        callback=lambda x, f, kept: jumps.append((x, f, kept)),
    )
    return jumps, result


def restarts(n, seed=0, count=100):
    draws = np.random.default_rng(seed)
    return [optim.minimize(rastrigin, draws.uniform(-5.12, 5.12, n), method="L-BFGS-B") for _ in range(count)]


jumps, hopped = hop(2, seed=0)
ends = restarts(2)
kept = np.array([x for x, _, kept in jumps if kept])
xs, ys = np.meshgrid(np.linspace(-5.12, 5.12, 200), np.linspace(-5.12, 5.12, 200))
figure, axes = plt.subplots(figsize=(5.6, 5), layout="constrained")
axes.imshow(rastrigin(np.stack([xs, ys])), extent=(-5.12, 5.12) * 2, origin="lower", cmap="Greys_r", alpha=0.6)
axes.plot(*np.array([r.x for r in ends]).T, "C0.", markersize=6, label="where 100 random starts end")
axes.plot(*kept.T, "C3o-", linewidth=1.5, markersize=4, label="basin hopping, hollows it kept")
axes.plot(*kept[0], "k*", markersize=12)
axes.set(xlabel="x", ylabel="y", xlim=(-5.12, 5.12), ylim=(-5.12, 5.12))
figure.legend(loc="outside lower center", ncols=2, frameon=False)
plt.show()

line = rastrigin(np.linspace(-5.12, 5.12, 1001)[None])
assert ((line[1:-1] < line[:-2]) & (line[1:-1] < line[2:])).sum() == 11  # and 11² in the plane

# %% tags=["varies"]
for n in (2, 10):
    tries = [hop(n, seed)[1] for seed in range(3)]
    ends = restarts(n)
    print(f"{n:2} variables   basin hopping {[round(float(r.fun), 1) for r in tries]}", end="   ")
    print(f"random starts {min(r.fun for r in ends):.1f} at best, {np.median([r.fun for r in ends]):.0f} typically")
    assert 700 < sum(r.nfev for r in ends) < 1600
    assert all(700 < r.nfev < 1600 for r in tries)
    if n == 2:
        assert max(r.fun for r in tries) < 1e-6
        assert sum(r.fun < 1e-6 for r in ends) < 5
    else:
        assert 0.5 < max(r.fun for r in tries) < 0.7 * min(r.fun for r in ends)

# %% [markdown]
# With two variables basin hopping finds the lowest hollow each time; it goes from hollow to neighbouring hollow, and
# the lower ones are near each other. The random starts hit one hollow in 121 by chance. With ten variables there are
# $11^{10}$ hollows; basin hopping ends much lower than the random starts do, but it does *not* find the lowest, and
# nothing tells you so. No method is sure to. For nets nobody searches globally: many of their minima turn out about
# equally good, which is not so for an egg box.
#
# ## What to keep
#
# | | good for | not for |
# |---|---|---|
# | Newton | few parameters, many digits | thousands of parameters: a product for each |
# | L-BFGS | all the data in every gradient, smooth; no rate to choose | minibatches, plateaus |
# | Hessian-free | vanishing gradients with curvatures as small | elsewhere momentum or Adam is cheaper |
# | Newton-CG, trust regions | functions with saddle points, ill-conditioned ones | saving evaluations: measure it |
# | basin hopping | few variables, many hollows | certainty |
#
# And whatever the method: `ag.hvp` gives curvature at the price of two or three gradients, whether for a step, for the
# largest learning rate, or to see if you are at a minimum.
#
# ## Exercise
#
# A cooling curve $y = a\,e^{-bt} + c$ is measured at 30 times. Find a, b, c by Gauss–Newton: with the residuals
# $r(\theta)$ (model minus data) and their Jacobian J, the loss is $\sum r_i^2$, $G = 2J^TJ$ and $g = 2J^Tr$, so the
# step $-G^{-1}g$ is the least-squares solution of $Jp = -r$, and `np.linalg.lstsq` finds it. Begin at (2, 1, 1). How
# many steps until nothing changes any more? What does Newton's formula, with the full Hessian, do from the same place?
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


def gauss_newton(theta, steps):
    for _ in range(steps):
        theta = theta + np.linalg.lstsq(ag.jacobian(residuals)(theta), -residuals(theta))[0]
    return theta


def newton_as_printed(theta, steps):
    for _ in range(steps):
        theta = theta - np.linalg.solve(ag.hessian(squares)(theta), ag.grad(squares)(theta))
    return theta


begin = np.array([2.0, 1.0, 1.0])
found, stuck = gauss_newton(begin, 8), newton_as_printed(begin, 15)
print("Gauss-Newton", found.round(3), "   Newton", stuck.round(3) + 0.0)

assert np.allclose(gauss_newton(found, 1), found, atol=1e-9)  # 8 steps are enough
assert np.allclose(found, [3, 0.7, 1], atol=0.03)
assert np.linalg.eigvalsh(ag.hessian(squares)(found)).min() > 0

assert np.allclose(ag.grad(squares)(stuck), 0, atol=1e-6)
assert np.allclose(stuck, [0, 0, measured.mean()], atol=1e-6)
assert np.linalg.eigvalsh(ag.hessian(squares)(stuck)).min() < -40
assert squares(stuck) > 400 * squares(found)

assert squares(gauss_newton(np.array([1.0, 1.0, 0.0]), 15)) > 100 * squares(found)  # no step of these is a safe one

# %% [markdown]
# Gauss–Newton is there after eight steps. Newton's formula ends where a = b = 0 and c is the mean of the data: the
# gradient is 0 there, but one eigenvalue of the Hessian is negative, so it is a saddle point. Exact second derivatives
# led it astray, and the part of them that Gauss–Newton keeps did not. But neither is safe without damping: from
# (1, 1, 0), Gauss–Newton runs off, too. That is what λ is for.
