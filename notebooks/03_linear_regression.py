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
# # Linear regression, from the hand-derived gradient to one line
#
# Fitting a straight line is the smallest problem that has everything: a model, a loss, a gradient, and steps against
# it. We derive the gradient on paper, then hand the work over: the gradient to the engine, the steps to an optimizer,
# the loop to `ag.fit`, and in the end everything to one line. A line can also be fitted exactly, by least squares, so
# we always know how far we are from the best.
#
# From notebook 01 we need the chain rule and `backward()`.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import autograd_lite as ag
from autograd_lite import callbacks, nn, optim
from autograd_lite.interop.sklearn import LinearRegression

plt.rcParams["figure.dpi"] = 72

# %% [markdown]
# ## 1. The gradient, on paper
#
# The *model* says $\hat y = wx + b$. Slope w and offset b are its *parameters*, ours to choose. For each data point the
# *residual* is prediction minus truth, $r_i = wx_i + b - y_i$. The *loss* puts all of them into one number, the mean
# squared error:
#
# $$J(w, b) = \frac1n \sum_i r_i^2$$
#
# J changes with $r_i$ by $\frac{2}{n} r_i$, and $r_i$ changes with w by $x_i$, with b by 1. Multiply along the chain,
# add over all points:
#
# $$\frac{\partial J}{\partial w} = \frac2n \sum_i r_i\, x_i \qquad \frac{\partial J}{\partial b} = \frac2n \sum_i r_i$$
#
# Together they are the *gradient*. In code, for four points on the line y = 2x, at w = b = 0:

# %%
x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 6.0, 8.0])
w, b = 0.0, 0.0

r = w * x + b - y
dw, db = 2 / len(x) * np.sum(r * x), 2 / len(x) * np.sum(r)
assert (dw, db) == (-30, -10)
np.array([dw, db])

# %% [markdown]
# Both negative: the loss falls when w and b grow. The line y = 0 lies below all four points.
#
# In matrices it is shorter: let A have a row for each point and a column for each parameter; the column of b holds only
# ones. With all parameters in one vector θ the predictions are $A\theta$, and the two sums become one product. (∇J is
# the usual sign for the gradient of J, and |v|² means the sum of the squares of v.)
#
# $$J(\theta) = \frac1n\,|A\theta - y|^2 \qquad \nabla J(\theta) = \frac2n\, A^\top (A\theta - y)$$


# %%
def loss(theta, A, y):
    return np.mean((A @ theta - y) ** 2)


def gradient(theta, A, y):
    return 2 / len(y) * A.T @ (A @ theta - y)


A = np.column_stack([x, np.ones(4)])
origin = np.zeros(2)
assert np.array_equal(gradient(origin, A, y), [dw, db])
A

# %% [markdown]
# ## 2. Is it right?
#
# Never trust a derivation unchecked. `ag.diagnose_gradient(loss, hand_gradient, point)` lets the engine derive the
# gradient, compares yours with it at this point and at others around it, and says in words what is wrong. Here is ours,
# and then two slips that everybody makes: the difference the wrong way round, and a lost factor 2.

# %%
J = lambda theta: loss(theta, A, y)
ours = ag.diagnose_gradient(J, lambda theta: gradient(theta, A, y), origin)
turned = ag.diagnose_gradient(J, lambda theta: 2 / 4 * A.T @ (y - A @ theta), origin)
halved = ag.diagnose_gradient(J, lambda theta: 1 / 4 * A.T @ (A @ theta - y), origin)

assert ours.correct
assert turned.verdict == "wrong sign everywhere"
assert "off by the constant factor 0.5 (a factor 2 is missing" in halved.verdict
print(ours, turned, halved, sep="\n")

# %% [markdown]
# Notebook 04 is about such slips.
#
# ## 3. Down the slope
#
# *Gradient descent* goes against the gradient in small steps. The *learning rate* α says how small:
#
# $$\theta \leftarrow \theta - \alpha\,\nabla J(\theta)$$


# %%
def descend(gradient, theta, rate, steps):
    """All the θ on the way, the first one included."""
    path = [theta]
    for _ in range(steps):
        path.append(path[-1] - rate * gradient(path[-1]))
    return np.array(path)


