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
# step's own derivative and handed on. Here we build the machine that does it for any NumPy expression, from nothing,
# in no more than 60 lines. It is a toy, but of the same design as the real engine, so at the end we can hold one
# against the other, number by number, and even let the toy borrow the real one's rules.
#
# There are five pieces: a **node** for every value, a table of **rules**, a **recorder**, the **walk** back, and a
# **handle** that makes a node look like an array. The cells that belong to the engine begin with `# Engine`; we count
# their lines later. It stands on NumPy and on two small parts of Python:

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
# time. A value that nobody computed (an input, a weight) has no function: it is a *leaf*.
#
# Time is a plain counter. Whatever a node was made from existed before it, so it has a smaller time. That is all the
# order that the walk back will need.

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
# the function. Take the product `y = a * b`: if `a` grows by a little, `y` grows by `b` times as much, so `a` gets
# `g * b`, and `b` gets `g * a`. For tanh it is the line from notebook 01.
#
# The table is a dictionary, and its key is the NumPy function itself.

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
# (`np.matmul` is what `@` calls; our rule for it is for matrices; a vector cannot be transposed, and NumPy says so.)
#
# Two things to notice. A sum hands its gradient to everything that was summed, so `np.sum` spreads `g` over the shape
# of `x`. And every function *in* a rule stands in the table, too; later that will give us second derivatives for free.
#
# ## 3. Recording is calling, with a note taken
#
# To record a call: take the values out of the nodes, call the function on them, and put the result into a new node. A
# function without rules is refused. (Leaving it out of the record in silence would give a wrong gradient later, which
# is far worse than an error now.)


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
# the result, and one function sums it down to the shape of the argument, whatever the operation was.


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
# `lift` says what the rules shall run on. Left alone, it takes a node and gives its value, an array.


# %%
# Engine: the walk
def backpropagate(root, lift=lambda node: node.value):
    gradients, heap = {root: lift(Node(np.ones_like(root.value)))}, [(-root.time, root)]
    while heap:
        node = heapq.heappop(heap)[1]
        values = [lift(a) if isinstance(a, Node) else a for a in node.args]
        for a, rule in zip(node.args, RULES.get(node.function, ()), strict=False):
            if isinstance(a, Node):
                ga = unbroadcast(rule(gradients[node], lift(node), *values), a.value.shape)
                if a not in gradients:
                    heapq.heappush(heap, (-a.time, a))
                gradients[a] = gradients[a] + ga if a in gradients else ga
    return gradients


# %% [markdown]
# That is backpropagation. On the neuron, against the hand calculation of notebook 01:

# %%
gradients = backpropagate(y)

by_hand = 1 - np.tanh(2.0 * -3.0 + 6.88) ** 2  # tanh' = 1 - tanh²
assert np.allclose([gradients[total], gradients[b]], by_hand)  # a sum hands its gradient to both sides
assert np.allclose([gradients[x], gradients[w]], [by_hand * -3.0, by_hand * 2.0])  # each side gets the other factor

for node in sorted(gradients, key=lambda node: -node.time):
    name = node.function.__name__ if node.function else "leaf"
    print(f"time {node.time}   {name:8}   value {node.value:7.4f}   gradient {gradients[node]:7.4f}")

# %% [markdown]
# The same graph in the real engine, as it draws itself. The boxes are the lines above: in each, the value and the
# gradient. (Their times differ, for they run on another clock.)

# %%
neuron = np.tanh(
    ag.tensor(2.0, requires_grad=True, name="x") * ag.tensor(-3.0, requires_grad=True, name="w")
    + ag.tensor(6.88, requires_grad=True, name="b")
)
assert np.allclose(float(neuron), y.value)
ag.draw(neuron)

