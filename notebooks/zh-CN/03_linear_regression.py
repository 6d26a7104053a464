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
# # 线性回归：从手工推导的梯度到一行代码
#
# 用一条直线拟合数据，这个问题小得不能再小，却五脏俱全：有模型，有损失，有梯度，还有逆着梯度走的步子。
# 我们先在纸上推导梯度，再把工作一件一件交出去：梯度交给引擎，步子交给优化器，循环交给 `ag.fit`，
# 最后全部交给一行代码。直线还可以用最小二乘（least squares）精确地拟合，所以我们随时知道自己离最优解有多远。
#
# 阅读本篇，需要知道笔记本 01 里的链式法则（chain rule）和 `backward()`，后者做的就是反向传播（backpropagation）。
# （图中的文字一律保留英文，正文会说明它们的意思。）
#
# 英文原文：[Linear regression, from the hand-derived gradient to one line](../03_linear_regression.ipynb)
#
# <!-- translates b06def29 -->

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
# ## 1. 纸上的梯度
#
# **模型**（model）是 $\hat y = wx + b$。斜率 w 和偏置（bias，也就是直线的截距）b 是它的**参数**（parameter），
# 也就是由我们来选的数。对每个数据点，**残差**（residual）是预测值减去真实值，$r_i = wx_i + b - y_i$。**损失**（loss）
# 把所有的残差归结为一个数，这里取均方误差（mean squared error，MSE）：
#
# $$J(w, b) = \frac1n \sum_i r_i^2$$
#
# J 对 $r_i$ 的变化率是 $\frac{2}{n} r_i$；$r_i$ 对 w 的变化率是 $x_i$，对 b 的变化率是 1。沿着链相乘，
# 再对所有的点求和：
#
# $$\frac{\partial J}{\partial w} = \frac2n \sum_i r_i\, x_i \qquad \frac{\partial J}{\partial b} = \frac2n \sum_i r_i$$
#
# 这两个数合在一起，就是**梯度**（gradient）。取直线 y = 2x 上的四个点，在 w = b = 0 处用代码来算：

# %%
x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 6.0, 8.0])
w, b = 0.0, 0.0

r = w * x + b - y
dw, db = 2 / len(x) * np.sum(r * x), 2 / len(x) * np.sum(r)
assert (dw, db) == (-30, -10)
np.array([dw, db])

# %% [markdown]
# 两个分量都是负的：w 和 b 增大时，损失减小，因为直线 y = 0 在四个点的下方。
#
# 写成矩阵更简短。设矩阵 A 的每一行对应一个点，每一列对应一个参数；b 那一列全是 1。把所有参数放进一个向量 θ，
# 全部预测值就是 $A\theta$，上面的两个和也合成了一个乘积。（∇J 是 J 的梯度的通用记号，|v|² 表示 v 的各分量的平方和。）
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
# ## 2. 推对了吗？
#
# 纸上推出来的导数，没有检验过就不要相信。`ag.diagnose_gradient(loss, hand_gradient, point)` 让引擎求出梯度，
# 在这一点以及它周围的几个点上与你的梯度对照，并用文字说出错在哪里。下面先看我们的梯度，再看人人都会犯的两个错误：
# 把差减反了，以及丢了因子 2。

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
# （诊断用英文写成，三句的意思依次是：正确，精确到 1e-15；处处符号相反；相差常数因子 0.5，少了一个因子 2，或者少了因子
# n/2，因为四个点的时候 n/2 也等于 2。）笔记本 04 讲的就是这一类错误。
#
# ## 3. 沿坡而下
#
# **梯度下降**（gradient descent）逆着梯度，一小步一小步地走。**学习率**（learning rate）α 决定步子有多小：
#
# $$\theta \leftarrow \theta - \alpha\,\nabla J(\theta)$$


# %%
def descend(gradient, theta, rate, steps):
    """一路上所有的 θ，包括起点。"""
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
# 左图画的是数据（data）和第 1、5、20 步之后的直线：走完 20 步，直线已经快到位了。右图的横轴是步数（step），
# 纵轴是损失（loss），用的是对数刻度；请注意曲线上的拐弯：头 20 步把损失降到原来的四百分之一，其余的 980
# 步也只不过再降差不多同样的倍数。可见有一个方向走得快，另一个方向走得慢。第 6 节会说明原因。
#
# 许多教材定义损失时写的是 $\frac{1}{2n}$，这样，平方求导带出来的 2 就约掉了，只剩下 $\frac1n$。最低点相同，
# 但是每一步只有一半长：

