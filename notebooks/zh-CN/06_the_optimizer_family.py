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
# # 优化器家族
#
# 梯度（gradient）指出哪个方向是上坡；朝相反的方向走多远，则由**优化器**（optimizer）决定。梯度下降（gradient
# descent）、随机梯度下降（SGD）、动量（momentum）、Nesterov、Adagrad、RMSprop 和 Adam 是七种回答，每一种都只有几行。
# 本篇让它们走过同一片地形，把每个公式和实际运行的代码并排放在一起；还有三个公式常常印错，我们就照印出来的样子运行一遍。
#
# 地形是这样的：用直线 $y = wx + b$ 拟合 100 个点，损失（loss）$J(w, b)$ 取均方误差（mean squared
# error）。参数只有两个，所以画得出来。（图中的文字一律保留英文，正文会说明它们的意思。）
#
# 英文原文：[The optimizer family](../06_the_optimizer_family.ipynb)
#
# <!-- translates 1ce3a9d6 -->

# %%
# %matplotlib inline
import inspect

import matplotlib.pyplot as plt
import numpy as np

import autograd_lite as ag
from autograd_lite import optim
from autograd_lite.optim.equation import descent
from autograd_lite.plots import optimizer_race

plt.rcParams["figure.dpi"] = 72

numbers = np.random.RandomState(42)
X = numbers.rand(100)
Y = 3 * X + 2 + 0.5 * numbers.randn(100)


def J(p):
    """斜率为 p[0]、截距为 p[1] 的直线的均方误差。"""
    return np.mean((p[0][..., None] * X + p[1][..., None] - Y) ** 2, axis=-1)


best = np.polyfit(X, Y, 1)  # 谷底，由最小二乘法求得
start = np.array([-1.0, 0.0])
gradient = ag.grad(J)

assert np.allclose(best, [2.77011339, 2.10754808])
assert np.allclose(gradient(best), 0)
best, J(best), gradient(start)

# %% [markdown]
# `walk` 跟着一个优化器走，记下它到过的每一处：忘掉旧的梯度，算出新的梯度，走一步。`race` 画出这样的路径；`beside`
# 把一个优化器的公式和代码打印出来，二者都直接取自本库。


# %%
def walk(f, make, start, steps):
    """优化器 `make([p])` 从 `start` 出发，在 `f` 上到过的各处。"""
    p = ag.tensor(start, requires_grad=True)
    optimizer, places = make([p]), [np.array(start)]
    for _ in range(steps):
        optimizer.zero_grad()
        f(p).backward()
        optimizer.step()
        places.append(np.array(p.data))
    return np.stack(places)


def race(runners, steps, view):
    """几个优化器在 J 的等高线上的路径。"""
    figure = optimizer_race(J, runners, start, steps, view=view)
    figure.axes[0].set(xlabel="w", ylabel="b")
    return figure


def beside(cls):
    """打印优化器文档字符串里的公式，下面是实际运行的几行。"""
    doc, code = inspect.getdoc(cls), inspect.getsource(cls.update)
    print(doc[doc.index("::") + 2 : doc.index("Parameters")].strip("\n"))
    print("-" * 80)
    shared = inspect.getsource(descent).split('"""')[2].replace("return", "g =").strip("\n")
    print(inspect.cleandoc(code.split('"""')[2].replace("    g = descent(g, p, weight_decay, maximize)", shared)))


# %% [markdown]
# ## 梯度下降与动量：同一个类
#
# $$\text{梯度下降：}\quad \theta_{t+1} = \theta_t - \alpha\, g, \qquad g = \nabla J(\theta_t)$$
#
# 在本库里，优化器就是一个纯函数 `update`：由梯度 `g`、参数 `p`、它所记住的东西（状态 `state`）和步数
# `t`，算出参数的增量以及新的状态。梯度下降什么也不记，就是 `if not state` 那一行。（权重衰减 weight decay、阻尼
# dampening 和 `maximize` 都是选项，这里没有打开。）

# %%
beside(optim.SGD)

# %% [markdown]
# 唯一要选的是学习率（learning rate）α。多大才算太大？在横跨山谷的方向上，每一步都把到谷底的距离乘以
# $1 - \alpha\lambda$，其中 λ 是那个方向上的曲率（curvature），即黑塞矩阵（Hessian matrix，由二阶导数组成）
# 的最大特征值。以 $\alpha = 2/\lambda$ 为界：超过它，这个因子就小于 −1，每一步都落在对面更高的地方。

