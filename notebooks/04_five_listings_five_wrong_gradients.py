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
# # Five listings, five wrong gradients
#
# Five articles on gradient descent, five short programs that fit a straight line. All five are wrong, each in its own
# way, and not one of the errors is exotic: they are the errors that everybody makes who derives by hand. For each we
# run the program as printed, let the engine derive the gradient, let `ag.diagnose_gradient` say what is wrong, mend
# the program, and hold its result against a number that was computed elsewhere.
#
# All five do the same thing. A *model* with parameters θ makes a prediction for every x. The *loss* J is one number
# that says how far the predictions are from the data y, here a mean or a sum of squares. The *gradient* ∇J has one
# entry for each parameter: how fast the loss grows with it. **Gradient descent** goes against it in small steps,
#
# $$\theta \leftarrow \theta - \alpha\,\nabla J(\theta),$$
#
# and α is called the learning rate. In code, where the gradient is any function that we are given:

# %%
import contextlib
import io
import traceback

import matplotlib.pyplot as plt
import numpy as np

import autograd_lite as ag


def descend(gradient, theta, rate, steps):
    """All the θ on the way."""
    path = [theta]
    for _ in range(steps):
        path.append(path[-1] - rate * gradient(path[-1]))
    return np.array(path)


# %% [markdown]
# Two helpers for handling programs as text. `run` executes a listing and shows the error, if there is one, and the
# line; `mend` replaces pieces of it and shows what it replaced.


# %%
def run(listing):
    names, printed = {}, io.StringIO()
    try:
        with np.errstate(all="ignore"), contextlib.redirect_stdout(printed):
            exec(compile(listing, "listing", "exec"), names)
    except Exception as error:
        line = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "listing"][-1]
        names["error"] = f"{type(error).__name__}: {error}"
        print(f"line {line}:  {listing.splitlines()[line - 1].strip()}\n{names['error']}")
    return names | {"printed": printed.getvalue().splitlines()}


def mend(listing, *edits):
    for old, new in edits:
        assert old in listing, old
        listing = listing.replace(old, new)
        print("- " + old + "\n+ " + new.replace("\n", "\n+ "))
    return listing


# %% [markdown]
# ## 1. Cannot run, cannot multiply, and goes uphill
#
# The first article fits y = wx + b, with a slope w and a *bias* b, to four points on the line y = 2x. (The listings are
# as printed; only comments and empty lines are left out here.)

# %%
first = """import numpy as np
def linear_regression(X, y, w, b):
    return np.dot(X, w) + b
def mse(y_true, y_pred):
    return np.mean((y_true - y_pred) ** 2)
def gradients(y_true, y_pred):
    dw = -(2 / len(y_true)) * np.dot(y_pred - y_true, X.T)
    db = -(2 / len(y_true)) * np.sum(y_pred - y_true)
    return dw, db
def gradient_descent(X, y, w, b, alpha, iterations):
    for _ in range(iterations):
        y_pred = linear_regression(X, y, w, b)
        dw, db = gradients(y_true, y_pred)
        w = w - alpha * dw
        b = b - alpha * db
    return w, b
X = np.array([[1], [2], [3], [4]])
y = np.array([2, 4, 6, 8])
w = np.random.randn(1)
b = np.random.randn(1)
alpha = 0.01
iterations = 1000
w_opt, b_opt = gradient_descent(X, y, w, b, alpha, iterations)
y_pred_opt = linear_regression(X, y, w_opt, b_opt)
print("优化后的参数：", w_opt, b_opt)
print("预测值：", y_pred_opt)
"""
assert run(first)["error"] == "NameError: name 'y_true' is not defined"

# %% [markdown]
# A slip of a name. Behind it waits the next error: four *residuals*, prediction minus datum, cannot be
# multiplied by a row of four from the left.

# %%
first = mend(first, ("dw, db = gradients(y_true, y_pred)", "dw, db = gradients(y, y_pred)"))
assert run(first)["error"].startswith("ValueError: shapes (4,) and (1,4) not aligned")

# %% [markdown]
# With the factors in the right order it runs, now from w = b = 0, so that everybody gets the same. The worst comes
# last, because nothing complains any more:

