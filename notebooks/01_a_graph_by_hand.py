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
# # A graph by hand, drawn and stepped through
#
# How much does a result change when one of the numbers that it was computed from changes a little? This notebook
# answers that for a computation of three steps: by trying, by hand, and by the engine. You need NumPy and no calculus
# beyond the word *slope*. Everything in the later notebooks rests on this.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np

import autograd_lite as ag

plt.rcParams["figure.dpi"] = 72

# %% [markdown]
# ## 1. Nudge an input, see the output
#
# Take $y = x^2$ at x = 3. Raise x by a small h. By how many times h does y rise?


# %%
def square(x):
    return x**2


ratios = [(square(3 + h) - square(3)) / h for h in (1, 0.1, 0.01, 0.001)]
assert np.allclose(ratios, [7, 6.1, 6.01, 6.001])
ratios

# %% [markdown]
# The smaller the nudge, the closer to 6. This number is the *derivative* of y with respect to x, written dy/dx. Read it
# as a *sensitivity*: near x = 3, y moves six times as much as x does.
#
# Nudging up *and* down is more exact. The difference of the two is called a *central difference*, and it will be our
# referee, for it knows no rules that could be wrong.


# %%
def sensitivity(f, inputs, which, h=1e-6):
    """How many times as much as the input number `which` the output of f moves."""
    up, down = list(inputs), list(inputs)
    up[which] += h
    down[which] -= h
    return (f(*up) - f(*down)) / (2 * h)


assert np.isclose(sensitivity(square, [3.0], 0), 6)
print(sensitivity(square, [3.0], 0))

# %% [markdown]
# ## 2. Three small steps
#
# These are all that we need.
#
# **A sum**, $a + b$. Raise either side by h and the sum rises by h. Both sensitivities are 1.
#
# **A product**, $a \cdot b$. Raise a by h and the product rises by $b \cdot h$. So the sensitivity to a is b, and that
# to b is a: *the other factor*.
#
# **tanh**, a curve that squashes every number to between −1 and 1. Its sensitivity is its slope, and there is a formula
# for it: $1 - \tanh^2$. We take it from a table and let the referee check it at three places: far out, in the middle,
# and at 0.88, which comes back in section 4.

# %%
add, multiply = (lambda a, b: a + b), (lambda a, b: a * b)
at = [2.0, -3.0]
assert np.allclose([sensitivity(add, at, 0), sensitivity(add, at, 1)], [1, 1])
assert np.allclose([sensitivity(multiply, at, 0), sensitivity(multiply, at, 1)], [-3, 2])

places = np.array([-2.5, 0.0, 0.88])
slopes = 1 - np.tanh(places) ** 2
assert np.allclose(slopes, [sensitivity(np.tanh, [place], 0) for place in places])
assert np.allclose(slopes, [0.0266, 1, 0.501], atol=5e-5)
assert slopes[0] < 1 / 30

line = np.linspace(-4, 4, 200)
fig, axes = plt.subplots(figsize=(6, 3), layout="constrained")
axes.plot(line, np.tanh(line), color="tab:blue")
for place, slope, offset in zip(places, slopes, [(-30, 12), (14, -10), (12, -16)], strict=True):
    near = np.array([-0.9, 0.9])
    axes.plot(place + near, np.tanh(place) + slope * near, color="tab:red")
    axes.plot(place, np.tanh(place), "ko", markersize=5)
    axes.annotate(f"slope {slope:.3f}", (place, np.tanh(place)), offset, textcoords="offset points")
axes.set(xlabel="x", ylabel="tanh(x)")
plt.show()

# %% [markdown]
# In the middle tanh passes a nudge on whole; at 0.88 half of it, and at −2.5 not even a thirtieth. (A tanh so far out
# is called *saturated*; notebook 08 shows the harm.)
#
# ## 3. The chain rule
#
# Now put one step behind another: first $v = 3x$, then $y = \tanh v$. A nudge of x becomes three times as large in v.
# What tanh makes of it is a matter of its slope at v, and of nothing else. So the two sensitivities are multiplied:
#
# $$\frac{dy}{dx} = \frac{dy}{dv} \cdot \frac{dv}{dx}$$
#
# That is the *chain rule*. It works like gears: if the first makes it three times as fast and the second half as fast,
# the two together make it one and a half times as fast.

# %%
x = 0.2
v = 3 * x
chained = (1 - np.tanh(v) ** 2) * 3
assert np.isclose(chained, sensitivity(lambda x: np.tanh(3 * x), [x], 0))
print(chained)

# %% [markdown]
# What is remarkable about it is what it does *not* need. No step has to know the whole formula. Each takes the number
# that it is given, multiplies it by its own slope, and hands the result on.
#
# ## 4. A neuron, forwards
#
# The smallest piece of a *neural net* (notebook 05 makes a whole one): multiply an input x by a weight w, add a bias b,
# squash. The numbers are nearly those of *micrograd*, Andrej Karpathy's small engine for teaching.