# %%
curvatures, directions = np.linalg.eigh(ag.hessian(J)(start))
flat, steep = curvatures
limit = 2 / steep

by_hand = [start]
for _ in range(50):
    by_hand.append(by_hand[-1] - 0.5 * gradient(by_hand[-1]))
assert np.allclose(walk(J, lambda p: optim.SGD(p, lr=0.5), start, 50), by_hand)  # 公式与本库一致

assert J(walk(J, lambda p: optim.SGD(p, lr=0.99 * limit), start, 1000)[-1]) < J(best) + 1e-6
assert J(walk(J, lambda p: optim.SGD(p, lr=1.01 * limit), start, 1000)[-1]) > 1e6
print(f"曲率：横跨山谷 {steep:.3f}，沿着山谷 {flat:.3f}；学习率的上限是 {limit:.3f}")

# %%
rates = {f"α = {share} · limit": lambda p, share=share: optim.SGD(p, lr=share * limit) for share in (0.1, 0.6, 0.97)}
race(rates, 40, (-2, 5.2, -0.5, 6.8))

# %% [markdown]
# （星号是起点；颜色越深，位置越低。图例中的 limit 就是学习率的上限。）山谷是狭长的：
# 沿着山谷的地面比横跨山谷的方向平缓大约 20 倍。对横向来说安全的学习率，对纵向来说就太慢。下面要讲的一切，
# 都是为了解决这件事。
#
# ## 随机梯度下降：公式相同，梯度更便宜
#
# 随机梯度下降（stochastic gradient descent，SGD）不对 100 个样本的梯度取平均，而是随机抽取一个样本，用它的梯度来代替。
# 平均来说，这是对的：


# %%
def one(p, i):
    """只算第 i 个点的平方误差。"""
    return (p[0] * X[i] + p[1] - Y[i]) ** 2


samples = np.array([ag.grad(lambda p, i=i: one(p, i))(start) for i in range(100)])
assert np.allclose(samples.mean(axis=0), gradient(start))

draws = np.random.default_rng(0)
sgd = walk(lambda p: one(p, draws.integers(100)), lambda p: optim.SGD(p, lr=0.1), start, 400)
sgd_slow = walk(lambda p: one(p, draws.integers(100)), lambda p: optim.SGD(p, lr=0.01), sgd[-1], 2000)
print(f"抖动时多出的损失：{np.mean(J(sgd[200:].T)) - J(best):.4f}（α = 0.1）", end="，")
print(f"{np.mean(J(sgd_slow[1000:].T)) - J(best):.4f}（α = 0.01）")

# %%
figure = race({"GD, α = 0.1": lambda p: optim.SGD(p, lr=0.1)}, 400, (-2, 4.2, -0.5, 5))
figure.axes[0].plot(*sgd.T, color="C1", linewidth=0.8, label="SGD, α = 0.1")
figure.axes[0].legend()
figure

# %% [markdown]
# 在谷底，平均梯度为 0，单个样本的梯度却不为 0。所以 SGD 永远不会停下来，而是在一团“云”里抖动，云的大小随 α
# 而变。训练过程中要逐渐降低学习率，原因就在这里。

# %%
jitter = [np.mean(J(sgd[200:].T)) - J(best), np.mean(J(sgd_slow[1000:].T)) - J(best)]
assert jitter[0] > 5 * jitter[1] > 0

# %% [markdown]
# ## 动量
#
# $$\theta_{t+1} = \theta_t - \alpha \nabla J(\theta_t) + \beta\,(\theta_t - \theta_{t-1})$$
#
# 这是 Polyak（1964）提出的：把上一步的一部分再走一次。横跨山谷时，各步的符号来回变化，彼此抵消；沿着山谷时，
# 各步同向累加，步长最多能达到原来的 $1/(1-\beta)$ 倍。上面的代码记住的是 $b = (\theta_{t-1} - \theta_t)/\alpha$，
# 而不是上一个位置；路径是一样的，下面的循环可以说明。（β 在代码里叫 `momentum`，在文档字符串里写作 μ。）
#
# ## Nesterov
#
# $$\theta_{t+1} = \theta_t - \alpha \nabla J\big(\theta_t + \beta(\theta_t - \theta_{t-1})\big)
# + \beta\,(\theta_t - \theta_{t-1})$$
#
# 这是 Nesterov（1983）提出的。反正动量会把我们带到前面去，那就在它要去的地方求梯度，即在**前瞻点**（look-ahead
# point）处求。在下面的循环里，两者的差别只是一个数：往前看多远。


