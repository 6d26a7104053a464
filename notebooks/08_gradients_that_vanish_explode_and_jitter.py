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
# # Gradients that vanish, explode and jitter
#
# Three things can be wrong with a gradient although every formula is right: it *vanishes* (the first layers get next
# to nothing), it *explodes* (one step ruins everything), or it *jitters* (it belongs to the batch and not to the
# data). Each has its remedies, and they are often mixed up. Here every remedy is tried on the trouble it is for:
# before, after, with the number.
#
# It builds on the chain rule of notebook 01, the net of notebook 05 and SGD from notebooks 06 and 07.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.nn import functional as F
from autograd_lite.train import NonFiniteLossError

plt.rcParams["figure.dpi"] = 72

# %% [markdown]
# ## A product of many factors
#
# Going back through a chain, the gradient is multiplied at each step by the derivative of that step. For the
# *sigmoid*, $\sigma(x) = 1/(1 + e^{-x})$, that is $\sigma' = \sigma(1 - \sigma)$, at most 1/4. So twenty sigmoids in a
# row leave at most $4^{-20}$, a millionth of a millionth, whatever x is. A chain of factors 1.5 grows just as fast the
# other way.


# %%
def chain(step, length):
    """The derivative of `length` steps in a row, at 1."""

    def through(x):
        for _ in range(length):
            x = step(x)
        return x

    return ag.grad(through)(1.0)


assert chain(F.sigmoid, 20) < 0.25**20 < 1e-12
assert np.isclose(chain(lambda x: 1.5 * x, 20), 1.5**20)
print(f"20 sigmoids: {chain(F.sigmoid, 20):.1e}, 20 times 1.5: {chain(lambda x: 1.5 * x, 20):.0f}")

# %% [markdown]
# Only a factor close to 1 survives being raised to the 20th power. All remedies against vanishing and exploding are
# ways to bring it there, or to live with it.
#
# ## The patient
#
# A net with 20 hidden layers of 64 units for the handwritten digits is far too deep for the task, and that is the
# point. `deep` makes it with any activation and any random start. `flow` measures, after each activation, the size of
# the values on the way forward and of the gradients on the way back (the root of the mean square). `train` trains with
# plain SGD for 8 epochs and gives the accuracy on 500 images put aside; guessing gets 10 %.

# %%
images, digits = load_digits(return_X_y=True)
images = (images - images.mean(axis=0)) / images.std()
train_x, test_x, train_y, test_y = train_test_split(images, digits, test_size=500, random_state=0, stratify=digits)
batch = train_x[:256], train_y[:256]
cross_entropy = nn.CrossEntropyLoss()


def deep(activation, start, norm=False):
    ag.manual_seed(0)
    layers = []
    for _ in range(20):
        layers += [nn.Linear(64, 64), *([nn.BatchNorm1d(64)] if norm else []), activation()]
    net = nn.Sequential(*layers, nn.Linear(64, 10)).double()
    for layer in net:
        if isinstance(layer, nn.Linear):
            start(layer.weight)
            nn.init.zeros_(layer.bias)
    nn.init.xavier_normal_(net[-1].weight)
    return net


def flow(net):
    """The size of the values after each activation, and of the gradients there."""
    value, after = ag.tensor(batch[0]), []
    for layer in net[:-1]:
        value = layer(value)
        if not isinstance(layer, nn.Linear | nn.BatchNorm1d):
            after.append(value)
    gradients = ag.autograd.grad(cross_entropy(net[-1](value), batch[1]), after)
    return [size(v.detach().numpy()) for v in after], [size(g) for g in gradients]


def size(array):
    return np.sqrt(np.mean(array**2))


def train(net, rate=0.02, epochs=8, momentum=0.0, loss=cross_entropy, **settings):
    optimizer = optim.SGD(net.parameters(), lr=rate, momentum=momentum)
    settings |= {"epochs": epochs, "generator": np.random.default_rng(0), "progress": False}
    ag.fit(net, (train_x, train_y), loss, optimizer, **settings)
    return ag.train.evaluate(net, (test_x, test_y), loss, {"accuracy": ag.metrics.accuracy})["accuracy"]