# %%
half = descend(lambda theta: gradient(theta, A, y) / 2, origin, 0.01, 1000)
assert np.allclose(half[-1], [1.9536389, 0.13630729], rtol=0, atol=5e-9)
assert np.allclose(half[-1], descend(lambda theta: gradient(theta, A, y), origin, 0.005, 1000)[-1])
half[-1]

# %% [markdown]
# ### 走一步，距离怎样变化
#
# 取只有一个参数的模型 y = θx，以及直线 y = x 上的四个点，这时 θ = 1 最好。采用上面那种梯度，在与它相差 $\theta - 1$
# 的地方，损失的斜率是 $\lambda(\theta - 1)$，其中 $\lambda = \frac1n \sum x_i^2 = 7.5$。这个 λ
# 叫作**曲率**（curvature），它说明斜率变化得有多快。所以，每一步都把距离乘以同一个数：
#
# $$\theta - 1 \;\leftarrow\; (1 - \alpha\lambda)\,(\theta - 1)$$
#
# α = 0.1 时，这个数是 ¼；损失与距离的平方成正比，所以每一步降到十六分之一：

# %%
column = x[:, None]
assert np.mean(column**2) == 7.5
path = descend(lambda theta: gradient(theta, column, x) / 2, np.zeros(1), 0.1, 100)
losses = [loss(theta, column, x) for theta in path]
assert np.allclose(losses[:3], [7.5, 0.46875, 0.029296875], rtol=1e-12)
assert abs(path[-1, 0] - 1) < 1e-12
np.array(losses[:3])

# %% [markdown]
# 超过 $\alpha = 2/\lambda$，这个因子就小于 −1，每一步的落脚点都比出发点离得更远。
#
# ## 4. 先交给引擎，再交给优化器
#
# 把需要梯度的量做成张量（tensor），照样用 NumPy 写出损失，然后调用 `backward()`：

# %%
w = ag.tensor(0.0, requires_grad=True, name="w")
b = ag.tensor(0.0, requires_grad=True, name="b")
J = np.mean((w * ag.tensor(x, name="x") + b - ag.tensor(y, name="y")) ** 2)
J.backward()
assert (w.grad, b.grad) == (-30, -10)
ag.draw(J)

# %% [markdown]
# 这就是上面的推导，画成了一张计算图（computational graph）。从右往左看：平方把 $\frac2n r_i$ 交给每个残差；
# 乘法把每一份乘以 $x_i$ 再往回传，加在一起给 w；b 得到的则是各份之和，因为四个点用的是同一个 w 和同一个 b。（x 和 y
# 两个方框是数据：没有人要它们的梯度，所以没有计算，not computed。方框里蓝色为正，橙色为负。）
#
# **优化器**（optimizer）保管参数的清单，并负责走每一步：

# %%
optimizer = optim.SGD([w, b], lr=0.01)
for _ in range(1000):
    optimizer.zero_grad()  # 忘掉上一次的梯度：backward() 会在原有的值上累加
    np.mean((w * x + b - y) ** 2).backward()
    optimizer.step()  # 就地更新 w 和 b

assert np.allclose([w.item(), b.item()], [1.98965876, 0.03040452], rtol=0, atol=5e-9)
w, b

# %% [markdown]
# 走到了同一处，我们所知道的每一位数字都相同。（SGD 是 stochastic gradient descent，即**随机**梯度下降的缩写；
# 每一步都给它全部数据，它就是梯度下降。）
#
# ## 5. 真实的数据
#
# 442 位糖尿病患者。数据有十列，其中有体质指数（body mass index，bmi）和六项血液指标 s1 到 s6；s1 是总胆固醇，s2
# 是其中的低密度脂蛋白（LDL）胆固醇。目标（target）说明一年之后病情发展到什么程度。四分之一的人作为**测试集**（test
# set）：在它上面什么也不学，它只用来评判；其余的人组成训练集（training set）。

# %%
X, y = load_diabetes(return_X_y=True, scaled=False)
order = np.random.default_rng(0).permutation(len(y))
train, test = order[:331], order[331:]
assert (y.min(), y.max()) == (25, 346)
X.shape, len(train), len(test)

