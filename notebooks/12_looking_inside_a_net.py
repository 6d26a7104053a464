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
# # Looking inside a net
#
# The net of notebook 05 reads handwritten digits. Why did it call this picture a 7? An *attribution* answers with a
# number for every pixel: how much that pixel had to do with it. Training needs the gradient of the loss in the
# *weights*; most attributions are made from the gradient of a score in the *input*, which the engine gives by the same
# walk back.
#
# Four recipes follow, then two experiments that tell whether to believe them. What is assumed: notebook 05 (hidden
# layers, scores, softmax). The net is trained exactly as it was there: 64 pixels, 64 hidden units, ten scores.

# %%
# %matplotlib inline
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import autograd_lite as ag
from autograd_lite import attribution, nn, optim

plt.rcParams["figure.dpi"] = 72

images, digits = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(
    images / 16, digits, test_size=1 / 3, stratify=digits, random_state=0
)


def new_net(seed):
    ag.manual_seed(seed)
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).double()


def trained_net(seed):
    net = new_net(seed)
    optimizer = optim.Adam(net.parameters(), lr=3e-3)
    ag.fit(net, (x_train, y_train), nn.CrossEntropyLoss(), optimizer, epochs=40, progress=False)
    return net


def scores_of(net, x):
    return np.asarray(net(x).detach())


net = trained_net(seed=0)
right = scores_of(net, x_test).argmax(axis=1) == y_test
x, y = x_test[right], y_test[right]  # pictures that it reads rightly, and what they are

assert 0.965 < right.mean() < 0.99
print(f"{right.mean():.3f} of the {len(right)} test pictures are read rightly")

# %% [markdown]
# ## Saliency: the slope
#
# Take the score $z_c$ of the class that was chosen, before the softmax, and ask for its gradient in the pixels. The
# *saliency* is its magnitude (Simonyan, Vedaldi and Zisserman 2013):
#
# $$s_i = \left|\frac{\partial z_c}{\partial x_i}\right|$$

# %%
picture = ag.tensor(x[:1], requires_grad=True)
net(picture)[0, y[0]].backward()
assert np.allclose(np.abs(picture.grad), attribution.saliency(net, x[:1]))

pixel = np.argmax(np.abs(picture.grad[0]))
nudged = x[:1].copy()
nudged[0, pixel] += 1e-3
change = (scores_of(net, nudged) - scores_of(net, x[:1]))[0, y[0]]
assert np.isclose(change, 1e-3 * picture.grad[0, pixel], rtol=1e-6)
print(f"the steepest pixel, {1e-3} darker: the score of class {y[0]} changes by {change:.5f}")

# %% [markdown]
# That is what saliency means, no more: by how much the score *would* change if the pixel did. It does not say that the
# pixel brought anything to this score. A net without hidden layer makes it plain. There the slope is a weight, so the
# saliency is the same for every picture, a white sheet included.

# %%
flat = nn.Linear(64, 10).double()
assert np.ptp(attribution.saliency(flat, x[:100], target=3), axis=0).max() == 0

# %% [markdown]
# ## Gradient × input: the contribution, if all were straight
#
# $$a_i = \frac{\partial z_c}{\partial x_i}\, x_i$$
#
# (Shrikumar and others 2016). For a score $z = w \cdot x + b$ this is perfect: $w_i x_i$ is exactly what pixel i brings
# in, and all together make up the difference between the score of the picture and that of a white sheet, $z - b$.

# %%
shares = attribution.gradient_times_input(flat, x, target=3)
difference = scores_of(flat, x)[:, 3] - scores_of(flat, 0 * x)[:, 3]
assert np.allclose(shares.sum(axis=1), difference)

# %% [markdown]
# When the score is curved, it is not. The clearest case is the probability, which softmax makes of the scores. In the
# picture below a sheet is darkened from white to a 7, in all pixels together. The probability of "7" rises from below
# a fifth to nearly 1, mostly in the first half of the way, and ends flat. Gradient × input looks at the slope at the
# very end, where there is nothing left to see.