# %% [markdown]
# We begin with sigmoids and a usual random start. `ag.gradient_report` compares the gradient of each layer with its
# weights. (The layers have even numbers, the sigmoids between them odd ones; 40 is the last.)

# %%
xavier = nn.init.xavier_normal_
report = ag.gradient_report(deep(nn.Sigmoid, xavier), cross_entropy, batch)
accuracy = {"sigmoid": train(deep(nn.Sigmoid, xavier))}

assert report.verdict == "vanishing"
assert report.layers[0].gradient < 1e-10 * report.layers[-1].gradient
assert accuracy["sigmoid"] < 0.15
print(report.words)

# %% [markdown]
# The first layer gets less than a ten-thousand-millionth of what the last one gets, and after training the net still
# guesses. There is no error and no NaN. It only does not learn.
#
# ## Vanishing: remedies that bring the factor to 1
#
# ### 1 · The random start
#
# A layer of n inputs adds up n products. If the weights have mean 0 and standard deviation s, the sum is about
# $\sqrt n\,s$ times as large as an input. The same factor acts on the gradient on its way back. It should be 1:
#
# $$s = \sqrt{\frac{2}{n_{in} + n_{out}}}\ \text{(Xavier: Glorot and Bengio 2010)} \qquad
# s = \sqrt{\frac{2}{n_{in}}}\ \text{(He et al. 2015, for ReLU)}$$
#
# Xavier's is the compromise between the way forward and the way back, for activations with slope 1 around 0. ReLU,
# $\max(x, 0)$, throws half of the values away, which costs a factor $\sqrt{1/2}$; He's start makes up for it. Between
# our square layers the two differ by $\sqrt 2$ and nothing else. Does that matter?


# %%
def he(share=1.0):
    """He's start, times `share`."""
    return lambda weight: nn.init.normal_(weight, 0, share * np.sqrt(2 / weight.shape[1]))


starts = {"He / 2": 0.5, "Xavier = He / √2": 0.5**0.5, "He": 1.0, "He × 2": 2.0}
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4), layout="constrained")
back = {}
for name, share in starts.items():
    forward, back[name] = flow(deep(nn.ReLU, he(share)))
    left.semilogy(range(1, 21), forward, label=name)
    right.semilogy(range(1, 21), back[name], label=name)
    assert 0.8 * share < (forward[-1] / forward[0]) ** (1 / 19) < 1.2 * share  # the factor of a layer, forward …
    assert 0.8 * share < (back[name][0] / back[name][-1]) ** (1 / 19) < 1.2 * share  # … and back
left.set(xlabel="layer", ylabel="size of the values", xticks=range(0, 21, 5))
right.set(xlabel="layer", ylabel="size of the gradient", xticks=range(0, 21, 5))
fig.legend(*left.get_legend_handles_labels(), title="random start", loc="outside right")
plt.show()

# %% [markdown]
# Straight lines: each layer multiplies by the same factor, the share of He's start, within a fifth. Values go from
# left to right, gradients from right to left. A factor √2 too little in two layers is harmless. In twenty it is a
# thousand:

# %%
accuracy["ReLU, Xavier"] = train(deep(nn.ReLU, xavier))
accuracy["ReLU, He"] = train(deep(nn.ReLU, he()))

thousand = back["He"][0] / back["Xavier = He / √2"][0]
assert np.isclose(np.sqrt(2) ** 20, 1024)
assert 500 < thousand < 2000
assert accuracy["ReLU, Xavier"] < 0.3
assert accuracy["ReLU, He"] > 0.5

# %% [markdown]
# With He's start the net gets more than half of the images right, with Xavier's less than 30 %.
#
# ### 2 · The activation
#
# Each activation multiplies the gradient by its slope. Here are the slopes, derived by the engine.