# %% [markdown]
# 预测得有多好？*R²*（决定系数，coefficient of determination）是目标的方差得到解释的比例：完美的预测是 1，
# 总是回答平均值是 0，比平均值还差就是负数。
#
# 我们还要把各列**标准化**（standardise），这是为第 6 节准备的：减去均值，除以标准差，两者都只由训练集算出。
# 裁判是**最小二乘**：对线性模型来说，∇J = 0 可以直接求解，NumPy 的 `lstsq` 做的就是这件事。


# %%
def r2(prediction, truth):
    return 1 - np.mean((prediction - truth) ** 2) / np.var(truth)


mean, deviation = X[train].mean(axis=0), X[train].std(axis=0)
Z = (X - mean) / deviation

A = np.column_stack([Z, np.ones(len(Z))])
exact = np.linalg.lstsq(A[train], y[train], rcond=None)[0]
assert np.allclose(exact, np.linalg.solve(A[train].T @ A[train], A[train].T @ y[train]))  # 直接解 ∇J = 0
judge = r2(A[train] @ exact, y[train]), r2(A[test] @ exact, y[test])
assert np.allclose(judge, [0.5499, 0.3728], atol=1e-4)
print("最小二乘：训练集 R² = {:.4f}，测试集 R² = {:.4f}".format(*judge))

# %% [markdown]
# 线性模型能知道的就是这么多：对用来拟合的人，解释了方差的一半左右；对没有见过的人，还不到五分之二。现在改用梯度下降。
# `nn.Linear(10, 1)` 是模型：十个权重（weight）和一个偏置，初值是小的随机数。`ag.fit` 负责第 4 节的那个循环；
# `batch_size=None` 表示每一步都用全部数据。把数据从头到尾用过一遍，叫作一**轮**（epoch），所以在这里一轮就是一步。


# %%
def fitted(X, y, lr, epochs, **options):
    ag.manual_seed(0)  # 每次的随机数都一样
    data = X, y[:, None]  # 目标写成一列，因为模型给出的是一列
    model = nn.Linear(10, 1, dtype=np.float64)
    optimizer = optim.SGD(model.parameters(), lr=lr)
    options |= {"batch_size": None, "progress": False}
    history = ag.fit(model, data, nn.MSELoss(), optimizer, epochs=epochs, **options)  # 均方误差
    return model, history


def score(model, X, y):
    return r2(model(X).detach().numpy()[:, 0], y)  # 变成普通的数组


model, _ = fitted(Z[train], y[train], lr=0.1, epochs=50)
reached = score(model, Z[train], y[train]), score(model, Z[test], y[test])
assert np.allclose(reached, [0.549, 0.364], atol=2e-3)
print("50 步：   训练集 R² = {:.4f}，测试集 R² = {:.4f}".format(*reached))

# %% [markdown]
# 五十步之后，在训练集上与精确解的差别只在第四位小数。权重也与最小二乘的一样吗？

# %%
names = load_diabetes().feature_names
weights = model.weight.detach().numpy()[0]
print("          " + "".join(f"{name:>7}" for name in names))
print("50 步     " + "".join(f"{value:7.1f}" for value in weights))
print("精确解    " + "".join(f"{value:7.1f}" for value in exact[:10]))
s1, s2 = names.index("s1"), names.index("s2")
assert 0.1 < weights[s1] / exact[s1] < 0.3
assert weights[s2] < 0 < exact[s2]
assert np.abs(weights - exact[:10])[:4].max() < 1
assert reached[0] > judge[0] - 1e-3
assert abs(np.corrcoef(Z[train, s1], Z[train, s2])[0, 1] - 0.89) < 0.01

# %% [markdown]
# 不一样。s1 的权重只有应有值的五分之一，s2 的甚至连符号都是反的。可是总胆固醇和低密度脂蛋白说的几乎是同一件事，
# 两者的相关系数是 0.89：一个权重少掉的，另一个可以补上。不要轻易从单个权重里读出什么含义来。
#
# ## 6. 为什么要标准化？
#
# 参数不止一个的时候，曲率随方向而不同。各个方向的曲率都在**黑塞矩阵**（Hessian matrix，由二阶导数组成）里，这里它是
# $\frac2n A^\top A$：它的特征向量（eigenvector）是互不干扰的方向，特征值（eigenvalue）是这些方向上的曲率。
# 在每个方向上，一步把距离乘以各自的 $1 - \alpha\lambda_k$。但所有的方向共用一个 α，而最陡的方向只允许
# $\alpha < 2/\lambda_{\max}$。于是最平缓的方向大约需要 $\lambda_{\max}/\lambda_{\min}$ 步，才会有像样的进展：
# 这个比值就是**条件数**（condition number）。

