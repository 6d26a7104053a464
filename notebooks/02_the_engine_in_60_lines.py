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
# # The engine in 60 lines
#
# In notebook 01 we went back through three steps by hand: at each step the gradient that arrives is multiplied by the
# step's own derivative and handed on. Here we build the machine that does it for any NumPy expression, from nothing, in
# no more than 60 lines. It is a toy, but of the same design as the real engine, so we can hold one against the other,
# number by number.
#
# There are five pieces: a **node** for every value, a table of **rules**, a **recorder**, the **walk** back, and a
# **handle** that makes a node look like an array. Their cells begin with `# Engine`; we count the lines later. It
# stands on NumPy and on two small parts of Python:

# %%
# Engine: what it stands on
import heapq
import itertools

import numpy as np

# %% [markdown]
# And to look at it, and to compare:

# %%
import inspect

import matplotlib.pyplot as plt
from IPython import get_ipython

import autograd_lite as ag

# %% [markdown]
# ## 1. A node remembers what made it
#
# A value that was computed keeps three more things: the function that made it, the arguments it was made from, and the
# time. A value that nobody computed, such as an input or a weight, has no function: it is a *leaf*.
#
# Time is a plain counter. Whatever a node was made from has a smaller time. That is all the order that the walk back
# will need.

# %%
# Engine: the node
clock = itertools.count()


class Node:
    def __init__(self, value, function=None, args=()):
        self.value, self.function, self.args, self.time = value, function, args, next(clock)


# %% [markdown]
# ## 2. A rule is a NumPy expression
#
# For each function, and for each of its arguments, one rule: how does a gradient pass from the result to that argument?
# A rule is called with `g`, the gradient that arrives at the result, then `y`, the result itself, then the arguments of
# the function. In a product `y = a * b` each side gets `g` times the other factor, and for tanh it is the line from
# notebook 01. The others above it are the derivatives from school, written with the result where that is shorter:
# `y / b` is a/b². Below it come functions that only move, copy or sum numbers, and their rules take `g` back to where
# the numbers came from. The table is a dictionary, and its key is the NumPy function itself.

# %%
# Engine: the rules
RULES = {
    np.add: (lambda g, y, a, b: g, lambda g, y, a, b: g),
    np.subtract: (lambda g, y, a, b: g, lambda g, y, a, b: -g),
    np.multiply: (lambda g, y, a, b: g * b, lambda g, y, a, b: g * a),
    np.divide: (lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b),
    np.power: (lambda g, y, a, b: g * b * a ** (b - 1), lambda g, y, a, b: g * y * np.log(a)),
    np.matmul: (lambda g, y, a, b: g @ np.matrix_transpose(b), lambda g, y, a, b: np.matrix_transpose(a) @ g),
    np.negative: (lambda g, y, x: -g,),
    np.exp: (lambda g, y, x: g * y,),
    np.log: (lambda g, y, x: g / x,),
    np.tanh: (lambda g, y, x: g * (1 - y * y),),
    np.matrix_transpose: (lambda g, y, x: np.matrix_transpose(g),),
    np.reshape: (lambda g, y, x, shape: np.reshape(g, x.shape),),
    np.broadcast_to: (lambda g, y, x, shape: g,),
    np.expand_dims: (lambda g, y, x, axis: np.reshape(g, x.shape),),
    np.sum: (lambda g, y, x, axis=None: np.broadcast_to(g if axis is None else np.expand_dims(g, axis), x.shape),),
}

# %% [markdown]
# A sum hands its gradient to everything that was summed, so `np.sum` spreads `g` over the shape of `x`. `np.matmul`,
# which is what `@` calls, is made of products and sums:
#
# $$y_{ik} = \sum_j a_{ij}\, b_{jk}$$
#
# So $a_{ij}$ acts on every number in row i of y, on $y_{ik}$ with the factor $b_{jk}$, and gets the sum over k of
# $g_{ik} b_{jk}$. That is `g @ bᵀ`; for `b` it is `aᵀ @ g`. (This is for matrices, not for vectors.)
#
# And every function *in* a rule stands in the table, too; later that will give us second derivatives for free.
#
# ## 3. Recording is calling, with a note taken
#
# To record a call: take the values out of the nodes, call the function on them, and put the result into a new node.
# What is no node, such as a shape or an axis, stays as it is. A function without rules is refused, for to leave it out
# of the record in silence would give a wrong gradient later.


