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
# # Small CNN, RNN, GAN
#
# The nets so far were stacks of layers, each fully connected to the next (notebook 05). Three ideas go beyond that, and
# the engine needs nothing new for them. A *convolutional* net uses the same few weights at every place of an image. A
# *recurrent* net uses the same weights at every step of a sequence. A *generative adversarial* pair has two losses that
# pull in opposite directions. Each is held here against something that can be known without it.

# %%
# %matplotlib inline
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data.datasets import load

plt.rcParams["figure.dpi"] = 72

# %% [markdown]
# ## 1 · A convolutional net
#
# ### What a convolution is
#
# Take a small array of weights, the *filter*. Lay it on a corner of the image, multiply what lies on top of each other,
# and add up. Then move the filter by one pixel, and so on over the whole image:
#
# $$y_{ij} = \sum_{a=0}^{2} \sum_{b=0}^{2} w_{ab}\; x_{i+a,\,j+b}$$

# %%
digits = load("digits")
images = (digits.features / 16).astype(np.float32).reshape(-1, 1, 8, 8)  # 1797 images, one channel, 8 × 8 pixels


def slide(image, window):
    """The sum of products at every place where the window fits into the image."""
    (h, w), (rows, columns) = window.shape, np.subtract(image.shape, window.shape) + 1
    y = np.zeros((rows, columns))
    for i, j in np.ndindex(rows, columns):
        y[i, j] = np.sum(image[i : i + h, j : j + w] * window)
    return y


seven = images[7, 0]
assert digits.target[7] == 7
upper = np.array([[-1.0, -1.0, -1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])  # dark above, bright below
left = upper.T  # dark on the left, bright on the right

for window in (upper, left):
    library = nn.functional.conv2d(seven[None], window[None, None])  # the same, with axes for channels
    assert np.allclose(library.numpy()[0], slide(seven, window), atol=1e-6)

fig, axes = plt.subplots(1, 3, figsize=(9, 2.9), layout="constrained")
axes[0].imshow(seven, cmap="gray")
axes[0].set_title("the image, a 7")
for ax, window, title in zip(axes[1:], (upper, left), ("bright below dark", "bright right of dark"), strict=True):
    drawn = ax.imshow(slide(seven, window), cmap="RdBu_r", vmin=-3, vmax=3)
    ax.set_title(title)
fig.colorbar(drawn, ax=axes[1:], label="sum of the nine products")
for ax in axes:
    ax.set(xticks=[], yticks=[])
plt.show()

# %% [markdown]
# Each of these two filters finds one kind of edge, wherever it is: red where there is one, blue where there is the
# opposite one. On the way back, the gradients of all places add up in the nine weights. With $g_{ij}$ the gradient that
# arrives at the result, the chain rule gives
#
# $$\frac{\partial J}{\partial w_{ab}} = \sum_i \sum_j g_{ij}\; x_{i+a,\,j+b}$$
#
# which is a convolution of the image, too, with the arriving gradient as the filter.

# %%
g = np.random.default_rng(0).normal(size=(6, 6))  # what might arrive at the 6 × 6 result
gradient = ag.grad(lambda w: np.sum(g * nn.functional.conv2d(seven.astype(float)[None], w[None, None])[0]))(upper)
assert gradient.shape == (3, 3)
assert np.allclose(gradient, slide(seven, g))

# %% [markdown]
# ### A net of them
#
# In a net nobody draws the filters; they start at random, like all weights. A layer `Conv2d(1, 8, 3)` has eight filters
# and gives eight images, its *channels*; `padding=1` frames the image with zeros, so that the result keeps its size. A
# filter of `Conv2d(8, 16, 3)` sees all eight channels. `MaxPool2d(2)` keeps the largest of every 2 × 2 numbers. From
# what is left, a linear layer makes ten scores. Beside it an MLP (notebook 05) with about as many weights.


# %%
def cnn():
    first = nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
    second = nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
    return nn.Sequential(*first, *second, nn.Flatten(), nn.Linear(64, 10))


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 25), nn.ReLU(), nn.Linear(25, 10))


def size(model):
    return sum(p.size for p in model.parameters())


assert size(cnn()) == 1898
assert size(mlp()) == 1885

# %% [markdown]
# Both are trained on the same images, and tried on 600 that they never saw. Then again from the beginning, with all
# images *shuffled*: one fixed random order of the 64 pixels, the same for every image. For a person that destroys the
# digits, but no information is lost. Everything is done with two seeds and averaged.