# %%
activations = {"sigmoid": F.sigmoid, "tanh": np.tanh, "ReLU": F.relu, "LeakyReLU": F.leaky_relu, "ELU": F.elu}
activations["GELU"] = F.gelu
grid = np.linspace(-5, 5, 1001)
slopes = {name: ag.grad(lambda x, f=f: np.sum(f(x)))(grid) for name, f in activations.items()}

fig, axes = plt.subplots(figsize=(7.5, 3.2), layout="constrained")
for name, slope in slopes.items():
    axes.plot(grid, slope, label=name, linestyle="--" if name in ("ELU", "LeakyReLU") else "-")
axes.set(xlabel="x", ylabel="slope of the activation")
fig.legend(loc="outside right")
plt.show()

assert np.isclose(slopes["sigmoid"].max(), 0.25)
assert all(0.99 < slope.max() < 1.2 for name, slope in slopes.items() if name != "sigmoid")
assert max(slopes["sigmoid"][[0, -1]]) < 0.007  # far out both are flat: saturated
assert max(slopes["tanh"][[0, -1]]) < 0.0002
assert not slopes["ReLU"][grid < 0].any()
assert np.allclose(slopes["LeakyReLU"][grid < 0], 0.01)

# %% [markdown]
# The sigmoid never lets more than a quarter through. tanh has the same shape and slope 1 in the middle, and that alone
# is enough: with Xavier's start the net of 20 layers learns. ReLU and its relatives have slope 1, or nearly, for all
# large x, where the other two are flat (saturated).

# %%
accuracy["tanh"] = train(deep(nn.Tanh, xavier))
assert accuracy["tanh"] > 0.9

quarter, tanh = flow(deep(nn.Sigmoid, xavier))[1], flow(deep(nn.Tanh, xavier))[1]
assert 0.2 < (quarter[0] / quarter[-1]) ** (1 / 19) < 0.27  # the factor of a layer
assert 0.9 < (tanh[0] / tanh[-1]) ** (1 / 19) < 1.1

# %% [markdown]
# The price of ReLU: a unit whose input is below 0 for every sample gets no gradient, so nothing can ever change that.
# It is *dead*. One step that is too long can do it to a whole layer; we do it by hand to a small net, by setting all
# biases of the hidden layer to −6. The report counts the dead. A *leaky* ReLU keeps a small slope below 0 (0.1 here)
# and finds its way back.


# %%
def struck(activation):
    ag.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, 64), activation, nn.Linear(64, 10)).double()
    nn.init.constant_(net[0].bias, -6.0)
    return net


assert ag.gradient_report(struck(nn.ReLU()), cross_entropy, batch).layers[1].dead == 1
dead, leaky = train(struck(nn.ReLU()), rate=0.1), train(struck(nn.LeakyReLU(0.1)), rate=0.1)
assert dead < 0.15
assert leaky > 0.5
print(f"accuracy after all biases were set to -6: ReLU {dead:.0%}, LeakyReLU {leaky:.0%}")

# %% [markdown]
# ### 3 · BatchNorm
#
# Instead of hoping that the values keep their size, make it so. *BatchNorm* (Ioffe and Szegedy 2015) takes each unit's
# values over the batch, subtracts their mean μ, divides by their standard deviation, and then lets the net choose
# another scale γ and offset β:
#
# $$\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \qquad y = \gamma \hat x + \beta$$
#
# In front of the sigmoids it keeps their inputs where they have a slope. And by its division a layer's gain no longer
# depends on the size of its weights:

# %%
value = np.random.default_rng(0).normal(3, 5, size=(100, 4))
by_hand = (value - value.mean(axis=0)) / np.sqrt(value.var(axis=0) + 1e-5)
norm = nn.BatchNorm1d(4).double()
assert np.allclose(norm(value).detach().numpy(), by_hand)
assert np.allclose(norm(2 * value).detach().numpy(), by_hand, atol=1e-5)  # twice the weights, same result

