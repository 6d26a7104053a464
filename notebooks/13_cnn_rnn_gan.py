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
# the engine needs nothing new for any of them. A *convolutional* net uses the same few weights at every place of an
# image. A *recurrent* net uses the same weights at every step of a sequence. And a *generative adversarial* pair has
# two losses that pull in opposite directions. Each is built here from its smallest part, trained in a few seconds, and
# held against something that can be computed without it.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data.datasets import load

plt.rcParams["figure.dpi"] = 72

# %% [markdown]
# # 1 · A convolutional net
#
# ## What a convolution is
#
# Take a small array of weights, the *filter*, say 3 × 3. Lay it on a corner of the image, multiply what lies on top of
# each other, and add up the nine products: one number. Then move the filter by one pixel, and so on over the whole
# image:
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
# opposite one. Two things follow from the fact that one filter serves all places.
#
# First, it moves with the image: if the digit is one pixel lower, so is the result.

# %%
lower = np.zeros_like(seven)
lower[1:] = seven[:-1]
assert np.array_equal(slide(lower, upper)[1:], slide(seven, upper)[:-1])

# %% [markdown]
# Second, on the way back the gradients of all places add up in the nine weights, as they do for any value that is used
# more than once. The chain rule gives a formula that one does not expect: with $g_{ij}$ the gradient that arrives at
# the result,
#
# $$\frac{\partial J}{\partial w_{ab}} = \sum_i \sum_j g_{ij}\; x_{i+a,\,j+b}$$
#
# which is again a convolution of the image, with the arriving gradient as the filter.

# %%
g = np.random.default_rng(0).normal(size=(6, 6))  # what might arrive at the 6 × 6 result
gradient = ag.grad(lambda w: np.sum(g * nn.functional.conv2d(seven.astype(float)[None], w[None, None])[0]))(upper)
assert gradient.shape == (3, 3)
assert np.allclose(gradient, slide(seven, g))

# %% [markdown]
# ## A net of them
#
# In a net nobody draws the filters; they are weights like all others and start at random. A layer `Conv2d(1, 8, 3)` has
# eight filters and gives eight images, its *channels*; `padding=1` puts a frame of zeros around the image, so that the
# result keeps its size. `Conv2d(8, 16, 3)` sees all eight channels at once, so that each of its sixteen filters is
# 8 × 3 × 3. `MaxPool2d(2)` keeps the largest of every 2 × 2 numbers: half the height, half the width. At the end an
# ordinary linear layer turns what is left into ten scores.
#
# Beside it a *multilayer perceptron* (MLP, notebook 05) with as many weights.


# %%
def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 25), nn.ReLU(), nn.Linear(25, 10))


def size(model):
    return sum(p.size for p in model.parameters())


assert size(cnn()) == 1898
assert size(mlp()) == 1885
cnn()

# %% [markdown]
# The first layer has 8 × 9 weights and 8 biases, 80 numbers, and computes 8 × 8 × 8 = 512. A linear layer with the same
# 512 outputs would have 33,280.

# %%
assert size(nn.Conv2d(1, 8, 3)) == 80
assert size(nn.Linear(64, 512)) == 33_280


# %% [markdown]
# Now the experiment. Both nets are trained on the same images, and then tried on 600 that they never saw: as they are,
# and shifted by one pixel (the mean over the four directions). And then once more from the beginning, with all images
# *shuffled*: one fixed random order of the 64 pixels, the same for every image. For a person that destroys the digits;
# not a bit of information is lost by it. Everything is done with two different seeds and averaged.


# %% tags=["varies"]
def shifted(images, axis, by):
    """The images moved by one pixel; zeros come in, nothing comes round."""
    moved = np.roll(images, by, axis)
    np.moveaxis(moved, axis, 0)[0 if by > 0 else -1] = 0
    return moved


def accuracy(model, images, labels):
    with ag.no_grad():
        return np.mean(model(images).numpy().argmax(axis=1) == labels)


def trained(make, images, seed):
    ag.manual_seed(seed)
    model = make()
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    data = images[training], digits.target[training]
    ag.fit(model, data, nn.CrossEntropyLoss(), optimizer, epochs=30, batch_size=64, progress=False)
    return model


order = np.random.default_rng(0).permutation(len(images))
test, training = order[:600], order[600:]
labels = digits.target[test]
shuffle = np.random.default_rng(1).permutation(64)
shuffled = images.reshape(-1, 64)[:, shuffle].reshape(images.shape)
shifts = [shifted(images[test], axis, by) for axis in (2, 3) for by in (-1, 1)]