# %% tags=["varies"]
def accuracy(make, images, seed):
    """The share of the test images that a net is right about, once it is trained on the others."""
    ag.manual_seed(seed)
    model = make()
    data, optimizer = (images[training], digits.target[training]), optim.Adam(model.parameters(), lr=5e-3)
    ag.fit(model, data, nn.CrossEntropyLoss(), optimizer, epochs=30, batch_size=64, progress=False)
    with ag.no_grad():
        return np.mean(model(images[test]).numpy().argmax(axis=1) == digits.target[test])


test, training = np.split(np.random.default_rng(0).permutation(len(images)), [600])
shuffled = images.reshape(-1, 64)[:, np.random.default_rng(1).permutation(64)].reshape(images.shape)
found = {}
for name, make in (("MLP", mlp), ("CNN", cnn)):
    for kind, pictures in (("as they are", images), ("shuffled", shuffled)):
        found[name, kind] = np.mean([accuracy(make, pictures, seed) for seed in (0, 1)])
        print(f"{name}, images {kind}: {found[name, kind]:.1%}")

assert found["CNN", "as they are"] > found["MLP", "as they are"] + 0.002
assert found["CNN", "shuffled"] < found["MLP", "shuffled"] - 0.005
assert abs(found["MLP", "shuffled"] - found["MLP", "as they are"]) < 0.015

# %% [markdown]
# As the images are, the convolutional net is right more often. Shuffled, it is worse than the MLP, which does not
# notice: for it an image is a list of 64 numbers, and any order is as good as any other. What the convolutional net
# knows in advance is that neighbouring pixels belong together. Where that is true it helps; where it is not, it hurts.
# [examples/cnn_digits.py](../examples/cnn_digits.py) gets more out of the same idea.
#
# ## 2 · A recurrent net
#
# ### What a recurrent cell is
#
# A text has no fixed length, so no fixed number of inputs. A *recurrent cell* reads one element after the other. It has
# a *state* h, a few numbers that it hands on to itself:
#
# $$h_t = \tanh(W x_t + U h_{t-1} + b)$$
#
# To see what that makes of the graph, take a cell of single numbers, without b, and three steps:

# %%
w = ag.tensor(0.8, requires_grad=True, name="w")
u = ag.tensor(1.1, requires_grad=True, name="u")
x1, x2, x3 = (ag.tensor(value, name=f"x{t}") for t, value in enumerate((1.0, -0.5, 0.3), start=1))

h1 = np.tanh(w * x1)  # the state is 0 in the beginning
h2 = np.tanh(w * x2 + u * h1)
h3 = np.tanh(w * x3 + u * h2)
ag.draw(h3, rankdir="TB")

# %% [markdown]
# The graph has no loop: it is a chain, one link for every step, and from `w` and `u` arrows lead to the links. This is
# called *unrolling*. There is nothing new to derive: the gradients of `w` and `u` are sums over the steps, just as the
# gradient of a filter is a sum over places.
#
# ### A text with a known amount of news
#
# The text for our net is made here: verses that count down. There are 30 of them, in random order.


# %%
def verse(count, thing):
    return "".join(f"{n} {thing}\n" for n in range(count, 0, -1)) + "\n"


verses = [verse(n, thing) for n in range(2, 7) for thing in ("hens", "ships", "drums", "kites", "apples", "mice")]
assert len(set(verses)) == 30
rng = np.random.default_rng(0)
chosen = [verses[i] for i in rng.integers(30, size=600)]
text = "\n" + "".join(chosen)
print(text[:58])

# %% [markdown]
# The task: read a letter, give a probability for each possible next one, read the next, and so on. The measure is the
# *surprise*, $-\log_2 p$ of the letter that did come, in bits: 0 if the net was sure and right, 1 if it gave it one
# half. Its mean is the cross-entropy loss of notebook 05, with another logarithm.
#
# As we made the text, we know how good one can be. Who knows the verses must find out the number, one of 5, and the
# thing, one of 6, and can then say the rest by heart. That is $\log_2 5 + \log_2 6 = 4.9$ bits for a verse; nobody can
# do better on average. Who has no memory can only count which letter follows the last one how often:

# %%
letters = sorted(set(text))
code = {letter: i for i, letter in enumerate(letters)}
codes = np.array([code[letter] for letter in text])
pairs = np.zeros((len(letters), len(letters)))
np.add.at(pairs, (codes[:-1], codes[1:]), 1)
pairs /= pairs.sum(axis=1, keepdims=True)


def surprise_of_pairs(verse):
    """The surprise at every letter of a verse, knowing only the letter before it."""
    known = [code[letter] for letter in "\n" + verse]
    return -np.log2(pairs[known[:-1], known[1:]])