accuracy["sigmoid, BatchNorm"] = train(deep(nn.Sigmoid, xavier, norm=True))
assert accuracy["sigmoid, BatchNorm"] > 0.9

fig, axes = plt.subplots(figsize=(7.5, 3.4), layout="constrained")
patients = {
    "sigmoid": (nn.Sigmoid, xavier),
    "sigmoid, BatchNorm": (nn.Sigmoid, xavier, True),
    "tanh": (nn.Tanh, xavier),
    "ReLU, Xavier": (nn.ReLU, xavier),
    "ReLU, He": (nn.ReLU, he()),
}
for name, recipe in patients.items():
    gradients = flow(deep(*recipe))[1]
    axes.semilogy(range(1, 21), gradients, label=f"{name}: {'learns' if accuracy[name] > 0.5 else 'does not'}")
axes.set(xlabel="layer", ylabel="size of the gradient", xticks=range(0, 21, 5))
fig.legend(loc="outside right")
plt.show()

# %% [markdown]
# The summary in one picture: the size of the gradient at each layer, before training. The nets with a level line
# learn. With BatchNorm the sigmoid net, which guessed, gets above 90 %, from the same weights.
#
# ## Exploding: remedies that limit the step
#
# *Clipping* shortens the gradient g before it is used. There are two ways:
#
# $$\text{by norm:}\quad g \leftarrow g \cdot \min\Big(1, \frac{c}{|g|}\Big) \qquad\qquad
# \text{by value:}\quad g_i \leftarrow \min(\max(g_i, -c),\, c)$$

# %%
g = np.array([30.0, 0.4])
by_norm, by_value = g * min(1, 1 / np.linalg.norm(g)), np.clip(g, -1, 1)
assert np.allclose([by_norm, by_value], [[0.99991, 0.01333], [1, 0.4]], atol=1e-4)
print("by norm", by_norm.round(3), "  by value", by_value)

# %% [markdown]
# The first keeps the direction, the second does not. Both bound the step. Now our net with 1.25 times He's start, and
# momentum:

# %%
try:
    with np.errstate(all="ignore"):
        train(deep(nn.ReLU, he(1.25)), rate=0.05, momentum=0.9)
except NonFiniteLossError as error:
    print("without:", str(error).split(".")[0])
else:
    raise AssertionError("this should have exploded")

for clipping in ({"clip_norm": 1.0}, {"clip_value": 0.01}):
    assert train(deep(nn.ReLU, he(1.25)), rate=0.05, momentum=0.9, **clipping) > 0.6

# %% [markdown]
# The first epoch ends in NaN. With either clipping the net gets above 60 %.
#
# ### What a single step can do
#
# Explosions also happen in the middle of a good run, above all in *recurrent* nets, which apply the same weights again
# and again. The smallest has one unit (Pascanu, Mikolov and Bengio 2013): $x_t = w\,\sigma(x_{t-1}) + b$, 30 times,
# and the loss is $(\sigma(x_{30}) - 0.7)^2$. With 30 equal factors there is little between vanishing and exploding: a
# cliff. We start at its edge.


# %%
def recurrent(p):
    x = 0 * p[0]
    for _ in range(30):
        x = p[0] * F.sigmoid(x) + p[1]
    return (F.sigmoid(x) - 0.7) ** 2


def descend(clip, rate=0.2, steps=60):
    """Gradient descent; `clip` is applied to each gradient."""
    path = [np.array([4.8, -2.398])]
    for _ in range(steps):
        path.append(path[-1] - rate * clip(ag.grad(recurrent)(path[-1])))
    return np.array(path)


plain = descend(lambda g: g)
clipped = descend(lambda g: g * min(1, 0.5 / np.linalg.norm(g)))