# %%
def probability(x):
    e = np.exp(net(x))
    return e / e.sum(axis=1, keepdims=True)


seven = int(np.flatnonzero(y == 7)[0])
way = np.linspace(0, 1, 101)
heights = scores_of(probability, way[:, None] * x[seven])[:, 7]
slope = attribution.gradient_times_input(probability, x[seven : seven + 1], target=7).sum()  # along the way, at its end

figure, axes = plt.subplots(figsize=(5.5, 3.2), layout="constrained")
axes.plot(way, heights, label="probability of “7”")
axes.plot(way, heights[-1] + slope * (way - 1), "--", color="tab:red", label="what the gradient at the end sees")
axes.set(xlabel="share of the way from white paper to the picture", ylabel="probability", ylim=(0, 1.05))
axes.legend(loc="lower right")
plt.show()

classes = np.arange(len(y)), y
risen = scores_of(probability, x)[classes] - scores_of(probability, 0 * x)[classes]
seen = attribution.gradient_times_input(probability, x, target=y).sum(axis=1)
assert heights[0] < 0.2 < 0.9 < heights[50]
assert np.median(risen) > 0.85
assert np.median(seen) < 0.01
print(f"the probability has risen by {np.median(risen):.2f}, and gradient × input distributes {np.median(seen):.3f}")
print("(medians over all pictures)")

# %% [markdown]
# ## Integrated gradients: the whole way
#
# So take the mean of the gradients along the way, from a *baseline* $x'$ (here the white sheet) to the picture
# (Sundararajan, Taly and Yan 2017):
#
# $$a_i = (x_i - x'_i) \int_0^1 \frac{\partial z_c}{\partial x_i}\big(x' + \alpha\,(x - x')\big)\, d\alpha$$
#
# Integrating a slope along a way gives the difference in height. So these attributions always add up to what there is
# to explain, which is called *completeness*:
#
# $$\sum_i a_i = z_c(x) - z_c(x')$$
#
# By hand, with a thousand steps and the sum for the integral; and by the library, which chooses 50 places cleverly and
# warns if the sum is off.

# %%
steps = (np.arange(1000) + 0.5) / 1000
places = ag.tensor(steps[:, None] * x[seven], requires_grad=True)  # the baseline is 0
probability(places)[:, 7].sum().backward()
by_hand = x[seven] * places.grad.mean(axis=0)

integrated = attribution.integrated_gradients(probability, x, target=y)
assert np.allclose(by_hand, integrated[seven], atol=1e-3)
assert np.abs(integrated.sum(axis=1) - risen).max() < 0.02
print(f"for the 7: {integrated[seven].sum():.3f} distributed, the probability has risen by {risen[seven]:.3f}")

# %% [markdown]
# Completeness holds to within 0.02 for each of the pictures. The rest is the kinks of ReLU, which no choice of places
# can foresee.
#
# For the *score* the two recipes hardly differ here, because a ReLU net is made of straight pieces and the score of
# this one is nearly straight along the way. So from here on we explain scores, as is usual. Which of the two you
# explain is a decision, and a report should say it.

# %%
straight = attribution.gradient_times_input(net, x, target=y)
integrated, missing = attribution.integrated_gradients(net, x, target=y, return_delta=True)
alike = np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(straight, integrated, strict=True)])
assert np.abs(missing).max() < 0.1
assert alike > 0.97
print(f"correlation of gradient × input and integrated gradients, of the score: {alike:.3f}")

# %% [markdown]
# ## SmoothGrad: the mean over a neighbourhood
#
# The gradient of a net jumps about from point to point. SmoothGrad (Smilkov and others 2017) takes the mean over copies
# of the picture with a little noise. It keeps the sign, and like saliency it is a slope.