path = descend(lambda theta: gradient(theta, A, y), origin, 0.01, 1000)
losses = np.array([J(theta) for theta in path])
assert np.allclose(path[-1], [1.98965876, 0.03040452], rtol=0, atol=5e-9)
assert 350 < losses[0] / losses[20] < 450
assert 350 < losses[20] / losses[1000] < 550
path[-1]

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3), layout="constrained")
left.plot(x, y, "ko", label="data")
for step, shade in ((1, "0.75"), (5, "tab:orange"), (20, "tab:blue")):
    left.plot([0, 4.3], np.array([[0, 1], [4.3, 1]]) @ path[step], color=shade, label=f"line after step {step}")
left.set(xlabel="x", ylabel="y")
left.legend()
right.semilogy(losses, color="tab:blue")
right.set(xlabel="step", ylabel="loss J")
plt.show()

# %% [markdown]
# After 20 steps the line has nearly arrived. On the right, where the axis of the loss is logarithmic, look at the kink:
# those 20 steps divide the loss by 400, and the 980 others do about the same once more. There is a fast direction and a
# slow one. Section 6 says why.
#
# Many texts define the loss with $\frac{1}{2n}$, so that the 2 of the square cancels and $\frac1n$ is left. The minimum
# is the same, but every step is half as long:

# %%
half = descend(lambda theta: gradient(theta, A, y) / 2, origin, 0.01, 1000)
assert np.allclose(half[-1], [1.9536389, 0.13630729], rtol=0, atol=5e-9)
assert np.allclose(half[-1], descend(lambda theta: gradient(theta, A, y), origin, 0.005, 1000)[-1])
half[-1]

# %% [markdown]
# ### What a step does to the distance
#
# Take a single parameter, y = θx, and four points on y = x, so that θ = 1 is best. With that gradient, at distance
# $\theta - 1$ from it the slope is $\lambda(\theta - 1)$ with $\lambda = \frac1n \sum x_i^2 = 7.5$. This λ is the
# *curvature*: how fast the slope changes. So every step multiplies the distance by the same number:
#
# $$\theta - 1 \;\leftarrow\; (1 - \alpha\lambda)\,(\theta - 1)$$
#
# With α = 0.1 that is ¼, and the loss, a square, falls to a sixteenth:

# %%
column = x[:, None]
assert np.mean(column**2) == 7.5
path = descend(lambda theta: gradient(theta, column, x) / 2, np.zeros(1), 0.1, 100)
losses = [loss(theta, column, x) for theta in path]
assert np.allclose(losses[:3], [7.5, 0.46875, 0.029296875], rtol=1e-12)
assert abs(path[-1, 0] - 1) < 1e-12
np.array(losses[:3])

# %% [markdown]
# Beyond $\alpha = 2/\lambda$ the factor is below −1, and each step lands farther away than it began.
#
# ## 4. The engine, then the optimizer
#
# Write the loss in NumPy on tensors that want a gradient, and call `backward()`:

# %%
w = ag.tensor(0.0, requires_grad=True, name="w")
b = ag.tensor(0.0, requires_grad=True, name="b")
J = np.mean((w * ag.tensor(x, name="x") + b - ag.tensor(y, name="y")) ** 2)
J.backward()
assert (w.grad, b.grad) == (-30, -10)
ag.draw(J)

# %% [markdown]
# The derivation as a picture, from the right: the square sends $\frac2n r_i$ to each residual. The product hands each
# share on times $x_i$ and adds them up into w, and b gets their sum, because all four points use one w and one b. (The
# boxes x and y are data: nobody asked for their gradients, so none were computed. Inside a box blue is positive and
# orange negative.)
#
# An *optimizer* keeps the list of parameters and makes the steps:

# %%
optimizer = optim.SGD([w, b], lr=0.01)
for _ in range(1000):
    optimizer.zero_grad()  # forget the last gradient: backward() adds to what is there
    np.mean((w * x + b - y) ** 2).backward()
    optimizer.step()  # w and b change in place

assert np.allclose([w.item(), b.item()], [1.98965876, 0.03040452], rtol=0, atol=5e-9)
w, b

# %% [markdown]
# The same place to the last digit that we know. (SGD is *stochastic* gradient descent; given all the data at every
# step, it is gradient descent.)
#
# ## 5. Real data
#
# 442 people with diabetes. Ten columns, among them the body mass index and six blood values, s1 to s6; s1 is the total
# cholesterol, s2 the LDL part of it. The target says how far the disease had gone a year later. A quarter of the people
# is the *test* part: nothing is learned on it, it only judges.

# %%
X, y = load_diabetes(return_X_y=True, scaled=False)
order = np.random.default_rng(0).permutation(len(y))
train, test = order[:331], order[331:]
assert (y.min(), y.max()) == (25, 346)
X.shape, len(train), len(test)