# %%
def look_and_step(look, lr, beta=0.9, steps=60):
    """动量法，但梯度取在 θ + look ·（上一步）处；同时返回求梯度的那些点。"""
    here, last, places, looked = start, 0 * start, [start], []
    for _ in range(steps):
        looked.append(here + look * last)
        last = beta * last - lr * gradient(looked[-1])
        here = here + last
        places.append(here)
    return np.stack(places), np.stack(looked)


momentum, _ = look_and_step(look=0, lr=0.08)
assert np.allclose(walk(J, lambda p: optim.SGD(p, lr=0.08, momentum=0.9), start, 60), momentum)

nesterov, looked = look_and_step(look=0.9, lr=0.08)
library = walk(J, lambda p: optim.SGD(p, lr=0.08, momentum=0.9, nesterov=True), start, 59)
assert np.allclose(library, looked)

# %% [markdown]
# 本库（与 PyTorch 一样）把前瞻点本身存为参数，因为这样一来，`g` 就是参数处的梯度；公式里的 $g + \mu b$
# 便由此而来。两种写法最后停在同一个地方。
#
# ## Adagrad、RMSprop、Adam：每个参数一个学习率
#
# 另一个想法是：把梯度的每个分量除以它自己通常的大小。
#
# **Adagrad**（Duchi、Hazan、Singer 2011）用的是至今所有梯度的平方之和，再开方：

# %%
beside(optim.Adagrad)

# %%
theta, s, by_hand = start, 0, [start]
for _ in range(50):
    g = gradient(theta)
    s = s + g**2
    theta = theta - 0.8 * g / (np.sqrt(s) + 1e-10)
    by_hand.append(theta)
assert np.allclose(walk(J, lambda p: optim.Adagrad(p, lr=0.8), start, 50), by_hand)

# %% [markdown]
# 这个和只增不减，所以步子只会越来越小。**RMSprop**（Tieleman、Hinton 2012）则会遗忘：它用平方的滑动平均（running
# mean）。

# %%
beside(optim.RMSprop)

# %%
theta, v, by_hand = start, 0, [start]
for _ in range(50):
    g = gradient(theta)
    v = 0.99 * v + 0.01 * g**2
    theta = theta - 0.05 * g / (np.sqrt(v) + 1e-8)
    by_hand.append(theta)
assert np.allclose(walk(J, lambda p: optim.RMSprop(p, lr=0.05), start, 50), by_hand)

# %% [markdown]
# **Adam**（Kingma、Ba 2014）还像动量那样把梯度也平滑一遍。由于两个滑动平均都从 0 开始，它们起初都偏小：t
# 步之后，只有应有值的 $1 - \beta^t$。Adam 就除以这个数，这叫**偏差修正**（bias correction）。

# %%
beside(optim.Adam)

# %%
theta, m, v, by_hand = start, 0, 0, [start]
for t in range(1, 51):
    g = gradient(theta)
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    theta = theta - 0.3 * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    by_hand.append(theta)
assert np.allclose(walk(J, lambda p: optim.Adam(p, lr=0.3), start, 50), by_hand)

# %% [markdown]
# ## 比赛
#
# 全部画在同一张等高线图上；前三个的学习率相同。其余的学习率是凭眼睛挑的，为的是让路径看得清楚：谁在这里赢，
# 并不说明它在你的网络上也会赢。要看的是每条路径的**形状**。

# %%
family = {
    "gradient descent": lambda p: optim.SGD(p, lr=0.08),
    "momentum": lambda p: optim.SGD(p, lr=0.08, momentum=0.9),
    "Nesterov": lambda p: optim.SGD(p, lr=0.08, momentum=0.9, nesterov=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.8),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.05),
    "Adam": lambda p: optim.Adam(p, lr=0.3),
}
race(family, 60, (-2, 6.2, -0.7, 6.5))

# %%
excess = {name: J(walk(J, make, start, 60)[-1]) - J(best) for name, make in family.items()}
for name, value in excess.items():
    print(f"{name:17} {value:.1e} （60 步之后高出最小值）")