# %%
first = mend(
    first,
    ("np.dot(y_pred - y_true, X.T)", "np.dot(X.T, y_pred - y_true)"),
    ("w = np.random.randn(1)", "w = np.zeros(1)"),
    ("b = np.random.randn(1)", "b = np.zeros(1)"),
)
uphill = run(first)
assert uphill["w_opt"][0] < -1e50
print(f"w = {uphill['w_opt'][0]:.3g}, b = {uphill['b_opt'][0]:.3g}")

# %% [markdown]
# What would be right? Write the loss, and leave the gradient to the engine: `ag.grad(loss)` is the function that gives
# the gradient of `loss`. Here θ = (w, b) is one array of two.

# %%
x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 6.0, 8.0])


def loss_1(theta):
    return np.mean((y - (theta[0] * x + theta[1])) ** 2)


origin = np.zeros(2)
assert np.array_equal(ag.grad(loss_1)(origin), [-30, -10])
ag.grad(loss_1)(origin)

# %% [markdown]
# Both entries are negative: the loss falls when w and b grow, as it should, the line being too low. And the listing's
# own function? `diagnose_gradient(loss, hand_gradient, x)` holds the two against each other at x and at points around
# it, and says in words how they differ.


# %%
def printed_1(theta):
    dw, db = uphill["gradients"](y, theta[0] * x + theta[1])
    return np.array([dw[0], db])


found = ag.diagnose_gradient(loss_1, printed_1, origin)
assert found.verdict == "wrong sign everywhere"
found

# %% [markdown]
# `np.dot(y_pred - y, …)` has the sign already, as the derivative of (y_pred − y)²; the minus in front turns it round
# once more. Without it the listing arrives, and the engine with it:

# %%
fixed = run(mend(first, ("dw = -(2", "dw = (2"), ("db = -(2", "db = (2")))
path = descend(ag.grad(loss_1), origin, 0.01, 1000)
reference = [1.98965876, 0.03040452]
np.testing.assert_allclose([fixed["w_opt"][0], fixed["b_opt"][0]], reference, atol=5e-9)
np.testing.assert_allclose(path[-1], reference, atol=5e-9)
path[-1]

# %% [markdown]
# Nearly w = 2, b = 0; the rest takes more steps. On the map of the loss, whose grey lines join points of equal loss,
# the two go in opposite directions from the same point:

# %%
wrong = descend(printed_1, origin, 0.01, 8)
ws, bs = np.meshgrid(np.linspace(-3, 4, 80), np.linspace(-2, 2, 80))
heights = np.mean((y - (ws[..., None] * x + bs[..., None])) ** 2, axis=-1)
plt.figure(figsize=(6, 3.4))
plt.contour(ws, bs, heights, np.geomspace(0.1, 400, 14), colors="0.75", linewidths=0.8)
plt.plot(*path.T, ".-", color="tab:blue", label="the engine's gradient")
plt.plot(*wrong.T, ".-", color="tab:red", label="as printed")
plt.plot(0, 0, "ko", label="start")
plt.plot(2, 0, "k*", markersize=12, label="w = 2, b = 0")
plt.xlim(-3, 4)
plt.ylim(-2, 2)
plt.xlabel("w")
plt.ylabel("b")
plt.legend(loc="upper left", fontsize=8)
plt.show()

# %% [markdown]
# One more thing: the article's *text* defines the loss with 1/(2n), its *code* with 1/n. Both conventions are right,
# but they must not be mixed. The gradient of the first is half that of the second (notebook 03), and with it the same
# 1000 steps come less far:

# %%
half = descend(ag.grad(lambda theta: loss_1(theta) / 2), origin, 0.01, 1000)[-1]
np.testing.assert_allclose(half, [1.9536389, 0.13630729], atol=5e-9)
half

# %% [markdown]
# **Lesson.** An error that stops the program is a kindness: behind two of them stood the one that did not.
#
# ## 2. Runs, and nobody notices
#
# The second listing has no bias: a line through the origin, y ≈ θx, for data that are 3x and some noise between 0
# and 1.