found = {}
for name, make in (("MLP", mlp), ("CNN", cnn)):
    rows = []
    for seed in (0, 1):
        model, other = trained(make, images, seed), trained(make, shuffled, seed)
        moved = np.mean([accuracy(model, shift, labels) for shift in shifts])
        rows.append([accuracy(model, images[test], labels), accuracy(other, shuffled[test], labels), moved])
    found[name] = dict(zip(("as they are", "shuffled", "shifted"), np.mean(rows, axis=0), strict=True))
    print(name, *(f"  {key} {value:.1%}" for key, value in found[name].items()))

# %% [markdown]
# - **As they are**, the convolutional net is right more often, with the same number of weights.
# - **Shuffled**, it is worse than the MLP. And the MLP does not notice: for it an image is a list of 64 numbers, and
#   any order of the list is as good as any other. What the convolutional net knows in advance, and the MLP does not,
#   is that neighbouring pixels belong together. Where that is true it helps; where it is not, it hurts.
# - **Shifted** by a single pixel, both fail on a great part of the images. The convolutional net is less bad, but it is
#   a common error to think that it would not mind. Its filters move with the image; the linear layer at the end, with a
#   weight of its own for every place, does not.

# %%
mlp_found, cnn_found = found["MLP"], found["CNN"]
assert cnn_found["as they are"] > mlp_found["as they are"] + 0.002
assert cnn_found["shuffled"] < mlp_found["shuffled"] - 0.005
assert abs(mlp_found["shuffled"] - mlp_found["as they are"]) < 0.015
assert mlp_found["shifted"] < 0.55
assert mlp_found["shifted"] + 0.05 < cnn_found["shifted"] < 0.75

# %% [markdown]
# ## The filters
#
# What are the eight filters, after training? Above, the filters; below, what each makes of the seven, after the ReLU.
# (`model` is the last one that was trained on the images as they are.)

# %%
first = model[0]
with ag.no_grad():
    channels = np.maximum(first(seven[None]).numpy(), 0)
filters = first.weight.detach().numpy()[:, 0]

fig, axes = plt.subplots(2, 9, figsize=(10, 2.7), layout="constrained")
bound = np.abs(filters).max()
for k in range(8):
    drawn = axes[0, k + 1].imshow(filters[k], cmap="RdBu_r", vmin=-bound, vmax=bound)
    axes[1, k + 1].imshow(channels[k], cmap="gray", vmin=0, vmax=channels.max())
    axes[0, k + 1].set_title(f"filter {k}", fontsize=10)
axes[1, 0].imshow(seven, cmap="gray")
axes[1, 0].set_title("image", fontsize=10)
axes[0, 0].axis("off")
fig.colorbar(drawn, ax=axes[0], label="weight", pad=0.01)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
plt.show()

# %% [markdown]
# Some have a red side and a blue one, like the filters made by hand; others light up along a whole stroke. They differ
# with every seed, and nobody asked for edges: the loss did, in 30 passes over the training images. How to get more out
# of the same idea (more filters, batch normalisation, settings chosen on a validation part) is shown in
# [examples/cnn_digits.py](../examples/cnn_digits.py).
#
# # 2 · A recurrent net
#
# ## What a recurrent cell is
#
# A text has no fixed length, so no fixed number of inputs. A *recurrent cell* reads one element after the other. It has
# a *state* h, a few numbers that it hands on to itself:
#
# $$h_t = \tanh(W x_t + U h_{t-1} + b)$$
#
# That is a layer with two inputs, the new element and its own last result. To see what it does to the graph, take a
# cell of single numbers, without b, and three steps, one line each. This is called *unrolling*.

# %%
w = ag.tensor(0.8, requires_grad=True, name="w")
u = ag.tensor(1.1, requires_grad=True, name="u")
x1, x2, x3 = (ag.tensor(value, name=f"x{t}") for t, value in enumerate((1.0, -0.5, 0.3), start=1))

h1 = np.tanh(w * x1)  # the state is 0 in the beginning
h2 = np.tanh(w * x2 + u * h1)
h3 = np.tanh(w * x3 + u * h2)
ag.draw(h3)

# %% [markdown]
# A loop in the code, no loop in the graph: it is a chain, one link for every step, and `w` and `u` are boxes from which
# arrows lead to every link. So there is nothing new to derive. Their gradients are sums over the steps, just as the
# gradient of a filter is a sum over places. (The books call it *backpropagation through time*.) To check, give each
# step a `u` of its own, and add:

# %%
h3.backward()


def unrolled(u2, u3):
    h = np.tanh(0.8 * 1.0)
    h = np.tanh(0.8 * -0.5 + u2 * h)
    return np.tanh(0.8 * 0.3 + u3 * h)


parts = ag.grad(unrolled, argnums=(0, 1))(1.1, 1.1)
assert np.isclose(sum(parts), u.grad)
print("from step 2: {:.4f}   from step 3: {:.4f}".format(*parts), f"  gradient of u: {u.grad:.4f}")

# %% [markdown]
# ## A text with a known amount of news
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
letters = sorted(set(text))
print(len(text), "letters,", len(letters), "different ones. The beginning:", text[:48])

# %% [markdown]
# The task: read a letter, give a probability for each possible next one, read the next, and so on. The measure is the
# *surprise*, $-\log_2 p$ of the letter that did come, in bits: 0 if the net was sure and right, 1 if it gave it one
# half. The mean of it is the cross-entropy loss of notebook 05, with another logarithm.
#
# Because we made the text, we know the answer to a question that is usually open: how good can one be? Who knows the 30
# verses must find out which one it is, once, and can then say the rest by heart. One of 30 is
# $\log_2 30 = 4.9$ bits for a whole verse, however long it is; nobody can do better on average.
#
# And how good is one without memory? The best guess from the last letter alone is to count which letter follows it how
# often.

# %%
code = {letter: i for i, letter in enumerate(letters)}
codes = np.array([code[letter] for letter in text])
pairs = np.zeros((len(letters), len(letters)))
np.add.at(pairs, (codes[:-1], codes[1:]), 1)
pairs /= pairs.sum(axis=1, keepdims=True)


def surprise_of_pairs(verse):
    """The surprise at every letter of a verse, knowing only the letter before it."""
    known = [code[letter] for letter in "\n" + verse]
    return -np.log2(pairs[known[:-1], known[1:]])


def surprise_of_ideal(verse):
    """The same, knowing all verses and the beginning of this one."""
    fitting = [sum(v.startswith(verse[:n]) for v in verses) for n in range(len(verse) + 1)]
    return -np.log2(np.divide(fitting[1:], fitting[:-1]))


ideal = [surprise_of_ideal(v).sum() for v in verses]
assert np.allclose(ideal, np.log2(30))
memoryless = np.mean([surprise_of_pairs(v).sum() for v in verses])
assert 37 < memoryless < 42
print(f"bits for a verse: {np.log2(30):.2f} for who knows them all, {memoryless:.1f} for who looks one letter back")

# %% [markdown]
# ## The net
#
# An `Embedding` is a table with a row of 12 numbers for each letter, learned like all weights; the cell above, with a
# state of 48 numbers; and a linear layer from the state to a score for each letter.


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


def probabilities(scores):
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def written(model, rng, length):
    """A text that the net writes: draw a letter from its probabilities, let it read that, and again."""
    letter, state, out = code["\n"], None, ""
    with ag.no_grad():
        for _ in range(length):
            scores, state = model([letter], state)
            letter = rng.choice(len(letters), p=probabilities(scores.numpy()[0].astype(float)))
            out += letters[letter]
    return out


# %% [markdown]
# One training step: 32 pieces of 40 letters, each from the beginning of a verse, are read side by side; at every letter
# the cross-entropy of the next one is added to the loss; then back through all 40 steps. As the loop always has 40
# rounds, the step can be compiled (notebook 11). The learning rate falls to 0 in a straight line. And since it is the
# nicest way to see a net learn, it has to write something four times on the way.

# %% tags=["varies"]
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
attempts = {}
for i in range(steps + 1):
    if i in (0, 60, 200, steps):
        attempts[i] = written(reader, np.random.default_rng(1), 1200)
        print(f"--- after {i} steps\n{attempts[i][:72]}")
    optimizer.param_groups[0]["lr"] = 1e-2 * (1 - i / steps)
    step(codes[rng.choice(begins, size=32) + np.arange(length + 1)[:, None]])

# %% [markdown]
# First letters at random, then words, then lines, then verses. How many of the verses that it writes at the end are
# among the 30? (The last one is cut off and does not count.)


# %% tags=["varies"]
def right(text):
    """How many verses of a text are among the 30, and how many there are."""
    found = [piece + "\n\n" for piece in text.split("\n\n")[:-1]]
    return sum(piece in verses for piece in found), len(found)