# %% [markdown]
# How good is a prediction? Its *R²* is the part of the target's variance that is explained: 1 is perfect, always saying
# the mean is 0, and worse than the mean is negative.
#
# We also *standardise* the columns, for the sake of section 6: subtract the mean, divide by the standard deviation,
# both from the training part alone. The judge is *least squares*: for a linear model ∇J = 0 can be solved directly, and
# NumPy's `lstsq` does it.


# %%
def r2(prediction, truth):
    return 1 - np.mean((prediction - truth) ** 2) / np.var(truth)


mean, deviation = X[train].mean(axis=0), X[train].std(axis=0)
Z = (X - mean) / deviation

A = np.column_stack([Z, np.ones(len(Z))])
exact = np.linalg.lstsq(A[train], y[train], rcond=None)[0]
assert np.allclose(exact, np.linalg.solve(A[train].T @ A[train], A[train].T @ y[train]))  # ∇J = 0, solved by hand
judge = r2(A[train] @ exact, y[train]), r2(A[test] @ exact, y[test])
assert np.allclose(judge, [0.5499, 0.3728], atol=1e-4)
print("least squares: R² = {:.4f} in training, {:.4f} in the test".format(*judge))

# %% [markdown]
# That is all that a straight line knows: about half of the variance of the people it was fitted to, and less than two
# fifths of that of strangers. Now by gradient descent. `nn.Linear(10, 1)` is the model: ten weights and a bias, which
# start from small random numbers. `ag.fit` makes the loop of section 4; `batch_size=None` means all the data in each
# step, and an *epoch* is one pass over the data, so here one step.


# %%
def fitted(X, y, lr, epochs, **options):
    ag.manual_seed(0)  # the same random numbers every time
    data = X, y[:, None]  # the target as a column, because the model gives a column
    model = nn.Linear(10, 1, dtype=np.float64)
    optimizer = optim.SGD(model.parameters(), lr=lr)
    options |= {"batch_size": None, "progress": False}
    history = ag.fit(model, data, nn.MSELoss(), optimizer, epochs=epochs, **options)  # mean squared error
    return model, history


def score(model, X, y):
    return r2(model(X).detach().numpy()[:, 0], y)  # as a bare array


model, _ = fitted(Z[train], y[train], lr=0.1, epochs=50)
reached = score(model, Z[train], y[train]), score(model, Z[test], y[test])
assert np.allclose(reached, [0.549, 0.364], atol=2e-3)
print("50 steps:      R² = {:.4f} in training, {:.4f} in the test".format(*reached))

# %% [markdown]
# Fifty steps, and in training the difference to the exact solution is in the fourth digit. Are the weights those of
# least squares, too?

# %%
names = load_diabetes().feature_names
weights = model.weight.detach().numpy()[0]
print("          " + "".join(f"{name:>7}" for name in names))
print("50 steps  " + "".join(f"{value:7.1f}" for value in weights))
print("exact     " + "".join(f"{value:7.1f}" for value in exact[:10]))
s1, s2 = names.index("s1"), names.index("s2")
assert 0.1 < weights[s1] / exact[s1] < 0.3
assert weights[s2] < 0 < exact[s2]
assert np.abs(weights - exact[:10])[:4].max() < 1
assert reached[0] > judge[0] - 1e-3
assert abs(np.corrcoef(Z[train, s1], Z[train, s2])[0, 1] - 0.89) < 0.01

# %% [markdown]
# No. The weight of s1 is a fifth of what it should be, and that of s2 even has the wrong sign. But total cholesterol
# and LDL nearly say the same, their correlation is 0.89: what one weight loses the other makes up for. Beware of
# reading a meaning into single weights.
#
# ## 6. Why standardise?
#
# With several parameters the curvature depends on the direction. It is in the *Hessian*, the matrix of second
# derivatives, here $\frac2n A^\top A$: its eigenvectors are directions that do not disturb each other, and its
# eigenvalues are their curvatures. In each direction a step multiplies the distance by its own $1 - \alpha\lambda_k$.
# But one α serves them all, and the steepest allows only $\alpha < 2/\lambda_{\max}$. So the flattest needs about
# $\lambda_{\max}/\lambda_{\min}$ steps to get anywhere: the *condition number*.