# %%
second = """import numpy as np
np.random.seed(1)
X = np.random.rand(100, 1)
y = 3 * X + np.random.rand(100, 1)
def loss(y_pred, y):
    return np.mean((y_pred - y)**2)
def gradient_descent(X, y, theta, alpha, iterations):
    m = len(y)
    for _ in range(iterations):
        y_pred = X @ theta
        gradient = (1 / m) * X.T @ (y - y_pred)
        theta = theta - alpha * gradient
    return theta
theta = np.random.rand(1, 1)
alpha = 0.01
iterations = 1000
theta_optimal = gradient_descent(X, y, theta, alpha, iterations)
"""
names = run(second)
X2, y2, start = names["X"], names["y"], names["theta"]
assert abs(start.item() - 0.95017612) < 5e-9
assert round(names["theta_optimal"].item(), 2) == -65.83
names["theta_optimal"]

# %% [markdown]
# No error and no warning, only a result that is nonsense, and the listing does not print it. The engine and the
# diagnosis:


# %%
def loss_2(theta):
    return np.mean((X2 @ theta - y2) ** 2)


printed_2 = lambda theta: (1 / 100) * X2.T @ (y2 - X2 @ theta)
found = ag.diagnose_gradient(loss_2, printed_2, start)
assert found.verdict == "wrong sign everywhere and off by the constant factor 0.5 (a factor 2 is missing)"
found

# %% [markdown]
# Two errors at once. The missing 2 is harmless, it is half the learning rate; we keep it, and put a ½ in front of the
# loss instead. The sign is not harmless.

# %%
half_2 = lambda theta: loss_2(theta) / 2
path = descend(ag.grad(half_2), start, 0.01, 1000)
fixed = run(mend(second, ("(y - y_pred)", "(y_pred - y)")))
for theta in path[-1], fixed["theta_optimal"]:
    assert abs(theta.item() - 3.61334238) < 5e-9
path[-1]

# %% [markdown]
# Where is the minimum? For a straight line it can be computed directly, which is what NumPy's `lstsq` (least squares)
# does.

# %%
best = np.linalg.lstsq(X2, y2, rcond=None)[0]
assert abs(best.item() - 3.7227198) < 5e-8
wrong = descend(printed_2, start, 0.01, 1000)
plt.figure(figsize=(6, 3))
plt.plot(wrong[:, 0, 0], color="tab:red", label="as printed")
plt.plot(path[:, 0, 0], color="tab:blue", label="the engine's gradient")
plt.axhline(best.item(), color="0.5", linestyle=":", label="least squares: 3.7227")
plt.ylim(-70, 15)
plt.xlabel("step")
plt.ylabel("θ")
plt.legend(loc="lower left", fontsize=8)
plt.show()

# %% [markdown]
# On the way, then, to 3.7227, which is the best that a line through the origin can do. But the data came from a slope
# of 3. The noise between 0 and 1 lifts the points by ½ on average, and a line that must pass through the origin can
# only follow by being steeper. That is what a bias is for: with one, least squares finds about 3 and ½.

# %%
with_bias = np.linalg.lstsq(np.hstack([X2, np.ones((100, 1))]), y2, rcond=None)[0].ravel()
np.testing.assert_allclose(with_bias, [2.97328974, 0.49781698], atol=5e-9)
with_bias

# %% [markdown]
# **Lesson.** Print the loss: one glance at it rising would have been enough.
#
# ## 3. The factor that was forgotten
#
# The third listing does print the loss, at every step. Four points on y = x, a single parameter.

# %%
third = """import numpy as np
def loss_function(y_true, y_pred):
    return np.mean((y_true - y_pred) ** 2)
def gradient(y_true, y_pred, theta):
    return (y_pred - y_true) / len(y_true)
def update_parameters(theta, alpha, x):
    return theta - alpha * gradient(y_true, y_pred, theta)
def train_model(x, y, alpha, num_iterations):
    theta = np.zeros(len(x[0]))
    for i in range(num_iterations):
        y_pred = np.dot(x, theta)
        loss = loss_function(y, y_pred)
        theta = update_parameters(theta, alpha, x)
        print(f"Iteration {i+1}, Loss: {loss}")
    return theta
x = np.array([[1], [2], [3], [4]])
y = np.array([1, 2, 3, 4])
alpha = 0.1
num_iterations = 100
theta = train_model(x, y, alpha, num_iterations)
"""
assert run(third)["error"] == "NameError: name 'y_true' is not defined"