w, b = np.meshgrid(np.linspace(3.8, 5.4, 161), np.linspace(-3.8, -1.8, 201))
height = recurrent(ag.tensor(np.stack([w, b]))).numpy()
fig, axes = plt.subplots(figsize=(7.5, 4.2), layout="constrained")
filled = axes.contourf(w, b, height, levels=24, cmap="viridis")
fig.colorbar(filled, label="loss")
axes.plot(*plain.T, "o-", color="white", markersize=3, label="plain")
axes.plot(*clipped.T, ".-", color="tab:orange", linewidth=1, label="clipped to 0.5")
axes.plot(*plain[0], "*", color="red", markersize=14, label="start")
axes.set(xlabel="w", ylabel="b")
axes.legend(loc="upper right", facecolor="lightgrey")
plt.show()

sizes = [np.linalg.norm(ag.grad(recurrent)(place)) for place in plain]
heights = {name: recurrent(ag.tensor(path.T)).numpy() for name, path in (("plain", plain), ("clipped", clipped))}
assert sizes[0] > 5
assert max(sizes[1:]) < 0.15
assert heights["plain"][1:].min() > 0.35
assert heights["clipped"][-1] < 0.02
assert clipped[-1, 0] < 4.6

# %% [markdown]
# At the edge the gradient is larger than 5. The plain step (white) is thrown far out onto the high plain, and there
# the gradient is below 0.15: an explosion first, then vanishing. After 60 steps its loss is still above 0.35. The
# clipped path bumps along the edge, downhill, and ends with a loss below 0.02. Clipping does not make the gradient
# right. It makes one wrong step cheap.
#
# ## Jitter: remedies that average
#
# The gradient of a batch is the gradient of all the data plus noise. With B independent rows the noise has standard
# deviation $\sqrt{\mathrm{tr}\,\Sigma / B}$, where $\mathrm{tr}\,\Sigma$ is the variance of the gradient of one row,
# summed over the parameters. Where it is as large as the gradient G itself, $B = \mathrm{tr}\,\Sigma/|G|^2$, is called
# the *noise scale* (McCandlish et al. 2018). `ag.gradient_noise_scale` estimates it; the dots are measured, with 200
# random batches of each size, on a small net.

# %%
ag.manual_seed(0)
net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)).double()
fresh = net.state_dict()


def gradient(rows, model=net, inputs=train_x):
    found = ag.autograd.grad(cross_entropy(model(inputs[rows]), train_y[rows]), list(model.parameters()))
    return np.concatenate([g.ravel() for g in found])


everything = gradient(slice(None))
draws = np.random.default_rng(0)
batch_sizes = np.array([1, 4, 16, 64, 256])
noise = []
for count in batch_sizes:
    off = [gradient(draws.integers(len(train_x), size=count)) - everything for _ in range(200)]
    noise.append(np.sqrt(np.mean([d @ d for d in off])) / np.linalg.norm(everything))
scale = ag.gradient_noise_scale(net, cross_entropy, (train_x, train_y), generator=np.random.default_rng(0)).scale

fig, axes = plt.subplots(figsize=(6.5, 3.5), layout="constrained")
axes.loglog(batch_sizes, noise, "o", label="measured")
axes.loglog(batch_sizes, np.sqrt(scale / batch_sizes), "-", color="C0", label="√(noise scale / B)")
axes.axhline(1, color="grey", linestyle=":", label="noise = gradient")
axes.axvline(scale, color="C1", linestyle="--", label=f"noise scale, {scale:.0f} rows")
axes.set(xlabel="rows in a batch, B", ylabel="noise / gradient")
axes.set_xticks(batch_sizes, batch_sizes)
axes.set_yticks([0.5, 1, 2, 5], ["0.5", "1", "2", "5"])
axes.minorticks_off()
axes.legend()
plt.show()

assert np.allclose(noise, np.sqrt(scale / batch_sizes), rtol=0.25)
assert 20 < scale < 80
assert noise[0] > 4