assert excess["Nesterov"] < excess["momentum"] < excess["gradient descent"] < 0.3

# %% [markdown]
# 梯度下降拐进山谷，然后慢慢爬。动量冲过了头，来回摆动。Nesterov 摆得小一些。三个自适应（adaptive）
# 的方法离开星号时都走对角线：梯度的两个分量各自除以自己的大小，所以不论梯度是多少，第一步在两个分量上一样长：Adagrad
# 和 Adam 是 α；RMSprop 没有偏差修正，是 $\alpha/\sqrt{1 - 0.99} = 10\,\alpha$。

# %%
sizes = {name: np.abs(walk(J, make, start, 1)[1] - start) for name, make in family.items()}
for name, size in {"Adagrad": 0.8, "RMSprop": 10 * 0.05, "Adam": 0.3}.items():
    assert np.allclose(sizes[name], size)

# %% [markdown]
# ## 三处印错的公式
#
# 这几个公式出自本项目所依据的文章，照原样抄录。每一个看上去都有道理，其中两个甚至还能训练。
# 那就让它们与正确的公式一起跑，量一量。（图中 as printed 指“照印出来的公式”。）
#
# ### 1 · 往回看的 Nesterov
#
# $$\text{印作：}\quad \theta_{t+1} = \theta_t - \alpha \nabla J(\theta_{t-1}) + \beta\,(\theta_t - \theta_{t-1})$$
#
# 梯度取在**上一个**位置，而不是前面那个位置。要写一个新的优化器，只要定义一个带 `update` 的子类；`update`
# 是纯函数，不根据数值作分支。第一步还没有上一个梯度，就用当前的梯度。


# %%
class NesterovAsPrinted(optim.Optimizer):
    def __init__(self, params, lr=0.01, momentum=0.9):
        super().__init__(params, lr=lr, momentum=momentum)

    @staticmethod
    def state_names(settings):
        return ("last_step", "last_gradient")

    @staticmethod
    def update(g, p, state, t, lr, momentum):
        last_step, last_gradient = state
        last_gradient = last_gradient + (t == 1) * g
        step = momentum * last_step - lr * last_gradient
        return step, (step, g)


backward, _ = look_and_step(look=-1, lr=0.08)  # 用上面的循环也一样：θ - 1 ·（上一步）就是上一个位置
assert np.allclose(walk(J, lambda p: NesterovAsPrinted(p, lr=0.08), start, 60), backward)

looks = {
    "as printed": lambda p: NesterovAsPrinted(p, lr=0.08),
    "momentum": family["momentum"],
    "Nesterov": family["Nesterov"],
}
race(looks, 30, (-6, 8, -10, 15))

# %% [markdown]
# 这有多糟？在横跨山谷的方向上，J 是曲率为 λ 的抛物线，到谷底的距离 u 逐步满足
#
# $$u_{t+1} = (1 + \beta - \alpha\lambda(1 + \ell))\,u_t - (\beta - \alpha\lambda\,\ell)\,u_{t-1},
# \qquad \ell = \text{往前看多远}$$
#
# 只要它还在摆动，振幅每一步都要乘以最后那个系数的平方根 $\sqrt{\beta - \alpha\lambda\ell}$（下图中的虚线）。
# 往前看（$\ell = \beta$）等于刹车；就地看（$\ell = 0$）对振幅没有影响；往回看（$\ell = -1$）则是给摆动加力。

# %%
paths = {"printed (look back)": -1, "momentum (look here)": 0, "Nesterov (look ahead)": 0.9}
fig, axes = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
for (name, look), color in zip(paths.items(), ("C3", "C1", "C2"), strict=True):
    u = (look_and_step(look, lr=0.08)[0] - best) @ directions[:, 1]  # 横跨山谷方向上的距离
    factor = np.sqrt(0.9 - 0.08 * steep * look)
    axes.semilogy(np.abs(u), ".-", color=color, linewidth=0.7, label=f"{name}: × {factor:.3f} a step")
    axes.semilogy(1.2 * np.abs(u[0]) * factor ** np.arange(61), "--", color=color, linewidth=1)
    swing = np.abs(u) / factor ** np.arange(61)
    assert 0.9 < swing[40:].max() / swing[:20].max() < 1.1  # 摆动依照这个因子变化，不快也不慢
axes.set(xlabel="step", ylabel="distance across the valley", ylim=(1e-8, 1e3))
axes.legend(loc="lower left")
plt.show()