# %%
raw = np.column_stack([X, np.ones(len(X))])
condition = {}
for name, columns in (("as measured", raw), ("standardised", A)):
    hessian = 2 / len(train) * columns[train].T @ columns[train]
    assert np.allclose(hessian, ag.hessian(lambda theta, c=columns: loss(theta, c[train], y[train]))(np.zeros(11)))
    flat, *_, steep = np.linalg.eigvalsh(hessian)
    condition[name] = steep / flat
    print(f"{name:13}  曲率 {flat:.2g} 到 {steep:.2g}，α < {2 / steep:.2g}，条件数 {steep / flat:.3g}")

assert np.allclose(condition["as measured"], 5.5e7, rtol=0.02)
assert np.allclose(condition["standardised"], 500, rtol=0.02)

# %% [markdown]
# 五千五百万对五百。（as measured 是未经处理的数据，standardised 是标准化之后的数据。）前一个数是怎么来的，
# 看一列就明白，就看体质指数。它的值在 26 左右，离 0 很远：斜率 w 一增大，所有的预测值都升高，b 就必须减小来抵消。
# 损失的地形于是成了一条又长又窄的斜谷。

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
assert np.allclose(path[1], bottom)  # 只走一步
assert np.isclose(ratio, 1)
path, bottom, ratio = found["as measured"]
assert ratio > 20_000
assert path[1, 0] < 0 < bottom[0]
assert np.linalg.norm(path[-1] - bottom) > 0.9 * np.linalg.norm(path[1] - bottom)

# %% [markdown]
# 灰线把损失相等的点连起来；黑点是起点（start），星号是最小二乘的解，红线是 1000 步的路径。左图里，
# 第一步就落进了山谷，而且反倒离最好的 w 更远了；其余的 999 步沿着谷底爬行，挤成了红色的一团。右图里，山谷变成了圆碗：
# 每个方向的曲率都是 λ = 2，取 α = ½，因子就是 0。一步恰好走到碗底。
#
# 用全部十列，条件数仍有 500，而不是 1：标准化并不能使 s1 和 s2 彼此不同。那就是平缓的方向，在那里几乎得不到什么好处。
#
# ## 7. 什么时候停下来
#
# **走满规定的步数**：简单，但是盲目。**损失不再变化**：`callbacks.Converged`，`ag.fit` 每过一轮都会询问它。
# 下面是步子小得过分的情形：

# %%
model, history = fitted(Z[train], y[train], lr=1e-6, epochs=1000, callbacks=[callbacks.Converged(1.0)])
print(history.stopped)
print(f"{history.epochs} 轮，R² = {score(model, Z[train], y[train]):.2f}（训练集）")
assert history.epochs == 2
assert score(model, Z[train], y[train]) < -3

# %% [markdown]
# （上面英文的意思是：训练损失已经收敛，变化不超过 1。）只过了两轮，而预测远不如平均值。损失的变化不到 1，
# 是因为**步子**太小，不是因为坡度太小。
#
# **在没有参加训练的人身上开始变差**：这就是**早停**（early stopping）。每过一轮，就在另外留出的数据，
# 即**验证集**（validation set）上测一次；不能用测试集，因为根据一部分数据决定何时停止，就已经从那部分数据里学到了东西。
# 331 个人，早停得不到什么好处；所以，假设我们当初只检查了 30 个人，另有 50 个人用来验证：

# %%
few, check = train[:30], train[30:80]
S = (X - X[few].mean(axis=0)) / X[few].std(axis=0)
held_out = S[check], y[check, None]

runs = {}
early = callbacks.EarlyStopping(patience=50)
for name, stop in (("跑满", []), ("早停", [early])):
    model, history = fitted(S[few], y[few], lr=0.1, epochs=1000, validation=held_out, callbacks=stop)
    runs[name] = history, score(model, S[test], y[test])
    print(f"{name:2}  {history.epochs:4} 轮，R² = {runs[name][1]:.3f}（测试集）")
assert 10 < early.best_epoch < 30
assert runs["早停"][1] > runs["跑满"][1] + 0.03
path = descend(lambda theta: gradient(theta, A[train], y[train]), np.zeros(11), 0.1, 2000)
assert max(r2(A[test] @ theta, y[test]) for theta in path) < judge[1] + 0.005  # 331 人全用，早停得不到好处

