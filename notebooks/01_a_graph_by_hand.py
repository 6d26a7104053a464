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
# # A graph by hand
#
# Backpropagation is the chain rule, applied to a record of what was computed. Here is a computation of three steps:
# multiply, add, squash.

# %%
import numpy as np

import autograd_lite as ag

x = ag.tensor(2.0, requires_grad=True, name="x")
w = ag.tensor(-3.0, requires_grad=True, name="w")
b = ag.tensor(6.88, requires_grad=True, name="b")

product = x * w
total = product + b
y = np.tanh(total)
y

# %% [markdown]
# Each result remembers the function that made it and what it was made from. Going back from `y`, every step multiplies
# the gradient that arrives by its own derivative and hands it on. By hand:

# %%
dy = 1.0
dtotal = dy * (1 - np.tanh(2.0 * -3.0 + 6.88) ** 2)  # tanh' = 1 - tanh²
dproduct = db = dtotal  # a sum hands its gradient to both sides
dx, dw = dproduct * -3.0, dproduct * 2.0  # a product hands each side the other factor
dx, dw, db

# %% [markdown]
# The engine does the same, newest node first:

# %%
y.backward()
assert np.allclose([x.grad, w.grad, b.grad], [dx, dw, db])
x.grad, w.grad, b.grad

# %% [markdown]
# A rule of the engine is such a line and nothing else: `lambda g, y, x: g * (1 - y * y)` is the one of tanh. Because it
# is made of functions that have rules themselves, the derivative can be derived again. With t = tanh, the second
# derivative of t is -2 t (1 - t²):

# %%
(first,) = ag.autograd.grad(np.tanh(total), total, create_graph=True)
(second,) = ag.autograd.grad(first, total)
t = y.item()
assert np.allclose(second, -2 * t * (1 - t**2))
first, second

# %% [markdown]
# The graph as a picture: a box for every value, with its gradient; an arrow for every use, the darker the larger the
# gradient is.

# %%
ag.draw(y)

# %% [markdown]
# **Exercise.** What is the gradient of `x * x` at x = 3, seen as a product with two equal sides? Each side gets the
# other factor, and both contributions belong to the same x: they add up.

# %%
x = ag.tensor(3.0, requires_grad=True)
(x * x).backward()
assert x.grad == 3 + 3
x.grad