for i, attempt in attempts.items():
    print(f"after {i:3} steps: {right(attempt)[0]} of {right(attempt)[1]} verses without a mistake")
assert right(attempts[0])[0] == right(attempts[60])[0] == 0
assert right(attempt)[0] > 0.6 * right(attempt)[1]  # at the end


# %% [markdown]
# The text shows *that* it works; the surprise shows *how*. For one verse, letter by letter, the bits of the net, of the
# table of pairs, and of who knows all verses:


# %%
def surprise_of_net(verse):
    state, bits = None, []
    with ag.no_grad():
        for letter, following in zip("\n" + verse, verse, strict=False):
            scores, state = reader([code[letter]], state)
            bits.append(-np.log2(probabilities(scores.numpy()[0].astype(float))[code[following]]))
    return np.array(bits)


example = verse(4, "ships")
fig, axes = plt.subplots(figsize=(10, 3), layout="constrained")
at = np.arange(len(example))
for offset, name, bits, color in (
    (-0.28, "one letter back", surprise_of_pairs(example), "0.75"),
    (0.0, "the net", surprise_of_net(example), "C0"),
    (0.28, "knows all verses", surprise_of_ideal(example), "C1"),
):
    axes.bar(at + offset, bits, 0.28, color=color, label=f"{name}: {bits.sum():.1f} bits")
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
# that it was ships; it has carried both in its 48 numbers over the whole line. The table of pairs pays anew in every
# line, more than 50 bits in all. Over all verses the net needs nearly as few bits as is possible at all:

# %% tags=["varies"]
total = np.mean([surprise_of_net(v).sum() for v in verses])
print(f"bits for a verse: the net {total:.2f}, possible {np.log2(30):.2f}, one letter back {memoryless:.1f}")
assert np.log2(30) < total < np.log2(30) + 1

# %% [markdown]
# It may have learned 30 verses by heart. Whether a net can continue verses that it *never* saw is measured in
# [examples/char_rnn.py](../examples/char_rnn.py), with a cell that has gates (`GRUCell`; `LSTMCell` is the other one):
# they decide at every step what of the state is kept and what is written over. What they are good for is the subject
# of the exercise.
#
# # 3 · A generative adversarial net
#
# ## Two losses
#
# How does one make new points that look as if they came from the data? Take two nets (Goodfellow et al. 2014). The
# *generator* G gets random numbers z, *noise*, and makes a point of them. The *discriminator* D gets a point, and gives
# a score: high for "this is a real one", low for "this was made". With the sigmoid σ, σ(score) is the probability that
# it is real.
#
# D is an ordinary classifier with two classes. Its loss is the cross-entropy:
#
# $$J_D = -\log \sigma\big(D(x)\big) - \log\big(1 - \sigma(D(G(z)))\big)$$
#
# And G? It has no data and no targets. Its loss is what D says of its points: they should be taken for real.
#
# $$J_G = -\log \sigma\big(D(G(z))\big)$$
#
# The gradient of $J_G$ comes *through* D: to the point, and says in which direction the point would look more real; and
# from there into the weights of G. Both logarithms are `softplus`, $\log(1 + e^s)$:

# %%
softplus, sigmoid = nn.functional.softplus, lambda s: 1 / (1 + np.exp(-s))
s = np.linspace(-5, 5, 11)
assert np.allclose(softplus(-s).numpy(), -np.log(sigmoid(s)))
assert np.allclose(softplus(s).numpy(), -np.log(1 - sigmoid(s)))

# %% [markdown]
# Why does G not simply take $-J_D$, the opposite of what D wants? Because in the beginning D wins easily. Say the score
# of a made point is −6. Then the slope of $\log(1 - \sigma(s))$ is next to nothing, and G learns nothing, exactly when
# it should learn most; the slope of $-\log \sigma(s)$ is nearly 1:

# %%
slopes = ag.grad(lambda s: -softplus(s))(-6.0), ag.grad(lambda s: softplus(-s))(-6.0)
assert np.allclose(slopes, [-0.0025, -0.9975], atol=5e-5)
print("{:.4f} for log(1 − σ), {:.4f} for −log σ".format(*slopes))

# %% [markdown]
# ## Eight heaps on a circle
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
# Each optimizer owns the weights of one net and moves no others. When D learns, the made points are *detached*: cut off
# from the graph, so that D's loss does not reach into G. When G learns, the gradients do pass through D, and the
# optimizer of G leaves them alone.