# %%
noise, total = np.random.default_rng(0), 0
for _ in range(50):
    noisy = ag.tensor(x[:1] + 0.15 * noise.standard_normal((1, 64)), requires_grad=True)
    net(noisy)[0, y[0]].backward()
    total = total + noisy.grad
library = attribution.smooth_grad(net, x[:1], n=50, sigma=0.15, generator=np.random.default_rng(0), target=y[0])
assert np.allclose(total / 50, library)

# %% [markdown]
# All four on four pictures. Red speaks for the class, blue against it; white is 0.


# %%
def attributions(net, x, target):
    """Every recipe, for each of the pictures."""
    return {
        "saliency": attribution.saliency(net, x, target),
        "SmoothGrad": attribution.smooth_grad(net, x, generator=np.random.default_rng(0), target=target),
        "gradient × input": attribution.gradient_times_input(net, x, target),
        "integrated": attribution.integrated_gradients(net, x, target=target),
    }


found = attributions(net, x, y)
shown = [int(np.flatnonzero(y == c)[0]) for c in (0, 3, 4, 7)]
attribution.plot(
    x[shown], {name: values[shown] for name, values in found.items()}, titles=[f"class {y[i]}" for i in shown]
)

# %% [markdown]
# Look at the 0 in the first row. Saliency is a scatter of pixels, on the stroke and off it. SmoothGrad is strongly blue
# in the middle of the ring, where there is *no* ink: ink there would speak against a 0. That is a real insight, and the
# two recipes to the right cannot have it: they multiply by the pixel, and 0 times anything is 0. They show where the
# ink is, and of the ink which part speaks for and which against.

# %%
zero = found["SmoothGrad"][shown[0]].reshape(8, 8)
assert x[shown[0]].reshape(8, 8)[3:5, 3:5].max() == 0  # no ink in the middle
assert zero[3:5, 3:5].max() < 0
assert all(np.all(found[name][x == 0] == 0) for name in ("gradient × input", "integrated"))

# %% [markdown]
# ## First experiment: take the important pixels away
#
# The pictures look reasonable. But reasonable to whom? What we want to know is what the *net* looks at. So delete: set
# the k pixels with the highest attribution to white, and count how many pictures are still read rightly. A good
# attribution makes the curve fall fast.
#
# It needs a fair opponent. Random pixels are a poor one: about half of them are white already, and making them white
# does nothing. "The darkest pixels first" needs no net, no gradient and no theory.


# %%
def deletion(order, fill, counts):
    """The share still read rightly when the first k pixels of each picture's order are replaced by those of `fill`."""
    shares = []
    for k in counts:
        kept = np.argsort(order, axis=1) >= k  # the place of each pixel in the order
        shares.append(np.mean(scores_of(net, np.where(kept, x, fill)).argmax(axis=1) == y))
    return np.array(shares)


def descending(values):
    return np.argsort(-values, axis=1, kind="stable")


orders = {
    "random": np.random.default_rng(0).permuted(np.tile(np.arange(64), (len(x), 1)), axis=1),
    "darkest first": descending(x),
} | {name: descending(values) for name, values in found.items()}

white, counts = np.zeros(64), np.arange(0, 33, 2)
curves = {name: deletion(order, white, counts) for name, order in orders.items()}
figure, axes = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
styles = {"random": ":", "darkest first": "--"}
for name, curve in curves.items():
    axes.plot(counts, curve, styles.get(name, "-"), color="black" if name in styles else None, label=name)
axes.set(xlabel="pixels made white, of 64", ylabel="share still read rightly")
figure.legend(loc="outside right center")
plt.show()

at_8 = {name: curve[4] for name, curve in curves.items()}
for name, share in at_8.items():
    print(f"{name:17} {share:.2f} right without its first 8 pixels")