# %%
x, w, b = 2.0, -3.0, 6.88

product = x * w
total = product + b
y = np.tanh(total)
assert np.isclose(y, 0.7064, atol=5e-5)
np.array([product, total, y])

# %% [markdown]
# ## 5. And backwards
#
# We want the sensitivity of y to all three inputs. Begin at the end: the sensitivity of y to itself is 1. Now go back a
# step at a time. At each one a number *arrives*: how sensitive y is to this step's result. Multiply it by the step's
# own sensitivities and hand the products on to what went into it. `dtotal` is short for "dy/dtotal", and so on:

# %%
dy = 1.0
dtotal = dy * (1 - y**2)  # tanh: its slope, 1 - tanh²
dproduct = dtotal * 1  # a sum hands what arrives to both sides
db = dtotal * 1
dx = dproduct * w  # a product hands each side the other factor
dw = dproduct * x
np.array([dx, dw, db])


# %%
def neuron(x, w, b):
    return np.tanh(x * w + b)


tried = [sensitivity(neuron, [x, w, b], which) for which in range(3)]
assert np.allclose([dx, dw, db], tried)
assert np.allclose([dx, dw, db], [-1.503, 1.002, 0.501], atol=5e-4)
np.array(tried)

# %% [markdown]
# The referee agrees. The three together are the *gradient*, and this walk is *backpropagation*. (One thing is missing,
# and section 8 adds it.)
#
# Why walk back, if nudging gives the same? Because of the price. Nudging runs the computation twice for every input.
# The walk back passes each step once and finds the sensitivities to all inputs, however many there are, and a net has
# thousands or billions. Here is the count for a neuron with a thousand weights. The walk is left to the engine:
# `ag.grad(f)` is the function that gives the gradient of f.

# %%
runs = 0


def wide_neuron(weights):
    global runs
    runs += 1
    return np.tanh(np.sum(weights))


weights = np.linspace(-0.01, 0.011, 1000)
by_nudging = []
for i in range(1000):
    one = np.zeros(1000)
    one[i] = 1e-6
    by_nudging.append((wide_neuron(weights + one) - wide_neuron(weights - one)) / 2e-6)
runs_nudging, runs = runs, 0
walked_back = ag.grad(wide_neuron)(weights)  # one run forwards and one walk back, for all thousand

assert np.allclose(by_nudging, walked_back)
assert (runs_nudging, runs) == (2000, 1)
runs_nudging, runs

# %% [markdown]
# ## 6. By the engine
#
# A *tensor* is an array (here a single number) that is watched. NumPy's functions work on it as usual, and each result
# keeps, beside its value, which function made it and from what. `requires_grad=True` says: for this one we shall want
# the gradient. `backward()`, called on the result, walks back and leaves in `.grad` what has arrived.

# %%
x = ag.tensor(2.0, requires_grad=True, name="x")
w = ag.tensor(-3.0, requires_grad=True, name="w")
b = ag.tensor(6.88, requires_grad=True, name="b")

y = neuron(x, w, b)  # the same function as above
y.backward()
assert np.allclose([x.grad, w.grad, b.grad], [dx, dw, db])
np.array([x.grad, w.grad, b.grad])

# %% [markdown]
# What was kept is a *graph*: a box for every value, an arrow for every use. The engine draws it:

# %%
ag.draw(y)

# %% [markdown]
# Forwards is from left to right. In each box stand the value and the gradient: the sensitivity of y to this value. Go
# back from the right and find the numbers of section 5: 1 at tanh, 0.501 at the sum and at both that went into it, and
# then −1.503 and 1.002. The arrows are the darker the larger the gradient. (A *scalar* is a single number; `float64` is
# NumPy's usual kind of number.)
#
# The green boxes were not computed; they were given. Such boxes, or *nodes*, are called *leaves*. The others are named
# after their function, unless we give them a name of their own:

# %%
product = x * w
product.name = "product"
total = product + b
total.name = "total"
y = np.tanh(total)
y.name = "y"
steps = ag.step_through(y, title="a neuron")
print(steps)

# %% [markdown]
# `ag.step_through` lists the steps, forward and then back, with each rule in symbols and in numbers. In a rule `g`
# stands for the number that arrives, `y` for the result of the step, `a` and `b` for what went into it. So
# `g * (1 - y * y)` is our line for tanh, and `g * b` the one for a product. (That `b` is the right-hand side of the
# product, not our bias; the end of the line says who is who.) In the last step the engine nudges and compares, as we
# did.
#
# ## 7. Stepping through
#
# In a notebook a step-through shows itself as a page. The button ▶ plays it, the ones beside it go a step on or back,
# and a click on a box shows its step. Values are blue and fill in from left to right; gradients are red and fill in
# from right to left. (∂y/∂x is the usual way to write dy/dx where y depends on several inputs. A viewer that runs no
# programs, such as GitHub's, leaves the page out; then read the list above.)

# %%
steps