memoryless = np.mean([surprise_of_pairs(v).sum() for v in verses])
print(f"bits for a verse: {np.log2(30):.2f} at best, {memoryless:.1f} without memory")
assert 37 < memoryless < 42

# %% [markdown]
# ### The net
#
# An `Embedding` is a table with a row of 12 numbers for each letter, learned like all weights. Then come the cell, with
# a state of 48 numbers, and a linear layer from the state to a score for each letter. In a training step, 32 pieces of
# 40 letters are read side by side. At every letter the cross-entropy of the next one is added to the loss; then it goes
# back through all 40 steps. (This is called *backpropagation through time*.) The step is compiled, see notebook 11.


# %%
class Reader(nn.Module):
    """A letter and a state, to the scores of the next letter and the next state."""

    def __init__(self):
        self.embedding = nn.Embedding(len(letters), 12)
        self.cell = nn.RNNCell(12, 48)
        self.head = nn.Linear(48, len(letters))

    def forward(self, letter, state):
        state = self.cell(self.embedding(letter), state)
        return self.head(state), state


ag.manual_seed(0)
reader = Reader()
optimizer = optim.Adam(reader.parameters(), lr=1e-2)
cross_entropy = nn.CrossEntropyLoss()
steps, length = 800, 40


@ag.compile
def step(window):
    optimizer.zero_grad()
    loss, state = 0.0, None
    for i in range(length):
        scores, state = reader(window[i], state)
        loss = loss + cross_entropy(scores, window[i + 1]) / length
    loss.backward()
    optimizer.step()
    return loss


begins = np.cumsum([0, *map(len, chosen)])  # the line break before each verse
begins = begins[begins < len(codes) - length]
for i in range(steps):
    optimizer.param_groups[0]["lr"] = 1e-2 * (1 - i / steps)  # down to 0 in a straight line
    step(codes[rng.choice(begins, size=32) + np.arange(length + 1)[:, None]])

# %% [markdown]
# Now let it read verses, letter by letter:


# %%
def surprise_of_net(verse):
    read, state, bits = "\n" + verse, None, []
    with ag.no_grad():
        for letter, following in pairwise(code[letter] for letter in read):
            scores, state = reader([letter], state)
            bits.append(-nn.functional.log_softmax(scores)[0, following].item() / np.log(2))
    return np.array(bits)


total = np.mean([surprise_of_net(v).sum() for v in verses])
print(f"bits for a verse: the net {total:.2f}, at best {np.log2(30):.2f}, without memory {memoryless:.1f}")
assert np.log2(30) < total < np.log2(30) + 1

example = verse(4, "ships")
fig, axes = plt.subplots(figsize=(10, 3), layout="constrained")
at = np.arange(len(example))
for offset, name, bits, color in (
    (-0.2, "without memory", surprise_of_pairs(example), "0.75"),
    (0.2, "the net", surprise_of_net(example), "C0"),
):
    axes.bar(at + offset, bits, 0.4, color=color, label=f"{name}: {bits.sum():.1f} bits")
axes.plot([0, 2], np.log2([5, 6]), "C1_", markersize=22, markeredgewidth=3, label=f"at best: {np.log2(30):.1f} bits")
axes.set_xticks(at, [{"\n": "⏎", " ": "␣"}.get(letter, letter) for letter in example])
axes.set(xlabel="the letter that comes", ylabel="surprise, bits", xlim=(-0.6, len(example) - 0.4), ylim=(0, 4.5))
axes.legend(ncols=3, loc="upper right")
plt.show()

news = [0, 2]  # the number, and the first letter of the thing
bits = surprise_of_net(example)
assert bits[news].min() > 1
assert np.delete(bits, news).sum() < 1
assert surprise_of_pairs(example).sum() > 50

# %% [markdown]
# Look at the first line. The net is surprised twice, by the number and by the first letter of the thing, and hardly
# ever again: all other letters together cost it less than one bit. In later lines it knows that 3 comes after 4 and
# that it was ships; it has carried both in its 48 numbers over the whole line. Without memory every line costs anew.
#
# And it can write: draw the next letter with the probability that the net gives it, and let the net read that letter.

# %% tags=["varies"]
draw = np.random.default_rng(0)


def write():
    """A verse of the net's own, up to the empty line or 80 letters."""
    letter, state, written = code["\n"], None, ""
    with ag.no_grad():
        while not written.endswith("\n\n") and len(written) < 80:
            scores, state = reader([letter], state)
            chances = ag.softmax(scores).numpy()[0].astype(float)
            letter = draw.choice(len(letters), p=chances / chances.sum())
            written += letters[letter]
    return written