# %% [markdown]
# ## 6. A handle that looks like an array
#
# Writing `record(np.add, …)` is tedious. NumPy has a door for guests: when one of its functions meets an object with
# `__array_ufunc__` (asked by element-wise functions such as `np.tanh`, and by `@`) or `__array_function__` (asked by
# the others, such as `np.sum`), it asks that object to do the call. We record it. `NDArrayOperatorsMixin`, from NumPy
# itself, turns `+`, `*`, `@` and the other operators into such calls.
#
# `grad` is the front door: the gradients of `y` in each of `xs`. What `create_graph` is good for comes later.


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
# ## Is it right?
#
# Two judges. The first needs no theory: move one number a little up and a little down, and see how much the result
# changes. That is a *central difference*, `(f(x + h) - f(x - h)) / 2h`. It is slow, two evaluations for every number,
# and good to seven digits or a few more; but it cannot share a mistake with our rules. The second judge is the real
# engine.


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
    theirs = ag.grad(f, argnums=tuple(range(len(arrays))))(*arrays)
    for g, measured, other in zip(ours, differences(f, arrays), theirs, strict=True):
        assert g.shape == measured.shape == other.shape
        assert np.allclose(g, measured, rtol=1e-7, atol=1e-7)
        assert np.allclose(g, other, rtol=1e-12, atol=1e-12)


# %% [markdown]
# A few expressions, each plain NumPy that runs on arrays, on toys and on the real engine's tensors alike: one value
# used three times, broadcasting, a power, a sum along an axis.

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
# a sum of two equal sides, leaves 2⁴⁰ paths from the result to `x`, a million million. But there are only 41 nodes, and
# the walk visits each of them once: it adds up at every node before it goes on.

# %%
x = Toy(1.0)
y = x
for _ in range(40):
    y = y + y
(dx,) = grad(y, x)
assert dx == 2**40
assert len(backpropagate(y.node)) == 41

# %% [markdown]
# And what has no rule, or is called in a way that the rule does not know, is refused:

# %%
for call in (lambda x: np.cos(x), lambda x: np.sum(x, axis=0), lambda x: grad(Toy(np.eye(2)) @ x, x)):
    try:
        call(Toy([1.0, 2.0]))
    except (NotImplementedError, ValueError) as error:
        print("refused:", error)
    else:
        raise AssertionError("this should have been refused")

# %% [markdown]
# ## A net with two layers
#
# A hidden layer of 16 tanh units and a linear output, to fit a noisy curve. Net and loss are plain NumPy.

# %%
inputs = np.linspace(-2, 2, 40)[:, None]
targets = np.sin(2 * inputs) + 0.1 * rng.normal(size=inputs.shape)


def net(x, W1, b1, W2, b2):
    return np.tanh(x @ W1 + b1) @ W2 + b2


def loss(*weights):
    return np.sum((net(inputs, *weights) - targets) ** 2) / len(inputs)


weights = [rng.normal(size=(1, 16)), rng.normal(size=16), rng.normal(size=(16, 1)) / 4, np.zeros(1)]
judge(loss, *weights)

# %% [markdown]
# Both judges agree. So train it: a step against the gradient, 2000 times.

# %%
losses, before = [], net(inputs, *weights)
for _ in range(2000):
    toys = [Toy(v) for v in weights]
    value = loss(*toys)
    weights = [v - 0.1 * g for v, g in zip(weights, grad(value, *toys), strict=True)]
    losses.append(float(value.node.value))

assert losses[0] > 0.4
assert losses[-1] < 0.02

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
# ## The same rules, run on toys: second derivatives
#
# So far `lift` handed arrays to the rules. Now let it hand them toys: `Toy(node)` is a handle on a node, and that is
# what `create_graph=True` does above. Nothing else changes. But now the rules' own products and sums are recorded, so
# the gradient that comes out is a toy with a history, and can be differentiated like any other toy. And again.
#
# `tanh` and its first three derivatives. (The gradient starts from ones, so for an array `y` we get the gradient of its
# sum; as each element of `y` depends on one element of `x` only, that is the derivative, element by element.)

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
# With many inputs the second derivative is a matrix, the *Hessian*: row i is the gradient of the i-th number of the
# gradient. To pick out the i-th number, multiply the gradient by an array that is 1 there and 0 elsewhere, and sum.