# %%
raw = np.column_stack([X, np.ones(len(X))])
condition = {}
for name, columns in (("as measured", raw), ("standardised", A)):
    hessian = 2 / len(train) * columns[train].T @ columns[train]
    assert np.allclose(hessian, ag.hessian(lambda theta, c=columns: loss(theta, c[train], y[train]))(np.zeros(11)))
    flat, *_, steep = np.linalg.eigvalsh(hessian)
    condition[name] = steep / flat
    print(f"{name:13}  curvature {flat:.2g} to {steep:.2g}, α < {2 / steep:.2g}, condition number {steep / flat:.3g}")

assert np.allclose(condition["as measured"], 5.5e7, rtol=0.02)
assert np.allclose(condition["standardised"], 500, rtol=0.02)

# %% [markdown]
# Fifty-five million against five hundred. A single column shows where the first comes from, the body mass index. Its
# values lie around 26, far from 0: when the slope w grows, all predictions rise, and b must fall to make up for it. The
# loss is a long, narrow, slanting valley.

# %%
bmi = names.index("bmi")
assert abs(mean[bmi] - 26) < 1
fig, both = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
start, found = np.array([0.0, 200.0]), {}
for axes, name, column, view in (
    (both[0], "as measured", X[train, bmi], (-2, 16, -260, 220)),
    (both[1], "standardised", Z[train, bmi], (-10, 105, 95, 210)),
):
    pair = np.column_stack([column, np.ones(len(column))])
    flat, steep = np.linalg.eigvalsh(2 / len(pair) * pair.T @ pair)
    path = descend(lambda theta, pair=pair: gradient(theta, pair, y[train]), start, 1 / steep, 1000)
    bottom = np.linalg.lstsq(pair, y[train], rcond=None)[0]
    found[name] = path, bottom, steep / flat
    ws, bs = np.meshgrid(np.linspace(*view[:2], 121), np.linspace(*view[2:], 121))
    heights = np.mean((ws[..., None] * column + bs[..., None] - y[train]) ** 2, axis=-1)
    axes.contour(ws, bs, heights, np.geomspace(4000, 60000, 9), colors="0.7", linewidths=0.9)
    axes.plot(*path.T, ".-", color="tab:red", label="1000 steps, α = 1/λ")
    axes.plot(*start, "ko", label="start")
    axes.plot(*bottom, "k*", markersize=12, label="least squares")
    axes.set(title=f"{name}, condition number {steep / flat:.0f}", xlim=view[:2], ylim=view[2:])
    axes.set(xlabel="w, the weight of the body mass index", ylabel="b")
both[0].legend(loc="lower left")
both[1].set_aspect("equal")
plt.show()

path, bottom, ratio = found["standardised"]
assert np.allclose(path[1], bottom)  # after one step
assert np.isclose(ratio, 1)
path, bottom, ratio = found["as measured"]
assert ratio > 20_000
assert path[1, 0] < 0 < bottom[0]
assert np.linalg.norm(path[-1] - bottom) > 0.9 * np.linalg.norm(path[1] - bottom)

# %% [markdown]
# The grey lines join points of equal loss. On the left the first step drops into the valley, and even leads away from
# the best w; the other 999 creep along the floor: the red clot. On the right the valley has become a round bowl: every
# direction has the curvature λ = 2, and with α = ½ the factor is 0. One step goes exactly to the bottom.
#
# With all ten columns the number is still 500, and not 1: standardising does not make s1 and s2 different from each
# other. That is the flat direction, in which next to nothing is to be gained.
#
# ## 7. When to stop
#
# **After so many steps**: simple, and blind. **When the loss no longer changes**: `callbacks.Converged`, which `ag.fit`
# asks after every epoch. Here with steps that are far too small:

# %%
model, history = fitted(Z[train], y[train], lr=1e-6, epochs=1000, callbacks=[callbacks.Converged(1.0)])
print(history.stopped)
print(f"{history.epochs} epochs, R² = {score(model, Z[train], y[train]):.2f} in training")
assert history.epochs == 2
assert score(model, Z[train], y[train]) < -3

# %% [markdown]
# Two epochs, and predictions far worse than the mean. The loss changes by less than 1 because the *steps* are tiny, not
# because the slope is.
#
# **When it gets worse on people who were not trained on**: *early stopping*. After every epoch the loss is measured on
# people kept for that, the *validation* part; not on the test part, for who stops by a part has learned from it. With
# 331 people there is nothing to gain, so suppose we had examined only 30, and 50 more to validate with:

# %%
few, check = train[:30], train[30:80]
S = (X - X[few].mean(axis=0)) / X[few].std(axis=0)
held_out = S[check], y[check, None]