# %% [markdown]
# 当 α = 0.08 时，动量和 Nesterov 都收敛，印出来的公式却发散。那个因子等于 1 时就到了它的极限，即
# $\alpha = (1 - \beta)/\lambda$；而动量允许到 $2(1+\beta)/\lambda$，是它的 38 倍。


# %%
def converges(look, lr):
    """横跨山谷的摆动，到末尾是否比中途更小。"""
    swing = np.abs((look_and_step(look, lr, steps=1000)[0] - best) @ directions[:, 1])
    return swing[-100:].max() < swing[400:500].max()


limits = {-1: 0.1 / steep, 0: 3.8 / steep, 0.9: 3.8 / (1 + 1.8) / steep}
for name, look in paths.items():
    assert converges(look, 0.99 * limits[look])
    assert not converges(look, 1.01 * limits[look])
    print(f"{name:22} 收敛的条件：α 小于 {limits[look]:.3f}")

# %% [markdown]
# ### 2 · Adagrad：先更新参数，后更新累加器
#
# $$\text{印作：}\quad \theta \leftarrow \theta - \alpha\, G / \sqrt{A + \varepsilon}, \qquad \text{然后}\quad
# A \leftarrow A + G^2$$
#
# 开始时 A = 0，所以第一步除以的是 $\sqrt\varepsilon$：本来只为避免 0/0 而加的常数，竟成了除数。


# %%
class AdagradAsPrinted(optim.Optimizer):
    def __init__(self, params, lr=0.01, eps=1e-8):
        super().__init__(params, lr=lr, eps=eps)

    @staticmethod
    def state_names(settings):
        return ("sum",)

    @staticmethod
    def update(g, p, state, t, lr, eps):
        (a,) = state
        return -lr * g / np.sqrt(a + eps), (a + g * g,)


def distance(path):
    return np.linalg.norm(path - best, axis=1)


steps, lr = 1000, 0.8
right = distance(walk(J, lambda p: optim.Adagrad(p, lr=lr), start, steps))
leaps = {}
fig, axes = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
axes.loglog(np.arange(1, steps + 1), right[1:], "C0", label="Adagrad")
for eps, shade in ((1e-8, "C3"), (1e-4, "C1"), (1e-2, "C8")):
    wrong = walk(J, lambda p, eps=eps: AdagradAsPrinted(p, lr=lr, eps=eps), start, steps)
    assert np.allclose(wrong[1] - start, -lr * gradient(start) / np.sqrt(eps))
    leaps[eps] = distance(wrong)
    axes.loglog(np.arange(1, steps + 1), leaps[eps][1:], shade, label=f"as printed, ε = {eps:g}")
    print(f"ε = {eps:<6g} 一步之后相距 {leaps[eps][1]:9.1f}，末尾相距 {leaps[eps][-1]:9.1f}，总步数 {steps}")
axes.axhline(distance(start[None])[0], color="grey", linestyle=":", label="where all started")
axes.set(xlabel="step", ylabel="distance to the minimum")
axes.legend()
plt.show()

# %% [markdown]
# （灰色虚线 where all started 是起点到最低点的距离。）一步就把参数甩到 70,000 个单位之外。那里的梯度太大，A
# 从此再也忘不掉：以后的步子都很短，走了 1,000 步，回程还剩三分之二以上。ε 取大一些，这一跳就小一些；而结果竟取决于
# ε，这本身就不是好兆头。（如果让 A 从 1 之类的数开始，就不会有这一跳；文章没有交代初值。）正确的次序不靠运气：
# 它的第一步在每个分量上都是 α。

# %%
leap = leaps[1e-8]
print(f"正确的次序：一步之后相距 {right[1]:.2f}，末尾相距 {right[-1]:.1e}，总步数 {steps}")
assert 70_000 < leap[1] < 72_000
assert leap[-1] > 2 / 3 * leap[1]
assert right[-1] < 1e-3

# %% [markdown]
# ### 3 · 带着四处错误的 Adam
#
# $$\text{印作：}\quad \theta \leftarrow \theta - \alpha\, M / \sqrt{\sqrt A + \varepsilon}, \qquad\text{然后}\quad
# A \leftarrow A + G^2, \quad M \leftarrow \beta_1 M + (1 - \beta_1)\, G$$
#
# 开始时 A = M = 0。没有偏差修正（no bias correction）；A 是总和，而不是会衰减的平均（no decay）；开了两次平方根（double
# root）；而且先更新参数。要看清每一处各有什么后果，就把它们逐个打开：