# %%
def hessian(f, x):
    rows = []
    for pick in np.eye(len(x)):
        toy = Toy(x)
        (first,) = grad(f(toy), toy, create_graph=True)
        rows += grad(np.sum(first * pick), toy)
    return np.array(rows)


def f(x):
    return np.log(np.sum(np.exp(x))) + np.sum(np.tanh(x)) ** 2


point = rng.normal(size=4)
assert np.allclose(hessian(f, point), ag.hessian(f)(point), rtol=0, atol=1e-12)
assert np.allclose(hessian(f, point), hessian(f, point).T)  # the order of two derivatives does not matter
hessian(f, point).round(3)

# %% [markdown]
# ## Borrowed rules
#
# The real engine keeps its rules in a table of the same kind. They are NumPy expressions called in the same way, so
# the toy can simply take them: here is the row of sine as it stands in the real source, and then five functions that
# the toy learns in one line.

# %%
from autograd_lite.graph import TABLE

print(inspect.getsource(next(iter(TABLE[np.sin].rules))))

# %%
RULES |= {function: tuple(TABLE[function].rules) for function in (np.sin, np.cos, np.sinh, np.cosh, np.arctan)}


def f(x):
    return np.sum(np.sin(x) * np.cosh(x) + np.arctan(x * np.cos(x)) - np.sinh(x))


judge(f, point)
assert np.allclose(hessian(f, point), ag.hessian(f)(point), rtol=0, atol=1e-12)  # to second order as well

# %% [markdown]
# ## What the real engine adds
#
# The idea is all here. What a toy may ignore and a tool may not:
#
# - **Stale leaves.** A rule needs the values of the forward pass. If you change a weight in between, the toy computes
#   with the new value and says nothing; the real engine notices and raises (below).
# - **Views.** `x[i] = v` and `x += v` are recorded. Where two arrays share memory and NumPy would change both, the
#   assignment is refused.
# - **Dtypes.** Gradients of float32 stay float32. The toy makes everything float64.
# - **Ownership.** A gradient you are given is yours: changing it changes nothing else. In the toy, `y = a + b` gives
#   `a` and `b` one and the same array.
# - **Memory and time.** It records only what leads to a leaf that wants a gradient, drops each gradient once it has
#   been handed on, and adds in place where nobody else can see it.
# - **Functions.** About 300 of them instead of 15, NumPy's and SciPy's, with their settings (`axis=`, `keepdims=`, …),
#   vectors in `@`, and a decision at every tie and edge.
# - **Readers of the graph.** Drawing, step-through and `compile` read the same record.
#
# The first, the third and the fourth point, and the number, seen:

# %%
toy = Toy([1.0, 2.0])
y = np.sum(toy * toy)
toy.node.value[0] = 100.0  # after the forward pass
assert np.array_equal(grad(y, toy)[0], [200, 4])  # wrong for the y we have: it was 2

tensor = ag.tensor([1.0, 2.0], requires_grad=True)
y = np.sum(tensor * tensor)
tensor.data = [100.0, 2.0]
try:
    y.backward()
except RuntimeError as error:
    print("the real engine:", error)
else:
    raise AssertionError("a stale leaf should have been noticed")

# %%
single = np.ones(3, np.float32)
toy = Toy(single)
assert grad(np.sum(toy), toy)[0].dtype == np.float64
assert ag.grad(np.sum)(single).dtype == np.float32

a, b = Toy([1.0, 2.0]), Toy([3.0, 4.0])
da, db = grad(a + b, a, b)
assert da is db

a, b = ag.tensor([1.0, 2.0], requires_grad=True), ag.tensor([3.0, 4.0], requires_grad=True)
np.sum(a + b).backward()
assert not np.shares_memory(a.grad, b.grad)

import autograd_lite.rules.special  # SciPy's functions, which are loaded on first use
from autograd_lite.cli.coverage import differentiable

assert 280 < len(differentiable()) < 320

# %% [markdown]
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


judge(loss, *weights)
assert np.allclose(hessian(lambda x: np.sum(np.maximum(x, 0) ** 2), np.array([-1.0, 2.0])), [[0, 0], [0, 2]])
da, db