runs = {}
early = callbacks.EarlyStopping(patience=50)
for name, stop in (("to the end", []), ("early", [early])):
    model, history = fitted(S[few], y[few], lr=0.1, epochs=1000, validation=held_out, callbacks=stop)
    runs[name] = history, score(model, S[test], y[test])
    print(f"{name:10}  {history.epochs:4} epochs, R² = {runs[name][1]:.3f} in the test")
assert 10 < early.best_epoch < 30
assert runs["early"][1] > runs["to the end"][1] + 0.03
path = descend(lambda theta: gradient(theta, A[train], y[train]), np.zeros(11), 0.1, 2000)
assert max(r2(A[test] @ theta, y[test]) for theta in path) < judge[1] + 0.005  # with all 331 there is nothing to gain

history = runs["to the end"][0]
fig, axes = plt.subplots(figsize=(6, 3.3), layout="constrained")
axes.semilogx(range(1, 1001), history["train_loss"], color="tab:blue", label="30 people trained on")
axes.semilogx(range(1, 1001), history["validation_loss"], color="tab:red", label="50 people to validate")
axes.axvline(early.best_epoch, color="0.5", linestyle=":", label=f"best epoch: {early.best_epoch}")
axes.set(xlabel="epoch", ylabel="loss", ylim=(0, 10_000))
axes.legend()
plt.show()

# %% [markdown]
# The blue line falls to the end. The red one turns up again: from there on the model learns the peculiarities of these
# thirty. That is *overfitting*. `EarlyStopping` waits `patience` epochs for something better, then puts the model of
# the best epoch back. In the test it is the better one, too.
#
# ## 8. One line
#
# All of it is packed into an estimator with scikit-learn's names, which standardises the target and stops by itself.
# The columns are standardised by the step before it.

# %%
line = make_pipeline(StandardScaler(), LinearRegression(random_state=0)).fit(X[train], y[train])

scores = line.score(X[train], y[train]), line.score(X[test], y[test])
assert np.allclose(scores, judge, atol=0.015)
print("one line:      R² = {:.4f} in training, {:.4f} in the test".format(*scores))
print("least squares: R² = {:.4f} in training, {:.4f} in the test".format(*judge))

# %% [markdown]
# For a straight line least squares is the better tool. But none of our parts asked whether the model was a line. With
# one layer more there is no formula, while `backward()`, the optimizer and `ag.fit` stay as they are. That is notebook
# 05.
#
# ## Exercise
#
# *Ridge regression* adds a penalty on large weights to the loss, $\mu \sum_k w_k^2$ with μ = 0.05, not over b. Derive
# the gradient and let `ag.diagnose_gradient` judge it. What does the penalty do to the condition number? After how many
# steps with α = 0.1 are all weights within 0.1 of the exact solution, with it and without it?
#
# **Solution.** $\mu w_k^2$ has the derivative $2\mu w_k$ and the second derivative 2μ = 0.1. Every curvature among the
# weights grows by that: the flattest, 0.017, by much, and the steepest, 8.3, by little.

# %%
penalised = np.append(np.ones(10), 0.0)  # not b
B, goal = A[train], y[train]


def ridge(theta):
    return loss(theta, B, goal) + 0.05 * np.sum(penalised * theta**2)


def ridge_gradient(theta):
    return gradient(theta, B, goal) + 2 * 0.05 * penalised * theta


assert ag.diagnose_gradient(ridge, ridge_gradient, np.zeros(11))

plain = 2 / len(B) * B.T @ B, lambda theta: gradient(theta, B, goal)
helped = plain[0] + 2 * 0.05 * np.diag(penalised), ridge_gradient
ends, settled = {}, {}
for name, (hessian, slope) in (("without", plain), ("with", helped)):
    ends[name] = flat, steep = np.linalg.eigvalsh(hessian)[[0, -1]]
    solution = np.linalg.solve(hessian, 2 / len(B) * B.T @ goal)
    away = np.abs(descend(slope, np.zeros(11), 0.1, 5000) - solution).max(axis=1)
    settled[name] = int(np.argmax(away < 0.1))
    print(f"{name:7}  curvature {flat:.3f} to {steep:.2f}, condition {steep / flat:.0f}, settled after {settled[name]}")

assert np.allclose(ends["without"], [0.0166, 8.29], rtol=0.01)
assert np.allclose(ends["with"], ends["without"] + 0.1, atol=1e-6)
assert np.allclose(ag.hessian(ridge)(np.zeros(11)), helped[0])
assert settled["without"] > 5 * settled["with"] > 0