# %% [markdown]
# Again a name: `update_parameters` uses two that exist elsewhere only. With those handed over, one step succeeds and
# the second fails:

# %%
third = mend(
    third,
    ("def update_parameters(theta, alpha, x):", "def update_parameters(theta, alpha, x, y_true, y_pred):"),
    ("theta = update_parameters(theta, alpha, x)", "theta = update_parameters(theta, alpha, x, y, y_pred)"),
)
names = run(third)
assert names["error"].startswith("ValueError: shapes (4,1) and (4,) not aligned")
assert names["printed"] == ["Iteration 1, Loss: 7.5"]

# %% [markdown]
# The step made four parameters out of one. A gradient has the shape of its parameters, always; here it has the shape of
# the data, and NumPy subtracted it nevertheless. The diagnosis knows which factor would mend the shape:

# %%
x3, y3 = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([1.0, 2.0, 3.0, 4.0])


def loss_3(theta):
    return np.mean((y3 - x3 @ theta) ** 2)


printed_3 = lambda theta: (x3 @ theta - y3) / len(y3)
found = ag.diagnose_gradient(loss_3, printed_3, np.zeros(1))
assert found.verdict == (
    "shape (4,), expected (1,): the factor that is data of shape (4, 1) is missing: its transpose @ this would fit"
)
found

# %% [markdown]
# θ reaches the loss through a product with x, and on the way back a product hands each side the other factor. With the
# factor x, and with a ½ in the loss for the 2 that is missing here too, each loss is a sixteenth of the one before.

# %%
fixed = run(
    mend(
        third,
        ("gradient(y_true, y_pred, theta)", "gradient(y_true, y_pred, x)"),
        ("return (y_pred - y_true)", "return x.T @ (y_pred - y_true)"),
    )
)
assert [float(line.split()[-1]) for line in fixed["printed"][:3]] == [7.5, 0.46875, 0.029296875]
assert abs(fixed["theta"].item() - 1) < 1e-12
path = descend(ag.grad(lambda theta: loss_3(theta) / 2), np.zeros(1), 0.1, 100)
np.testing.assert_allclose([loss_3(theta) for theta in path[:3]], [7.5, 0.46875, 0.029296875])
assert abs(path[-1].item() - 1) < 1e-12
print(*fixed["printed"][:4], sep="\n")

# %% [markdown]
# **Lesson.** A gradient has the shape of its parameters; if it has another one, a factor or a sum is missing.
#
# ## 4. Right on paper, wrong in the array
#
# The fourth article prints a function, and no call. It takes two features, as `w = np.zeros(2)` says.

# %%
fourth = """import numpy as np
def gradient_descent(x, y, learning_rate, num_iterations):
    m = len(y)
    w = np.zeros(2)
    b = 0
    for _ in range(num_iterations):
        y_predicted = np.dot(x, w) + b
        dw = (1 / m) * np.sum((y_predicted - y) * x, axis=0)
        db = (1 / m) * np.sum(y_predicted - y)
        w -= learning_rate * dw
        b -= learning_rate * db
    return w, b
"""
call = "w, b = gradient_descent(x, y, 0.3, 2000)\n"
five = """generator = np.random.default_rng(0)
x = generator.standard_normal((5, 2))
y = x @ [1.0, 2.0] + 0.5
"""
assert "operands could not be broadcast together with shapes (5,) (5,2)" in run(fourth + five + call)["error"]

# %% [markdown]
# Five points on a plane with w = (1, 2) and b = 0.5, and the product `(y_predicted - y) * x` of five residuals with
# five rows of two does not fit. The residuals would have to be a column. So give it y as a column?

# %%
column = "y = y[:, None]\n"
assert "operands could not be broadcast together with shapes (5,5) (5,2)" in run(fourth + five + column + call)["error"]

# %% [markdown]
# Now `y_predicted - y` is a row of five against a column of five, and NumPy makes a table of it, every prediction
# minus every datum: (5, 5). Hold on to that; it comes back.
#
# With *two* points the first variant runs. A lucky number: two residuals fit two columns.