history = runs["跑满"][0]
fig, axes = plt.subplots(figsize=(6, 3.3), layout="constrained")
axes.semilogx(range(1, 1001), history["train_loss"], color="tab:blue", label="30 people trained on")
axes.semilogx(range(1, 1001), history["validation_loss"], color="tab:red", label="50 people to validate")
axes.axvline(early.best_epoch, color="0.5", linestyle=":", label=f"best epoch: {early.best_epoch}")
axes.set(xlabel="epoch", ylabel="loss", ylim=(0, 10_000))
axes.legend()
plt.show()

# %% [markdown]
# 蓝线是参加训练的 30 个人，一直下降到底。红线是用来验证的 50 个人，先降后升：从转折处起，
# 模型学到的只是那三十个人的个别特点。这就是**过拟合**（overfitting）。`EarlyStopping` 等上 `patience` 轮，
# 看有没有更好的结果；没有，就把最好那一轮（图中的竖线）的模型放回去。在测试集上，它也是更好的那个。
#
# ## 8. 一行代码
#
# 以上的一切，都装进了一个估计器（estimator），名字与 scikit-learn 里的一样；它把目标标准化，自己停下来。
# 各列的标准化由它前面的那一步来做。

# %%
line = make_pipeline(StandardScaler(), LinearRegression(random_state=0)).fit(X[train], y[train])

scores = line.score(X[train], y[train]), line.score(X[test], y[test])
assert np.allclose(scores, judge, atol=0.015)
print("一行代码：训练集 R² = {:.4f}，测试集 R² = {:.4f}".format(*scores))
print("最小二乘：训练集 R² = {:.4f}，测试集 R² = {:.4f}".format(*judge))

# %% [markdown]
# 对直线来说，最小二乘是更好的工具。但是我们搭起来的这些东西，没有一件问过模型是不是直线。再加一层，
# 就不再有现成的公式了，而 `backward()`、优化器和 `ag.fit` 都原样照用。那就是笔记本 05 的内容。
#
# ## 练习
#
# **岭回归**（ridge regression）在损失上加一项 $\mu \sum_k w_k^2$，用来惩罚大的权重；取 μ = 0.05，不包括 b。
# 请推导它的梯度，让 `ag.diagnose_gradient` 来评判。这项惩罚对条件数有什么影响？取 α = 0.1，有惩罚和没有惩罚时，
# 各要走多少步，所有的权重与精确解的差才都小于 0.1？
#
# **解答。** $\mu w_k^2$ 的导数是 $2\mu w_k$，二阶导数是 2μ = 0.1。在权重的各个方向上，曲率都增加这么多：
# 最平缓的原来是 0.017，增加得很多；最陡的原来是 8.3，增加得很少。

# %%
penalised = np.append(np.ones(10), 0.0)  # 不包括 b
B, goal = A[train], y[train]


def ridge(theta):
    return loss(theta, B, goal) + 0.05 * np.sum(penalised * theta**2)


def ridge_gradient(theta):
    return gradient(theta, B, goal) + 2 * 0.05 * penalised * theta


assert ag.diagnose_gradient(ridge, ridge_gradient, np.zeros(11))

plain = 2 / len(B) * B.T @ B, lambda theta: gradient(theta, B, goal)
helped = plain[0] + 2 * 0.05 * np.diag(penalised), ridge_gradient
ends, settled = {}, {}
for name, (hessian, slope) in (("无惩罚", plain), ("有惩罚", helped)):
    ends[name] = flat, steep = np.linalg.eigvalsh(hessian)[[0, -1]]
    solution = np.linalg.solve(hessian, 2 / len(B) * B.T @ goal)
    away = np.abs(descend(slope, np.zeros(11), 0.1, 5000) - solution).max(axis=1)
    settled[name] = int(np.argmax(away < 0.1))
    print(f"{name:3}  曲率 {flat:.3f} 到 {steep:.2f}，条件数 {steep / flat:.0f}，稳定所需的步数 {settled[name]}")

assert np.allclose(ends["无惩罚"], [0.0166, 8.29], rtol=0.01)
assert np.allclose(ends["有惩罚"], ends["无惩罚"] + 0.1, atol=1e-6)
assert np.allclose(ag.hessian(ridge)(np.zeros(11)), helped[0])
assert settled["无惩罚"] > 5 * settled["有惩罚"] > 0