assert at_8["integrated"] < 0.05 < at_8["SmoothGrad"] < at_8["darkest first"] < at_8["saliency"] < at_8["random"] < 0.97
assert abs(at_8["integrated"] - at_8["gradient × input"]) < 0.03
assert 0.45 < np.mean(x == 0) < 0.55  # about half of all pixels are white

# %% [markdown]
# Eight pixels out of 64, chosen by integrated gradients, and nearly nothing is read rightly any more; eight random ones
# do almost no harm. So they do point at something the net uses. (Gradient × input lies on the same curve, as it
# should.)
#
# And saliency loses against "darkest first", which knows nothing about the net. It beats random pixels, and with that
# comparison alone it would have passed.
#
# ## What is "away"?
#
# Making a pixel white is not the only way to take it away. Put the mean over all training pictures in its place
# instead. And for integrated gradients, use that mean as the baseline.

# %%
mean_picture = x_train.mean(axis=0)
from_mean = attribution.integrated_gradients(net, x, baseline=mean_picture, target=y)
compared = {name: orders[name] for name in ("random", "darkest first")} | {
    "integrated, from white": orders["integrated"],
    "integrated, from the mean": descending(from_mean),
}
figure, both = plt.subplots(1, 2, figsize=(11, 3.4), sharey=True, layout="constrained")
after = {}
for axes, (what, fill) in zip(both, {"white": white, "the mean picture": mean_picture}.items(), strict=True):
    for name, order in compared.items():
        curve = deletion(order, fill, counts)
        after[what, name] = curve[4]
        axes.plot(counts, curve, styles.get(name, "-"), color="black" if name in styles else None, label=name)
    axes.set(xlabel="pixels replaced, of 64", title=f"replaced by {what}")
both[0].set_ylabel("share still read rightly")
figure.legend(*axes.get_legend_handles_labels(), loc="outside right center")
plt.show()

assert after["white", "integrated, from white"] < 0.05 < 0.3 < after["white", "integrated, from the mean"]
assert after["the mean picture", "integrated, from the mean"] < 0.3 < 0.5
assert after["the mean picture", "integrated, from white"] > 0.5
assert after["the mean picture", "darkest first"] > 0.85

# %% [markdown]
# Each attribution wins its own game. Measured from white, a pixel that should be dark for a 7 and *is* dark counts.
# Measured from the mean, a pixel that is white where other digits have ink counts as well. Neither is wrong.
# "Important" means "important compared with the baseline", and whoever leaves the baseline out has not finished the
# sentence.
#
# ## Second experiment: replace the net
#
# Suppose that the weights are random: a net that was never trained, and knows nothing. An attribution that looks the
# same for it cannot be about what was learned (Adebayo and others 2018).

# %%
ignorant, twin = new_net(seed=1), trained_net(seed=7)
assert np.mean(scores_of(ignorant, x).argmax(axis=1) == y) < 0.25
assert np.mean(scores_of(twin, x_test).argmax(axis=1) == y_test) > 0.96

nothing, again = attributions(ignorant, x, y), attributions(twin, x, y)
i = shown[1:2]
attribution.plot(
    x[i],
    {
        "saliency,\ntrained": found["saliency"][i],
        "saliency,\nuntrained": nothing["saliency"][i],
        "|grad. × input|,\ntrained": np.abs(found["gradient × input"][i]),
        "|grad. × input|,\nuntrained": np.abs(nothing["gradient × input"][i]),
    },
)

# %% [markdown]
# The last picture is the warning. This net knows nothing, and its explanation looks like a 3. The reason is simple: the
# picture itself is a factor of it. A viewer sees a digit and nods.
#
# In numbers: the correlation between the attributions of two nets, mean over all pictures.


# %%
def correlation(a, b):
    return np.mean([np.corrcoef(u, v)[0, 1] for u, v in zip(a, b, strict=True)])


table = {name: (found[name], nothing[name], again[name]) for name in found}
for name in ("gradient × input", "integrated"):
    table[f"|{name}|"] = tuple(np.abs(values) for values in table[name])