# %%
class Adam(optim.Optimizer):
    """Adam，错误可以任选。"""

    def __init__(self, params, lr=0.001, corrected=True, decays=True, double=False, late=False):
        super().__init__(params, lr=lr, corrected=corrected, decays=decays, double=double, late=late)

    @staticmethod
    def state_names(settings):
        return ("m", "v")

    @staticmethod
    def update(g, p, state, t, lr, corrected, decays, double, late):
        m = 0.9 * state[0] + 0.1 * g
        v = 0.999 * state[1] + 0.001 * g * g if decays else state[1] + g * g
        first, second = state if late else (m, v)
        if corrected:
            first = first / (1 - 0.9**t)
            second = second / (1 - 0.999**t) if decays else second
        root = np.sqrt(np.sqrt(second) + 1e-8) if double else np.sqrt(second) + 1e-8
        return -lr * first / root, (m, v)


variants = {
    "Adam": {},
    "no bias correction": {"corrected": False},
    "no decay": {"decays": False},
    "double root": {"double": True},
    "as printed": {"corrected": False, "decays": False, "double": True, "late": True},
}
assert np.allclose(walk(J, lambda p: Adam(p, lr=0.1), start, 100), walk(J, lambda p: optim.Adam(p, lr=0.1), start, 100))

# %% [markdown]
# 最简单的实验是斜率不变的 $f(x) = cx$。Adam 在上面永远以同样的速度走，每一步都是 α，**无论 c 是多少**。
# 下面把各个变体的步长除以 α（斜率为 1 时，double root 与 Adam 的线重合）：

# %%
count = 1000
t = np.arange(1, count + 1)
fig, both = plt.subplots(1, 2, figsize=(9, 3.7), layout="constrained", sharey=True)
pace = {}
for axes, c in zip(both, (1.0, 10_000.0), strict=True):
    for name, faults in variants.items():
        x = walk(lambda p, c=c: (c * p).sum(), lambda p, faults=faults: Adam(p, lr=0.1, **faults), [0.0], count)
        pace[name, c] = -np.diff(x[:, 0]) / 0.1
        shown = np.where(pace[name, c] > 0, pace[name, c], np.nan)
        axes.loglog(t, shown, label=name, linewidth=2.5 if name == "Adam" else 1.4)
    axes.set(xlabel="step", title=f"slope {c:g}")
both[0].set_ylabel("length of a step / α")
both[0].legend()
plt.show()

# %% [markdown]
# 每条曲线都是一个公式：
#
# | 变体 | 步长 / α | 因此 |
# |---|---|---|
# | Adam | 1 | 学习率就是步长 |
# | 没有偏差修正 | $(1 - \beta_1^t)/\sqrt{1 - \beta_2^t}$ | 起初是 3.2，涨到 6.6，1000 步之后是 1.26 |
# | 没有衰减 | $1/\sqrt t$ | 越来越慢，没有尽头，与 Adagrad 一样 |
# | 开两次平方根 | $\sqrt c$ | 步长又取决于损失的尺度 |
# | 照印出来的公式 | $\sqrt c\,(1 - \beta_1^{t-1})/(t-1)^{1/4}$ | 第一步不动，之后既取决于 c，又越来越慢 |

# %%
for c in (1.0, 10_000.0):
    hump = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    all_four = np.sqrt(c) * (1 - 0.9 ** (t - 1)) / np.maximum(t - 1, 1) ** 0.25
    expected = {"Adam": 1, "no bias correction": hump, "no decay": t**-0.5, "double root": c**0.5}
    expected["as printed"] = all_four
    for name, value in expected.items():
        assert np.allclose(pace[name, c], value, rtol=1e-5)
assert np.allclose([hump[0], hump.max(), hump[-1]], [3.16, 6.57, 1.26], atol=0.02)
print(f"没有偏差修正时，最长的一步是 {hump.max():.1f} α，即第 {hump.argmax() + 1} 步")

# %% [markdown]
# 到了山谷里又怎样？右图是同一个损失换了单位，变成 10,000 J。对 Adam 来说什么也没变，路径相同。印出来的公式在 J
# 上表现尚可，所以错了也没人发现；单位一换，它就被远远甩了出去。