# %%
# Engine: the recorder
def record(function, args):
    if function not in RULES:
        raise NotImplementedError(f"there is no rule for {function.__name__}")
    return Node(function(*(a.value if isinstance(a, Node) else a for a in args)), function, args)


# %% [markdown]
# The neuron of notebook 01, `tanh(x * w + b)`, recorded call by call:

# %%
x, w, b = Node(np.array(2.0)), Node(np.array(-3.0)), Node(np.array(6.88))
product = record(np.multiply, (x, w))
total = record(np.add, (product, b))
y = record(np.tanh, (total,))

assert y.function is np.tanh
assert y.args == (total,)
assert total.args == (product, b)
assert x.time < product.time < total.time < y.time
y.value

# %% [markdown]
# ## 4. What broadcasting copied, going back must sum
#
# NumPy stretches shapes: `(2, 3) + (3,)` adds the same three numbers to both rows. Each of the three has then acted
# twice, so its gradient is the sum over the two rows. Rules need not think of it. They give a gradient in the shape of
# the result, and one function sums it down to the shape of the argument. (NumPy lines two shapes up at their right ends
# and fills the shorter one with ones. `padded` is the argument's shape after that.)


# %%
# Engine: un-broadcasting
def unbroadcast(g, shape):
    if g.shape == shape:
        return g
    padded = (1,) * (len(g.shape) - len(shape)) + shape
    axes = tuple(i for i, n in enumerate(padded) if n == 1 and g.shape[i] != 1)
    return np.reshape(np.sum(g, axes), shape)


# %%
g = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
assert np.array_equal(unbroadcast(g, (3,)), [11, 22, 33])  # stretched over rows: summed over rows
assert np.array_equal(unbroadcast(g, (2, 1)), [[6], [60]])  # stretched over columns
assert unbroadcast(g, ()) == 66  # one number used everywhere

# %% [markdown]
# ## 5. The walk back, newest first
#
# Start at the result with gradient 1. Take the newest node that has a gradient, ask its rules what its arguments get,
# add that to what they have already, and go on until nothing is left.
#
# Why the newest? Everything that used a node is newer than the node. So when its turn comes, all its users have been
# visited, and its gradient is complete. A heap, a queue that always gives out its smallest entry, keeps the order;
# we put in minus the time to get the largest.
#
# `lift` says what the rules shall run on. Until section 8, read `lift(a)` as `a.value`.


# %%
# Engine: the walk
def backpropagate(root, lift=lambda node: node.value):
    gradients, heap = {root: lift(Node(np.ones_like(root.value)))}, [(-root.time, root)]
    while heap:
        node = heapq.heappop(heap)[1]
        values = [lift(a) if isinstance(a, Node) else a for a in node.args]
        for a, rule in zip(node.args, RULES.get(node.function, ()), strict=False):  # a shape or an axis has no rule
            if isinstance(a, Node):
                ga = unbroadcast(rule(gradients[node], lift(node), *values), a.value.shape)
                if a not in gradients:
                    heapq.heappush(heap, (-a.time, a))
                gradients[a] = gradients[a] + ga if a in gradients else ga
    return gradients


# %% [markdown]
# That is backpropagation. On the neuron it finds the numbers of notebook 01:

# %%
gradients = backpropagate(y)

by_hand = 1 - np.tanh(2.0 * -3.0 + 6.88) ** 2  # tanh' = 1 - tanh²
assert np.allclose([gradients[total], gradients[b]], by_hand)  # a sum hands its gradient to both sides
assert np.allclose([gradients[x], gradients[w]], [by_hand * -3.0, by_hand * 2.0])  # each side gets the other factor

for node in sorted(gradients, key=lambda node: -node.time):
    name = node.function.__name__ if node.function else "leaf"
    print(f"time {node.time}   {name:8}   value {node.value:7.4f}   gradient {gradients[node]:7.4f}")