print("                     with an untrained net   with another trained net")
agreement = {}
for name, (ours, untrained, other) in table.items():
    agreement[name] = correlation(ours, untrained), correlation(ours, other)
    print(f"{name:20} {agreement[name][0]:15.2f} {agreement[name][1]:25.2f}")

for name in found:
    assert abs(agreement[name][0]) < 0.2
    assert agreement[name][1] > 0.8
for name in ("|gradient × input|", "|integrated|"):
    assert 0.4 < agreement[name][0] < 0.65

# %% [markdown]
# As they come, all four pass: next to nothing in common with the untrained net, and much with a second net that was
# trained from another start. But take the signs away from the two that contain the picture, and they correlate at one
# half with a net that knows nothing. So look at the signs, and show the untrained net beside the trained one.
#
# ## What attributions do not say
#
# One number for each pixel cannot tell "either of the two" from "only both together". Here are two functions of two
# inputs. The first is a sum, the second is 0 unless both inputs are there. At (1, 1) their integrated gradients are
# the same.

# %%
one_one = np.ones((1, 2))
added = attribution.integrated_gradients(lambda x: (x[:, 0] + x[:, 1]) / 2, one_one)
together = attribution.integrated_gradients(lambda x: x[:, 0] * x[:, 1], one_one)
assert np.allclose(added, [[0.5, 0.5]])
assert np.allclose(together, [[0.5, 0.5]])
together

# %% [markdown]
# And in general:
#
# - They explain a net, not the world. That a net looks at a pixel does not make the pixel a cause of anything.
# - They explain one score at one picture, compared with one baseline. All three are choices.
# - They do not say whether the answer is right. A mistake gets an explanation as handsome as any other.
#
# ## Exercise
#
# In notebook 05 the worst mistake was a 6 that the net took for a 1, and was sure of at 99 %. Which pixels made it say
# 1 *rather than 6*? Attribute the difference of the two scores. (A recipe takes any function of `x` that gives a number
# for each row.) How many of the highest pixels must be made white until the net says 6? Then try all single pixels with
# ink, and all pairs: how many ways are there?
#
# **Solution**

# %%
scores = scores_of(net, x_test)
p = scores_of(probability, x_test)
worst = np.argmax(np.where(right, 0, p.max(axis=1)))
six = x_test[worst]
assert (y_test[worst], scores[worst].argmax()) == (6, 1)
assert p[worst].max() > 0.98


def one_rather_than_six(x):
    z = net(x)
    return z[:, 1] - z[:, 6]


def reads(*pixels):
    """What the net says when these pixels are white."""
    changed = six.copy()
    changed[list(pixels)] = 0
    return scores_of(net, changed[None]).argmax()


difference = attribution.integrated_gradients(one_rather_than_six, six[None])[0]
first, second = np.argsort(-difference)[:2]
assert reads(first) == 1
assert reads(first, second) == 6

ink = np.flatnonzero(six)
pairs = [pair for pair in combinations(ink, 2) if reads(*pair) == 6]
assert not any(reads(pixel) == 6 for pixel in ink)
assert len(ink) * (len(ink) - 1) / 2 == 435
assert len(pairs) < 0.03 * 435
assert tuple(sorted((first, second))) in pairs

ones, sixes = (x_train[y_train == c].mean(axis=0)[[first, second]] for c in (1, 6))
assert np.all(ones > 2 * sixes)  # ink that is usual in a 1, and not in a 6

print("row and column, counted from 0:", divmod(int(first), 8), divmod(int(second), 8))
attribution.plot(six[None], {"1 rather than 6": difference[None]})

# %% [markdown]
# Two pixels are enough, and no single one is. Of the 435 pairs of pixels with ink only about one in fifty does it; the
# attribution found one of these without trying any. Both lie at the right edge of the upright stroke, where a 1 usually
# has ink and a 6 has not.