written = [write() for _ in range(40)]
print(*written[:3], sep="")
print(f"{np.mean([v in verses for v in written]):.0%} of 40 verses are without a mistake")
assert np.mean([v in verses for v in written]) > 0.6

# %% [markdown]
# Whether a net can continue verses that it *never* saw is measured in
# [examples/char_rnn.py](../examples/char_rnn.py), with a cell that has *gates*. The exercise shows what they are for.
#
# ## 3 · A generative adversarial net
#
# ### Two losses
#
# How does one make new points that look as if they came from the data? Take two nets (Goodfellow et al. 2014). The
# *generator* G makes a point of random numbers z, the *noise*. The *discriminator* D gives a point a score: high for
# "this is a real one", low for "this was made". With the sigmoid σ, σ(score) is the probability that it is real. D is
# an ordinary classifier, and its loss is the cross-entropy:
#
# $$J_D = -\log \sigma\big(D(x)\big) - \log\big(1 - \sigma(D(G(z)))\big)$$
#
# G has no data and no targets. Its loss is what D says of its points: they should be taken for real.
#
# $$J_G = -\log \sigma\big(D(G(z))\big)$$
#
# The gradient of $J_G$ comes *through* D to the point, says in which direction the point would look more real, and goes
# from there into the weights of G. Both logarithms are `softplus`, $\log(1 + e^s)$:

# %%
softplus, sigmoid = nn.functional.softplus, lambda s: 1 / (1 + np.exp(-s))
s = np.linspace(-5, 5, 11)
assert np.allclose(softplus(-s).numpy(), -np.log(sigmoid(s)))
assert np.allclose(softplus(s).numpy(), -np.log(1 - sigmoid(s)))

# %% [markdown]
# ### Eight heaps on a circle
#
# The data: points in the plane, in eight small heaps. D and G are the same kind of MLP.

# %%
angles = 2 * np.pi * np.arange(8) / 8
centres = 2 * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def real_points(n):
    return (centres[rng.integers(8, size=n)] + 0.1 * rng.normal(size=(n, 2))).astype(np.float32)


def noise(n):
    return rng.normal(size=(n, 8)).astype(np.float32)


def net(inputs, outputs):
    layers = [nn.Linear(inputs, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, outputs)]
    return nn.Sequential(*layers)


ag.manual_seed(0)
G, D = net(8, 2), net(2, 1)

# %% [markdown]
# Each optimizer moves the weights of one net only. When D learns, the made points are *detached*: cut off from the
# graph, so that D's loss does not reach into G. When G learns, the gradients do pass through D.

# %%
softplus(D(G(noise(4)).detach())).mean().backward()
assert all(p.grad is None for p in G.parameters())
assert all(p.grad is not None for p in D.parameters())

softplus(-D(G(noise(4)))).mean().backward()
assert all(p.grad is not None for p in G.parameters())

# %% [markdown]
# A training step is one step of D, then one of G:

# %%
# β₁, the memory of Adam's momentum, is short: the opponent moves too, and old gradients mislead
d_optimizer = optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.999))
g_optimizer = optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.999))


@ag.compile
def duel(real, z, another_z):
    d_optimizer.zero_grad()
    d_loss = softplus(-D(real)).mean() + softplus(D(G(z).detach())).mean()
    d_loss.backward()
    d_optimizer.step()
    g_optimizer.zero_grad()
    g_loss = softplus(-D(G(another_z))).mean()
    g_loss.backward()
    g_optimizer.step()
    return d_loss, g_loss


def near_a_heap(points):
    """The share of the points within three standard deviations of a centre, and how many heaps have 1 % of them."""
    distances = np.linalg.norm(points[:, None] - centres, axis=2)
    near = distances.min(axis=1) < 0.3
    return near.mean(), np.sum(np.bincount(distances[near].argmin(axis=1), minlength=8) >= 0.01 * len(points))


grid = np.stack(np.meshgrid(np.linspace(-3, 3, 80), np.linspace(-3, 3, 80)), axis=-1).astype(np.float32)
losses, shots = [], {}
for i in range(2401):
    if i in (0, 100, 400, 2400):
        with ag.no_grad():
            shots[i] = G(noise(1000)).numpy(), sigmoid(D(grid.reshape(-1, 2)).numpy()).reshape(80, 80)
    d_loss, g_loss = duel(real_points(128), noise(128), noise(128))
    losses.append((d_loss.item(), g_loss.item()))