# %%
softplus(D(G(noise(4)).detach())).mean().backward()
assert all(p.grad is None for p in G.parameters())
assert all(p.grad is not None for p in D.parameters())

softplus(-D(G(noise(4)))).mean().backward()
assert all(p.grad is not None for p in G.parameters())

# %% [markdown]
# A training step is one step of D, then one of G. (The first β of Adam, the memory of its momentum, is lowered from 0.9
# to 0.5, as is usual here: the opponent moves too, and old gradients mislead.)

# %%
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


def made_points(n):
    with ag.no_grad():
        return G(noise(n)).numpy()


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
            shots[i] = made_points(1000), sigmoid(D(grid.reshape(-1, 2)).numpy()).reshape(80, 80)
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
# follow. At the end the points sit on all eight heaps, with a few on the way from one to the next: G is continuous, it
# cannot leap.

# %% tags=["varies"]
for i, (points, _) in shots.items():
    share, heaps = near_a_heap(points)
    print(f"after {i:4} steps: {share:4.0%} of the points near a heap, {heaps} of 8 heaps covered")
assert near_a_heap(shots[0][0])[0] < 0.05
assert share > 0.65
assert heaps == 8

# %% [markdown]
# Now the losses. In every training so far the loss told us how it goes. Here it does not:

# %%
smooth = np.array(losses[:2400]).reshape(48, 50, 2).mean(axis=1)
fig, axes = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
axes.plot(25 + 50 * np.arange(48), smooth[:, 0], "C3", label="loss of D")
axes.plot(25 + 50 * np.arange(48), smooth[:, 1], "C0", label="loss of G")
axes.axhline(2 * np.log(2), color="C3", linestyle=":", label="D, if it could only guess: 2 log 2")
axes.axhline(np.log(2), color="C0", linestyle=":", label="G, if D could only guess: log 2")
axes.set(xlabel="step", ylabel="loss, mean of 50 steps", ylim=(0, 2.6))
axes.legend(fontsize=8, ncols=2, loc="upper right")
plt.show()

# %% [markdown]
# From step 400 on the points become ever better, and the loss of G does not fall, for D gets better too. And the
# numbers themselves? If G were perfect, D could only guess: σ = ½ everywhere, so that $J_D = 2 \log 2 \approx 1.386$
# and $J_G = \log 2 \approx 0.693$, the dotted lines. But at the first step, when neither net has learned anything, D
# can only guess as well, and the losses are about the same. That is why the points themselves were counted above. The
# example [examples/gan_2d.py](../examples/gan_2d.py) trains longer and counts in the same way.

# %%
assert np.allclose([softplus(0.0).item() * 2, softplus(0.0).item()], [1.386, 0.693], atol=1e-3)
assert np.allclose(losses[0], [1.386, 0.693], atol=0.15)
assert near_a_heap(shots[2400][0])[0] > 3 * near_a_heap(shots[400][0])[0]
assert smooth[-8:, 1].mean() > smooth[8:16, 1].mean() - 0.1

# %% [markdown]
# ## What to keep
#
# - A convolution is one small set of weights at all places; a recurrent cell is one set of weights at all times. Both
#   are told apart from an ordinary layer by nothing but the sharing, and shared weights get the sum of the gradients.
# - Sharing is knowledge put in by hand. It helps where it is true, and a shuffled image shows what it costs where it is
#   not.
# - Two nets with two losses are two `backward` and two `step`, and a `detach` between them. Their losses do not measure
#   progress; measure something else.
#
# ## Exercise
#
# Take the cell of single numbers, $h_t = \tanh(w x_t + u h_{t-1})$ with $h_0 = 0$, w = 1 and u = 0.5, and let it read
# 20 numbers. How much does the last state depend on the *first* input? Write down $\partial h_{20} / \partial x_1$ as a
# product (the chain has one factor for every link), check it against the engine, and find an upper bound that needs no
# computing. What does that mean for a text?

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
# At most two millionths: what was read 20 letters ago is forgotten, and, worse, cannot be *learned* to be remembered,
# because learning goes by this very gradient. It is the vanishing gradient of notebook 08, along time. With a larger u
# the factors grow, and where they are above 1 the product explodes instead. A gated cell has a path on which its state
# is multiplied by a gate, a number between 0 and 1 that it computes itself, and no tanh stands on that path: with the
# gate near 1 the product stays near 1 as well.