# %%
two = five.replace("(5, 2)", "(2, 2)")
names = run(fourth + two + call)
assert "error" not in names
x4, y4 = names["x"], names["y"]


def loss_4(w, b):
    return np.mean((y4 - (x4 @ w + b)) ** 2) / 2


def printed_4(w, b):
    residual = x4 @ w + b - y4
    return np.mean(residual * x4, axis=0), np.mean(residual)


found = ag.diagnose_gradient(loss_4, printed_4, (np.zeros(2), 0.0))
assert found.verdict.startswith("x[0]: it differs in no simple way")
assert found.verdict.endswith("x[1]: correct")
found

# %% [markdown]
# (The parameters may be several; `x[0]` is w and `x[1]` is b.) Right shape, plausible size, wrong numbers:
# residual *i* has to multiply row *i* of x, and multiplied column *i*. The cure is one index, and then any number of
# points will do:

# %%
names = run(mend(fourth, ("(y_predicted - y) * x", "(y_predicted - y)[:, None] * x")) + five + call)
np.testing.assert_allclose([*names["w"], names["b"]], [1, 2, 0.5], atol=1e-9)
names["w"], names["b"]

# %% [markdown]
# The engine, for the same five points, agrees with the mended gradient. (The formulas in the article's *text* do not:
# they lack the minus sign.)

# %%
x4, y4 = names["x"], names["y"]


def mended_4(w, b):
    residual = x4 @ w + b - y4
    return np.mean(residual[:, None] * x4, axis=0), np.mean(residual)


zero = (np.zeros(2), 0.0)
found = ag.diagnose_gradient(loss_4, mended_4, zero)
assert found
against = ag.diagnose_gradient(loss_4, lambda w, b: tuple(-g for g in mended_4(w, b)), zero)  # as in the text
assert against.verdict == "wrong sign everywhere"
print(found)

# %% [markdown]
# **Lesson.** Test with sizes that are all different: 2 points in 2 dimensions hide what 5 points in 2 would show.
#
# ## 5. Ten thousand residuals
#
# The fifth has a hundred points, 3x + 2 and noise.

# %%
fifth = """import numpy as np
np.random.seed(42)
X = np.random.rand(100, 1)
y = 3 * X + 2 + np.random.randn(100, 1) * 0.5
theta = np.zeros(1)
eta = 0.01
T = 1000
for t in range(T):
    predictions = X @ theta
    loss = 0.5 * np.sum((y - predictions) ** 2)
    gradient = np.sum((y - predictions) * X)
    theta = theta - eta * gradient
print("最终的模型参数：", theta)
"""
names = run(fifth)
assert names["theta"] == -np.inf
print(*names["printed"])

# %% [markdown]
# ("The model's final parameters", it says.) Minus infinity. The engine is given the loss exactly as the listing has it,
# and derives its gradient; but look at the notes:

# %%
X5, y5 = names["X"], names["y"]
as_printed = lambda theta: 0.5 * np.sum((y5 - X5 @ theta) ** 2)
found = ag.diagnose_gradient(as_printed, lambda theta: np.sum((y5 - X5 @ theta) * X5), np.zeros(1))
assert found.verdict.startswith("shape (), expected (1,)")
assert "in the loss itself, (100, 1) against (100,) in subtract broadcasts to (100, 100)" in found.notes[0]
print(found)

# %% [markdown]
# The loss itself is not what was meant. `y` is a column, `X @ theta` a row, and their difference the table from above,
# now with 10,000 entries. Meant is its diagonal, the hundred pairs that belong together:

# %%
order = np.argsort(X5[:, 0])  # by x, for the picture only
table = (y5 - X5 @ np.full(1, 3.0))[order][:, order]
assert table.shape == (100, 100)
plt.figure(figsize=(4.6, 3.8))
plt.imshow(table, cmap="RdBu_r", vmin=-5, vmax=5)
plt.plot([0, 99], [0, 99], "k--", linewidth=1, label="what was meant")
plt.colorbar(label="y − prediction, at θ = 3")
plt.xlabel("prediction number")
plt.ylabel("y number")
plt.legend(loc="upper right", fontsize=8)
plt.show()