# %%
fig, axes = plt.subplots(1, 4, figsize=(12, 3.5), layout="constrained", sharey=True)
data = real_points(300)
for ax, (i, (points, opinion)) in zip(axes, shots.items(), strict=True):
    drawn = ax.contourf(grid[..., 0], grid[..., 1], opinion, np.linspace(0, 1, 11), cmap="RdBu_r", alpha=0.6)
    ax.plot(*data.T, ".", color="0.35", markersize=3, label="data")
    ax.plot(*points[:300].T, ".", color="C2", markersize=4, label="made by G")
    ax.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", title=f"after {i} steps", xlabel="first coordinate")
axes[0].set_ylabel("second coordinate")
axes[0].legend(loc="upper right", fontsize=8, framealpha=0.9)
fig.colorbar(drawn, ax=axes, label="D: probability of “real”", shrink=0.8)
plt.show()

# %% [markdown]
# The background is what D thinks: red "real", blue "made". In the beginning G makes a small heap in the middle, and D
# knows nothing. Then the points go where it is red, D learns that these are made, the red moves on, and the points
# follow. At the end they sit on all eight heaps, with a few between: G is continuous, it cannot leap. Now count:

# %% tags=["varies"]
for i, (points, _) in shots.items():
    share, heaps = near_a_heap(points)
    of_d, of_g = np.mean(losses[max(i - 100, 0) : i + 1], axis=0)  # over the last 100 steps
    print(f"after {i:4} steps: {share:4.0%} near a heap, {heaps} heaps covered, loss of D {of_d:.2f}, of G {of_g:.2f}")

assert near_a_heap(shots[0][0])[0] < 0.05
assert share > max(0.65, 3 * near_a_heap(shots[400][0])[0])
assert heaps == 8
assert np.allclose(losses[0], [2 * np.log(2), np.log(2)], atol=0.15)
assert of_g > np.mean(losses[300:401], axis=0)[1] - 0.1

# %% [markdown]
# In every training so far the loss told us how it goes. Here it does not. From step 400 on the points become ever
# better, and the loss of G does not fall, for D gets better too. And if G were perfect, D could only guess: σ = ½
# everywhere, so that $J_D = 2 \log 2 \approx 1.39$ and $J_G = \log 2 \approx 0.69$. But at the first step, when neither
# net has learned anything, the losses are about the same. That is why the points are counted.
# [examples/gan_2d.py](../examples/gan_2d.py) trains longer.
#
# ## What to keep
#
# - A convolution is one small set of weights at all places, a recurrent cell one set of weights at all times. Shared
#   weights get the sum of the gradients.
# - Sharing is knowledge put in by hand. It helps where it is true, and hurts where it is not.
# - Two nets with two losses are two `backward` and two `step`, and a `detach` between them. Their losses do not measure
#   progress; measure something else.
#
# ## Exercise
#
# Take the cell of single numbers, $h_t = \tanh(w x_t + u h_{t-1})$ with $h_0 = 0$, w = 1 and u = 0.5, and let it read
# 20 numbers. How much does the last state depend on the *first* input? Write down $\partial h_{20} / \partial x_1$ as a
# product, one factor for every link, check it against the engine, and find an upper bound that needs no computing.

# %%
numbers = np.random.default_rng(0).normal(size=20)


def states(x, w=1.0, u=0.5):
    h = [np.tanh(w * x[0])]
    for value in x[1:]:
        h.append(np.tanh(w * value + u * h[-1]))
    return h


# %% [markdown]
# **Solution.** The derivative of tanh is $1 - h^2$. The first link gives $w(1 - h_1^2)$, every later one
# $u(1 - h_t^2)$:
#
# $$\frac{\partial h_{20}}{\partial x_1} = w\,(1 - h_1^2) \prod_{t=2}^{20} u\,(1 - h_t^2) \;\le\; w\, u^{19}$$

# %%
h = np.array(states(numbers))
product = (1 - h[0] ** 2) * np.prod(0.5 * (1 - h[1:] ** 2))
gradient = ag.grad(lambda x: states(x)[-1])(numbers)
assert np.isclose(gradient[0], product)
assert 0 < gradient[0] < 0.5**19 < 2e-6
assert gradient[-1] > 0.1
print(f"in the first input {gradient[0]:.1e}, in the last {gradient[-1]:.2f}; the bound for the first is {0.5**19:.1e}")

# %% [markdown]
# At most two millionths: what was read 20 letters ago is forgotten, and cannot even be *learned* to be remembered,
# because learning goes by this very gradient. It is the vanishing gradient of notebook 08, along time. A gated cell
# (`LSTMCell`) multiplies its state by a gate, a number between 0 and 1 that it computes itself, and has no tanh on that
# path: with the gate near 1 the product stays near 1 as well.