# %% [markdown]
# ### 1 · Batch size
#
# The points fall on the line: to halve the noise takes four times the rows. At B = 1 the noise is more than four times
# as large as the gradient. That is not hopeless: over many small steps the noise averages out and the gradient does
# not. Batches larger than the noise scale hardly help any more.
#
# One of the articles that this project grew out of names rounding as the source of this noise, and higher precision as
# the remedy. A measurement: the gradient in float32 against that in float64, beside the noise of a batch of 32.

# %%
single = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
single.load_state_dict(fresh)
rounding = np.linalg.norm(gradient(slice(None), single, train_x.astype(np.float32)) - everything)
sampling = np.sqrt(scale / 32) * np.linalg.norm(everything)
assert rounding < 1e-5 * sampling

# %% [markdown]
# Rounding is less than a hundred-thousandth of the noise. float64 is good for other things (notebook 09).
#
# ### 2 · Accumulation
#
# When a large batch does not fit into memory, take small ones, add up their gradients, and step once:

# %%
weights = {}
for name, settings in {"64 rows": {"batch_size": 64}, "4 × 16 rows": {"batch_size": 16, "accumulate": 4}}.items():
    net.load_state_dict(fresh)
    train(net, rate=0.1, epochs=2, **settings)
    weights[name] = np.concatenate([w.ravel() for w in net.state_dict().values()])
assert np.allclose(*weights.values(), rtol=0, atol=1e-9)

# %% [markdown]
# The weights are the same to nine decimals. So this is a remedy for jitter and not, as another has it, for gradients
# that vanish: the mean of four tiny gradients is a tiny gradient.
#
# ## L1 and L2: a remedy for something else
#
# *Regularization* adds a penalty on the weights to the loss, $\lambda \sum w^2$ (L2) or $\lambda \sum |w|$ (L1). It
# stands on most lists of remedies for gradients, too. What it adds to the gradient, $2\lambda w$ or
# $\lambda\,\mathrm{sign}(w)$, depends on the weights and not on the data. The sigmoid net guesses as before:

# %%
for penalty in (ag.l2_penalty, ag.l1_penalty):
    sick = deep(nn.Sigmoid, xavier)
    guess = train(sick, loss=lambda p, t, sick=sick, penalty=penalty: cross_entropy(p, t) + 1e-3 * penalty(sick))
    assert guess < 0.15

# %% [markdown]
# What it is for is overfitting (notebook 03). L2, the penalty of the exercise there, makes all weights smaller. L1
# pushes each with the same force however small it is, down to 0.
#
# ## What to keep
#
# | trouble | remedy |
# |---|---|
# | vanishing: the first layers stand still | a start made for the activation; tanh or ReLU; BatchNorm |
# | dead units | LeakyReLU, a smaller rate |
# | exploding: NaN, or a leap | clipping, a smaller start |
# | jitter: the loss shakes | larger batches, accumulation, a smaller rate (notebook 07) |
#
# ## Exercise
#
# One more remedy, and it made nets of a hundred layers possible (He et al. 2016): let each layer *add* something to
# its input, $y = x + f(x)$. What is the factor of a layer now? Write a module `Skip` that does it, put it around each
# layer of the sigmoid net, keep everything else, and compare gradient and accuracy.
#
# **Solution.** The factor is $1 + f'$ in the place of $f'$: with $f'$ close to 0 it is close to 1, and there is always
# one way back on which nothing is multiplied at all.


# %%
class Skip(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return x + self.inner(x)


def skipping():
    net = deep(nn.Sigmoid, xavier)
    return nn.Sequential(*[Skip(nn.Sequential(net[i], net[i + 1])) for i in range(0, 40, 2)], net[40])


report = ag.gradient_report(skipping(), cross_entropy, batch)
first, last = report.layers[0].gradient, report.layers[-1].gradient
assert report.verdict == "healthy"
assert first > 1e-3 * last  # and not 1e-10, as before
assert train(skipping()) > 0.6  # and not a guess
print(f"{report.verdict}: {report.words}")