# %% [markdown]
# ## 6. A handle that looks like an array
#
# Writing `record(np.add, …)` is tedious. NumPy has a door for guests. When one of its functions meets an object with a
# certain method, it asks that object to do the call, and we record it. The element-wise functions such as `np.tanh`,
# which NumPy calls *ufuncs*, and `@` ask for `__array_ufunc__`; the others, such as `np.sum`, for `__array_function__`.
# (`np.add.reduce`, for instance, is a ufunc called by another `method`, and refused.) `NDArrayOperatorsMixin`, from
# NumPy itself, turns `+`, `*`, `@` and the other operators into such calls.
#
# `grad` is what a user calls: the gradients of `y` in each of `xs`. What `create_graph` is good for comes in section 8.


# %%
# Engine: the handle
class Toy(np.lib.mixins.NDArrayOperatorsMixin):
    def __init__(self, data):
        self.node = data if isinstance(data, Node) else Node(np.array(data, float))

    shape = property(lambda self: self.node.value.shape)

    def __array_ufunc__(self, ufunc, method, *args, **settings):
        return NotImplemented if method != "__call__" else self.__array_function__(ufunc, (), args, settings)

    def __array_function__(self, function, types, args, settings):
        if settings:
            raise NotImplementedError(f"{function.__name__}: give {', '.join(settings)} by position, if at all")
        return Toy(record(function, tuple(a.node if isinstance(a, Toy) else a for a in args)))


def grad(y, *xs, create_graph=False):
    gradients = backpropagate(y.node, Toy) if create_graph else backpropagate(y.node)
    return [gradients[x.node] for x in xs]


# %% [markdown]
# Now the neuron is plain NumPy:

# %%
x, w, b = Toy(2.0), Toy(-3.0), Toy(6.88)
dx, dw, db = grad(np.tanh(x * w + b), x, w, b)
assert np.allclose([dx, dw, db], [by_hand * -3.0, by_hand * 2.0, by_hand])
dx, dw, db

# %% [markdown]
# The engine is complete. How long is it? Blank lines and comments do not count.

# %%
cells = {cell.splitlines()[0]: cell for cell in get_ipython().user_ns["In"] if cell.startswith("# Engine")}
text = [line for cell in cells.values() for line in cell.splitlines()]
lines = [line for line in text if line.strip() and not line.strip().startswith("#")]
assert len(lines) <= 60
assert max(map(len, lines)) <= 120  # and none is cheating
assert len(RULES) == 15
print(len(lines), "lines, with the rules of", len(RULES), "functions")

# %% [markdown]
# ## 7. Is it right?
#
# Two judges. The first is the central difference of notebook 01, `(f(x + h) - f(x - h)) / 2h`. It is slow, and good to
# seven digits or a few more; but it cannot share a mistake with our rules. The second judge is the real engine.


# %%
def differences(f, arrays, h=1e-6):
    """The gradient of f in each of `arrays`, one number at a time."""
    found = []
    for i, array in enumerate(arrays):
        d = np.zeros(array.shape)
        for at in np.ndindex(array.shape):
            up, down = array.copy(), array.copy()
            up[at] += h
            down[at] -= h
            d[at] = (f(*arrays[:i], up, *arrays[i + 1 :]) - f(*arrays[:i], down, *arrays[i + 1 :])) / (2 * h)
        found.append(d)
    return found


def judge(f, *arrays):
    """Hold the toy's gradients against central differences, and against the real engine's."""
    arrays = [np.array(a, float) for a in arrays]
    toys = [Toy(a) for a in arrays]
    ours = grad(f(*toys), *toys)
    theirs = ag.grad(f, argnums=tuple(range(len(arrays))))(*arrays)  # argnums: in which arguments, here in all
    for g, measured, other in zip(ours, differences(f, arrays), theirs, strict=True):
        assert g.shape == measured.shape == other.shape
        assert np.allclose(g, measured, rtol=1e-7, atol=1e-7)
        assert np.allclose(g, other, rtol=1e-12, atol=1e-12)


# %% [markdown]
# A few expressions, each plain NumPy that runs on arrays, on toys and on the real engine's tensors alike:

# %%
rng = np.random.default_rng(0)
expressions = {
    "x used three times": (lambda x: np.sum(x * x + x), rng.normal(size=3)),
    "row and column": (lambda r, c: np.sum(np.exp(r / c)), rng.normal(size=3), 2 + rng.random((2, 1))),
    "powers": (lambda a, b: np.sum(a**b - a**3), 1 + rng.random(4), rng.normal(size=4)),
    "log-sum-exp of rows": (lambda z: np.sum(np.log(np.sum(np.exp(z), 1)) ** 2), rng.normal(size=(2, 3))),
    "matrices": (lambda a, b: np.sum(np.tanh(a @ b) * a), rng.normal(size=(3, 3)), rng.normal(size=(3, 3))),
    "a stack by a matrix": (lambda a, b: np.sum(np.tanh(a @ b)), rng.normal(size=(4, 2, 3)), rng.normal(size=(3, 3))),
}
for name, (f, *arrays) in expressions.items():
    judge(f, *arrays)
    print(f"{name:20} differences agree to 1e-7, the real engine to 1e-12")

# %% [markdown]
# The chain rule sums over all *paths* through the graph, and there can be very many. Doubling forty times, each time as
# a sum of two equal sides, leaves 2⁴⁰ paths from the result to `x`, a million million. But there are only 41 nodes. The
# walk visits each of them once, for it adds up at every node before it goes on.

# %%
x = Toy(1.0)
y = x
for _ in range(40):
    y = y + y
(dx,) = grad(y, x)
assert dx == 2**40
assert len(backpropagate(y.node)) == 41

# %% [markdown]
# ### A net with two layers
#
# Notebook 05 explains nets. Here it is enough that one is a formula with numbers that may be chosen, its *weights*:
# sixteen neurons beside each other (the *hidden layer*), and a weighted sum of what they give, 49 weights in all. It is
# to follow a noisy curve, and the *loss* says how badly it does: the mean of the squared distances from the points.

# %%
inputs = np.linspace(-2, 2, 40)[:, None]
targets = np.sin(2 * inputs) + 0.1 * rng.normal(size=inputs.shape)


def net(x, W1, b1, W2, b2):
    return np.tanh(x @ W1 + b1) @ W2 + b2


def loss(*weights):
    return np.sum((net(inputs, *weights) - targets) ** 2) / len(inputs)


weights = [rng.normal(size=(1, 16)), rng.normal(size=16), rng.normal(size=(16, 1)) / 4, np.zeros(1)]
assert sum(v.size for v in weights) == 49
judge(loss, *weights)

# %% [markdown]
# Both judges agree. So train it, by the gradient descent of notebook 01: a small step against the gradient, 2000 times.

# %%
losses, before = [], net(inputs, *weights)
for _ in range(2000):
    toys = [Toy(v) for v in weights]
    value = loss(*toys)
    weights = [v - 0.1 * g for v, g in zip(weights, grad(value, *toys), strict=True)]
    losses.append(float(value.node.value))

assert losses[0] > 0.4
assert losses[-1] < 0.01
assert losses[-1] < np.mean((np.sin(2 * inputs) - targets) ** 2)  # closer to the points than the true curve is

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
left.plot(inputs, targets, "o", color="0.6", markersize=4, label="data")
left.plot(inputs, before, "--", color="tab:orange", label="net before")
left.plot(inputs, net(inputs, *weights), color="tab:blue", label="net after 2000 steps")
left.set(xlabel="input", ylabel="output", title="The curve")
left.legend(frameon=False, fontsize=8)
right.semilogy(losses, color="tab:blue")
right.axhline(0.01, color="0.6", linestyle=":", label="variance of the noise, 0.1²")
right.set(xlabel="step", ylabel="mean squared error", title="The loss")
right.legend(frameon=False, fontsize=8)
plt.show()