# %% [markdown]
# An engine derives what is written. It cannot know what was meant, therefore the note, and therefore the library's own
# losses refuse two shapes that would be broadcast:

# %%
try:
    ag.nn.functional.mse_loss(ag.tensor(X5 @ np.zeros(1)), y5)
except ValueError as error:
    print(error)
else:
    raise AssertionError("a (100,) against a (100, 1) was let through")

# %% [markdown]
# With y flat, a hundred residuals remain, and behind the first error stands one that we know:

# %%
loss_5 = lambda theta: 0.5 * np.sum((y5[:, 0] - X5 @ theta) ** 2)
found = ag.diagnose_gradient(loss_5, lambda theta: X5.T @ (y5[:, 0] - X5 @ theta), np.zeros(1))
assert found.verdict == "wrong sign everywhere"
print(found)

# %% [markdown]
# And the third: the data are 3x + 2, and there is no bias for the 2. A column of ones beside X makes one, since a
# parameter times 1 is just added. Mended in all three places:

# %%
fixed = run(
    mend(
        fifth,
        ("theta = np.zeros(1)", "X = np.hstack([X, np.ones((100, 1))])\ntheta = np.zeros((2, 1))"),
        ("np.sum((y - predictions) * X)", "-X.T @ (y - predictions)"),
    )
)
A = fixed["X"]
reference = [2.77011339, 2.10754808]
best = np.linalg.lstsq(A, y5, rcond=None)[0].ravel()
path = descend(ag.grad(lambda theta: 0.5 * np.sum((y5[:, 0] - A @ theta) ** 2)), np.zeros(2), 0.01, 1000)
for theta in fixed["theta"].ravel(), path[-1], best:
    np.testing.assert_allclose(theta, reference, atol=5e-9)
path[-1]

# %% [markdown]
# The mended listing, the engine and least squares agree on w = 2.7701 and b = 2.1075: what a hundred noisy points know
# about 3 and 2.
#
# **Lesson.** Check the shape of a residual before you sum it: a sum has no shape left to betray it.
#
# ## What they have in common
#
# | listing | seen at once | behind it | never seen |
# |---|---|---|---|
# | 1 | a name | a product that does not fit | the sign; 1/(2n) and 2/n |
# | 2 | nothing | | the sign; a factor 2; no bias |
# | 3 | a name | the factor x | a factor 2 |
# | 4 | nothing: it is not called | a broadcast that fails | the same broadcast with two points; a sign in the text |
# | 5 | −∞ | a broadcast that does not fail | the sign; no bias |
#
# The loss, by contrast, was right in four of five articles, because it is *short*. That is the whole argument for
# automatic differentiation: write the loss, derive the rest. And where you do derive by hand, compare.
#
# ## Exercise
#
# The fifth article also prints a gradient for the cross-entropy of labels y, each 0 or 1, and predicted probabilities
# p, where p = 1/(1 + exp(−Xθ)):
#
# $$\nabla J = \frac1m \sum_i \bigl(-y_i \log p_i - (1 - y_i) \log(1 - p_i)\bigr)$$
#
# What does the diagnosis say to that? Find the right one on paper. (The derivative of p with respect to its argument is
# p(1 − p), and nearly everything cancels.)

# %%
generator = np.random.default_rng(0)
features, labels = generator.standard_normal((8, 3)), generator.integers(0, 2, 8)
theta = np.array([0.1, 0.2, 0.3])


def probability(theta):
    return 1 / (1 + np.exp(-(features @ theta)))


def cross_entropy(theta):
    p = probability(theta)
    return np.mean(-labels * np.log(p) - (1 - labels) * np.log(1 - p))


found = ag.diagnose_gradient(cross_entropy, cross_entropy, theta)
assert found.verdict == "shape (), expected (3,); this is the loss itself, not its gradient"
print(found)

# %% [markdown]
# **Solution.** With z = Xθ, the loss of one point changes with z by p − y, and z changes with θ by its row of X: so
# Xᵀ(p − y)/m, the formula of linear regression with another prediction.

# %%
solution = lambda theta: features.T @ (probability(theta) - labels) / len(labels)
found = ag.diagnose_gradient(cross_entropy, solution, theta)
assert found
print(found)