# %%
fig, both = plt.subplots(1, 2, figsize=(9, 3.7), layout="constrained", sharey=True)
ends, places = {}, {}
for axes, scale in zip(both, (1.0, 10_000.0), strict=True):
    for name, faults in variants.items():
        loss = lambda p, scale=scale: scale * J(p)
        places[name, scale] = walk(loss, lambda p, faults=faults: Adam(p, lr=0.1, **faults), start, 300)
        heights = J(places[name, scale].T) - J(best)
        ends[name, scale] = heights[-1]
        axes.semilogy(heights, label=name, linewidth=2.5 if name == "Adam" else 1.2)
    axes.set(xlabel="step", title="loss J" if scale == 1 else "loss 10,000 J", ylim=(1e-9, 1e6))
both[0].set_ylabel("J above its minimum")
both[0].legend(loc="upper right")
plt.show()
print("                    途中最高的 J               终点处 J 高出最小值")
print(f"{'loss':19} {'J':>9} {'10,000 J':>10}       {'J':5}    10,000 J")
for name in variants:
    peak = {scale: max(J(places[name, scale].T)) for scale in (1.0, 1e4)}
    print(f"{name:19} {peak[1.0]:9.1f} {peak[1e4]:10.1f}", end="       ")
    print(f"{ends[name, 1.0]:.0e}    {ends[name, 1e4]:.0e}")

for name in ("Adam", "no bias correction", "no decay"):
    assert np.allclose(places[name, 1.0], places[name, 1e4], atol=1e-5)
assert max(J(places["as printed", 1e4].T)) > 400 * J(start)
assert ends["no bias correction", 1.0] < 1e-6 < ends["Adam", 1.0] < 1e-3 < ends["no decay", 1.0]
assert ends["as printed", 1.0] < 0.1 < 10 < ends["as printed", 1e4]

# %% [markdown]
# 看看“没有偏差修正”这一条：在这个碗里，它比 Adam **还快**。但它并不因此成为更好的公式：
# 它的步子只不过是学习率所说的两到六倍，而 0.1 在这里恰好偏保守。有了修正，想要这样的步子，直接要就是了；而 α
# 合适的时候，也不会突然冒出一个很长的第一步。“没有衰减”在两边都慢；至于印出来的公式，它的两处错误有一部分互相掩盖了。
#
# ## 记住什么
#
# - 动量和 Nesterov 在平缓的方向上加速，在陡峭的方向上刹车；Adagrad、RMSprop 和 Adam 给每个参数单独定步长，
#   看不见损失的尺度。
# - 一个公式能训练，还不等于它是对的。不变的斜率、一条抛物线、第一步：每一个都是答案已知的实验，十行就够。
#
# ## 练习
#
# 如果 Adam 什么也不记，即 β₁ = β₂ = 0，它还剩下什么？写出公式，把它做成只有一个设置 `lr` 的优化器
# `Forgetful`，并与 Adam 的路径比较。（ε 很小，可以略去。）路径终止于何处？为什么不是最低点？
#
# **解答。**


# %%
class Forgetful(optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, lr=lr)

    @staticmethod
    def update(g, p, state, t, lr):
        return -lr * np.sign(g), ()  # m = g，√v = |g|：只剩下符号


forgetful = walk(J, Forgetful, start, 100)
assert np.allclose(forgetful, walk(J, lambda p: optim.Adam(p, lr=0.1, betas=(0.0, 0.0)), start, 100), atol=1e-6)
assert np.allclose(np.abs(np.diff(forgetful, axis=0)), 0.1)  # 每一步在每个分量上都是 α
assert np.allclose(forgetful[-20::2], forgetful[-1 - 19])
assert np.allclose(forgetful[-19::2], forgetful[-1])
assert distance(forgetful[-20:]).min() > 0.4
assert all(len(set(np.sign(gradient(place)))) == 1 for place in forgetful[-2:])  # 两个分量同号
forgetful[-4:]

# %% [markdown]
# 它没有走到最低点就停住了，从此在谷底两侧来回踏步，永不停止。在这两个位置上，梯度的两个分量同号，
# 所以它只能沿着对角线一进一退；沿山谷的斜率比横跨山谷的小多少，又通向哪一边，符号都说不出来。正是 Adam
# 的记忆，把这种来回横跨平均掉了。