# %% [markdown]
# The blue curve runs through the points. On the right, the dotted line is the error that the true curve makes on
# average, for noise cannot be foretold. In the end the net is below it: it has begun to learn the noise.
#
# ## 8. The same rules, run on toys: second derivatives
#
# So far `lift` handed arrays to the rules. Now let it hand them toys, handles on the nodes; that is what
# `create_graph=True` does above. Nothing else changes. But now the rules' own products and sums are recorded. So the
# gradient that comes out is a toy with a history, and can be differentiated like any other toy. And again.
#
# Here are `tanh` and its first three derivatives; each curve is the slope of the one before. (For an array `y` we get
# the gradient of its sum. As each element of `y` depends on one element of `x` only, that is the derivative, element by
# element.)

# %%
x = Toy(np.linspace(-3, 3, 121))
derivatives = [np.tanh(x)]
for _ in range(3):
    derivatives += grad(derivatives[-1], x, create_graph=True)

t = np.tanh(x.node.value)
closed_forms = [t, 1 - t**2, -2 * t * (1 - t**2), (6 * t**2 - 2) * (1 - t**2)]
for ours, closed_form in zip(derivatives, closed_forms, strict=True):
    assert np.allclose(ours.node.value, closed_form, rtol=0, atol=1e-12)

figure, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
for derivative, label in zip(derivatives, ["tanh", "first derivative", "second", "third"], strict=True):
    axes.plot(x.node.value, derivative.node.value, label=label)
axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
axes.set(xlabel="x", title="tanh, derived once, twice and three times")
axes.legend(frameon=False, fontsize=8)
plt.show()

# %% [markdown]
# ## 9. Borrowed rules
#
# The real engine keeps its rules in a table of the same kind, as NumPy expressions that are called in the same way. So
# the toy can simply take them. Here is the row of sine as it stands in the real source, and then five functions that
# the toy learns in one line.

# %%
from autograd_lite.engine.graph import TABLE

print(inspect.getsource(next(iter(TABLE[np.sin].rules))))

# %%
RULES |= {function: tuple(TABLE[function].rules) for function in (np.sin, np.cos, np.sinh, np.cosh, np.arctan)}


def f(x):
    return np.sum(np.sin(x) * np.cosh(x) + np.arctan(x * np.cos(x)) - np.sinh(x))


judge(f, rng.normal(size=4))

# %% [markdown]
# ## 10. What the real engine adds
#
# The idea is all here. What a toy may ignore and a tool may not:
#
# - **Stale leaves.** Change a weight between the forward pass and the walk, and the toy computes with the new value and
#   says nothing. The real engine raises.
# - **Ownership.** A gradient you are given is yours. In the toy, `y = a + b` gives `a` and `b` one and the same array.
# - **Dtypes.** The gradient of a float32 array is float32. The toy makes everything float64.
# - **Functions.** Hundreds instead of 15, with their settings, and a decision at every tie and edge.
# - **Readers.** Drawing, step-through and `compile` read the same record.
#
# [How the engine is built](../docs/explanation/design.md) tells the rest.
#
# ## Exercise
#
# Teach the toy `np.maximum(a, b)`, so that it can train nets with `np.maximum(x, 0)`. The larger argument gets the
# gradient, the other nothing; where both are equal, each gets half. A rule must not ask `if a > b`, for `a` and `b` are
# arrays, or toys. `np.heaviside(x, 0.5)` helps: it is 0 for x < 0, 1 for x > 0 and one half at 0. It is flat on both
# sides, so its own row in the table has no rules at all: nothing is handed on.
#
# Check it on arrays with a tie, against the real engine; and away from ties, against differences as well.
#
# **Solution**

# %%
RULES[np.heaviside] = ()
RULES[np.maximum] = (
    lambda g, y, a, b: g * np.heaviside(a - b, 0.5),
    lambda g, y, a, b: g * np.heaviside(b - a, 0.5),
)

tied = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])
a, b = Toy(tied[0]), Toy(tied[1])
da, db = grad(np.maximum(a, b), a, b)
assert np.array_equal(da, [0, 0.5, 1])
assert np.array_equal(db, [1, 0.5, 0])
theirs = ag.grad(lambda a, b: np.sum(np.maximum(a, b)), argnums=(0, 1))(*tied)
assert np.array_equal([da, db], theirs)


def net(x, W1, b1, W2, b2):
    return np.maximum(x @ W1 + b1, 0) @ W2 + b2


judge(loss, *weights)  # loss now calls the new net
da, db