# %% [markdown]
# `steps.save("neuron.html")` keeps the page as one file, and [the command line](../docs/howto/draw.md) makes it without
# any Python code.
#
# ## 8. A value that is used twice
#
# So far every value went into one step. Now let it go into two: $x \cdot x$ at x = 3, a product whose two sides are the
# same. Each side gets the other factor, 3. We know from section 1 that the answer is 6. So where a value is used twice,
# *what arrives along the two ways is added*. A nudge of x acts along both.

# %%
x = ag.tensor(3.0, requires_grad=True, name="x")
y = x * x
y.backward()
assert x.grad == 3 + 3
ag.draw(y)

# %% [markdown]
# Two arrows leave the one box, and both bring back a 3. For the same reason `.grad` adds up from one `backward()` to
# the next: a second result that uses the same x adds its part. To begin anew, say so: `x.grad = None`.

# %%
(2 * x).backward()
assert x.grad == 3 + 3 + 2
x.grad = None
(2 * x).backward()
assert x.grad == 2
x.grad

# %% [markdown]
# ## 9. What it is good for
#
# A gradient is a forecast. The neuron gave 0.706. Suppose that 0.6 was wanted, and that w and b may be changed. The
# sensitivities were 1.002 to w and 0.501 to b: w counts twice as much as b, and both should go down. So change each by
# −0.02 times its own sensitivity; 0.02 is a choice. The forecast for y: each change times its sensitivity, added.

# %%
change_w, change_b = -0.02 * dw, -0.02 * db
forecast = dw * change_w + db * change_b
happened = neuron(2.0, -3.0 + change_w, 6.88 + change_b) - neuron(2.0, -3.0, 6.88)
assert forecast < 0
assert 0.03 < happened / forecast - 1 < 0.04
print(f"forecast {forecast:.4f}, happened {happened:.4f}")

# %% [markdown]
# Nearly right: 4 percent off, because the slope itself changes on the way. The smaller the change, the better the
# forecast. To repeat this, a small step and a new gradient each time, is all of *learning* by *gradient descent*. Here
# are the steps, now with 0.01, until the neuron gives 0.6 or less:

# %%
w, b = ag.tensor(-3.0, requires_grad=True, name="w"), ag.tensor(6.88, requires_grad=True, name="b")
outputs = []
while (y := neuron(2.0, w, b)).item() > 0.6:
    outputs.append(y.item())  # the bare number
    w.grad = b.grad = None
    y.backward()
    w.data -= 0.01 * w.grad  # .data: the array itself, changed without being recorded
    b.data -= 0.01 * b.grad
outputs.append(y.item())
assert len(outputs) == 8  # the start and seven steps
assert np.all(np.diff(np.diff(outputs)) < 0)
np.round(outputs, 3)

# %% [markdown]
# Seven steps. Each takes y down a little further than the one before, although the factor 0.01 stays: towards the
# middle tanh gets steeper, and a steeper slope is a larger gradient.
#
# Notebook 02 builds an engine that does the walk, from nothing, in 60 lines; 03 lets such steps fit a line to real
# data.
#
# ## Exercise
#
# micrograd's own neuron has two inputs: $y = \tanh(x_1 w_1 + x_2 w_2 + b)$, with $x_1 = 2$, $x_2 = 0$, $w_1 = -3$,
# $w_2 = 1$ and b = 6.8813735870195432. Work out the five gradients by hand; only for tanh ask NumPy. Compare with the
# engine and draw the graph. The gradient of $w_2$ is 0; does it not matter to y, then?
#
# **Solution.**

# %%
total = 2.0 * -3.0 + 0.0 * 1.0 + 6.8813735870195432
arrives = 1 - np.tanh(total) ** 2  # at the sum, and so at both products and at b
by_hand = {"x1": arrives * -3, "w1": arrives * 2, "x2": arrives * 1, "w2": arrives * 0, "b": arrives}

start = {"x1": 2.0, "w1": -3.0, "x2": 0.0, "w2": 1.0, "b": 6.8813735870195432}
leaves = {name: ag.tensor(value, requires_grad=True, name=name) for name, value in start.items()}
x1, w1, x2, w2, b = leaves.values()
y = np.tanh(x1 * w1 + x2 * w2 + b)
y.backward()

for name, leaf in leaves.items():
    assert np.isclose(leaf.grad, by_hand[name])
assert np.allclose(list(by_hand.values()), [-1.5, 1, 0.5, 0, 0.5])
assert ag.grad(lambda w2: np.tanh(2.0 * -3.0 + 0.1 * w2 + 6.88))(1.0) > 0.04  # with another x2, w2 does matter
ag.draw(y)

# %% [markdown]
# The odd b was chosen to make the numbers round. And $w_2$: its product hands it the other factor, $x_2$, which is 0
# here. *At this place* a nudge of $w_2$ does nothing. A sensitivity is always one at a place, and for a net to learn
# $w_2$ it must see an input where $x_2$ is not 0.
