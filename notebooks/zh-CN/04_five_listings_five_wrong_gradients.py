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
# # 五段代码，五个错误的梯度
#
# 五篇讲梯度下降的文章，各有一段拟合直线的小程序。五段全错，错法各不相同，却没有一个错得稀奇：手工求导的人，
# 人人都会犯这些错。对每一段代码，我们先照原样运行，再让引擎求出梯度，让 `ag.diagnose_gradient` 说出错在哪里，
# 把程序改好，最后拿它的结果同另行算出的数值对照。
#
# 英文原文：[Five listings, five wrong gradients](../04_five_listings_five_wrong_gradients.ipynb)
#
# <!-- translates 5c561e3e -->
#
# 五段程序做的是同一件事。**模型**（model）有参数 θ，对每个 x 作出预测。**损失**（loss）J 是一个数，说明预测离数据 y
# 有多远，这里是误差平方的均值或总和。**梯度**（gradient）∇J 对每个参数各有一个分量：这个参数增大时，
# 损失增长得多快。**梯度下降**（gradient descent）逆着梯度一小步一小步地走，
#
# $$\theta \leftarrow \theta - \alpha\,\nabla J(\theta),$$
#
# 其中 α 叫作学习率（learning rate）。写成代码如下，其中的梯度可以是交给它的任何函数：

# %%
import contextlib
import io
import traceback

import matplotlib.pyplot as plt
import numpy as np

import autograd_lite as ag


def descend(gradient, theta, rate, steps):
    """一路上所有的 θ。"""
    path = [theta]
    for _ in range(steps):
        path.append(path[-1] - rate * gradient(path[-1]))
    return np.array(path)


# %% [markdown]
# 两个辅助函数，用来把程序当作文本处理。`run` 执行一段代码，如果出错，就显示错误和出错的那一行；`mend`
# 替换其中的几处，并显示换掉了什么。


# %%
def run(listing):
    names, printed = {}, io.StringIO()
    try:
        with np.errstate(all="ignore"), contextlib.redirect_stdout(printed):
            exec(compile(listing, "listing", "exec"), names)
    except Exception as error:
        line = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "listing"][-1]
        names["error"] = f"{type(error).__name__}: {error}"
        print(f"第 {line} 行： {listing.splitlines()[line - 1].strip()}\n{names['error']}")
    return names | {"printed": printed.getvalue().splitlines()}


def mend(listing, *edits):
    for old, new in edits:
        assert old in listing, old
        listing = listing.replace(old, new)
        print("- " + old + "\n+ " + new.replace("\n", "\n+ "))
    return listing


# %% [markdown]
# ## 1. 跑不起来，乘不起来，还往上坡走
#
# 第一篇文章用 y = wx + b 拟合直线 y = 2x 上的四个点，w 是斜率，b 是**偏置**（bias）。（各段代码都照原文，
# 这里只略去了注释和空行。）

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
# 写错了一个名字。它后面还等着另一个错误：四个**残差**（residual，即预测值减去数据），不能从左边去乘一个四元的行。

# %%
first = mend(first, ("dw, db = gradients(y_true, y_pred)", "dw, db = gradients(y, y_pred)"))
assert run(first)["error"].startswith("ValueError: shapes (4,) and (1,4) not aligned")

# %% [markdown]
# 把两个因子的次序调过来，程序就跑得起来了；这里改从 w = b = 0 出发，好让每个人得到同样的结果。最糟的留在最后，
# 因为再也没有什么来报错了：

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
# 那么正确的是什么？只写出损失，梯度交给引擎：`ag.grad(loss)` 就是给出 `loss` 的梯度的函数。这里 θ = (w, b)
# 是一个长度为 2 的数组。

# %%
x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 6.0, 8.0])


def loss_1(theta):
    return np.mean((y - (theta[0] * x + theta[1])) ** 2)


origin = np.zeros(2)
assert np.array_equal(ag.grad(loss_1)(origin), [-30, -10])
ag.grad(loss_1)(origin)

# %% [markdown]
# 两个分量都是负的：w 和 b 增大时损失减小。理应如此，因为直线太低了。那么，代码自己写的梯度函数呢？
# `diagnose_gradient(loss, hand_gradient, x)` 在 x 以及它周围的几个点上比较二者，
# 并用文字说出它们怎样不同（诊断用英文写成；下面这一句的意思是“处处符号相反”）。


# %%
def printed_1(theta):
    dw, db = uphill["gradients"](y, theta[0] * x + theta[1])
    return np.array([dw[0], db])


found = ag.diagnose_gradient(loss_1, printed_1, origin)
assert found.verdict == "wrong sign everywhere"
found

# %% [markdown]
# `np.dot(y_pred - y, …)` 作为 (y_pred − y)² 的导数，符号本来就对；前面的负号又把它翻了回去。去掉负号，
# 这段代码就走到了，引擎也走到同一处：

# %%
fixed = run(mend(first, ("dw = -(2", "dw = (2"), ("db = -(2", "db = (2")))
path = descend(ag.grad(loss_1), origin, 0.01, 1000)
reference = [1.98965876, 0.03040452]
np.testing.assert_allclose([fixed["w_opt"][0], fixed["b_opt"][0]], reference, atol=5e-9)
np.testing.assert_allclose(path[-1], reference, atol=5e-9)
path[-1]

# %% [markdown]
# 已经接近 w = 2、b = 0；剩下的距离还需要更多步。在损失的地图上，灰线把损失相等的点连起来，两者从同一点（start）出发，
# 方向相反：蓝色是引擎的梯度，红色是原样的代码。

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
# 还有一件事：文章的**正文**把损失定义为带 1/(2n) 的形式，**代码**里却是 1/n。两种约定都对，但不能混用：
# 前者的梯度只有后者的一半（笔记本 03），用它来走，同样的 1000 步走得没有那么远：

# %%
half = descend(ag.grad(lambda theta: loss_1(theta) / 2), origin, 0.01, 1000)[-1]
np.testing.assert_allclose(half, [1.9536389, 0.13630729], atol=5e-9)
half

# %% [markdown]
# **教训。** 让程序停下来的错误是一种善意：这里有两个，而它们背后站着那个不让程序停下来的。
#
# ## 2. 跑得通，也没有人发现
#
# 第二段代码没有偏置：用过原点的直线 y ≈ θx，去拟合 3x 加上 0 与 1 之间的噪声。

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
# 没有错误，没有警告，只有一个荒唐的结果，而这段代码并不把它打印出来。引擎和诊断怎么说：


# %%
def loss_2(theta):
    return np.mean((X2 @ theta - y2) ** 2)


printed_2 = lambda theta: (1 / 100) * X2.T @ (y2 - X2 @ theta)
found = ag.diagnose_gradient(loss_2, printed_2, start)
assert found.verdict == "wrong sign everywhere and off by the constant factor 0.5 (a factor 2 is missing)"
found

# %% [markdown]
# 一次两个错误：处处符号相反，又差常数因子 0.5（少了一个因子 2）。缺 2 无害，不过是学习率减半；我们就由它缺着，
# 改在损失前面添上 ½。符号可就不是无害的了。

# %%
half_2 = lambda theta: loss_2(theta) / 2
path = descend(ag.grad(half_2), start, 0.01, 1000)
fixed = run(mend(second, ("(y - y_pred)", "(y_pred - y)")))
for theta in path[-1], fixed["theta_optimal"]:
    assert abs(theta.item() - 3.61334238) < 5e-9
path[-1]

# %% [markdown]
# 最低点在哪里？对直线来说可以直接算出，NumPy 的 `lstsq`（最小二乘，least squares）做的就是这件事。

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
# 蓝线正走向 3.7227（灰色虚线），这是过原点的直线所能做到的最好结果；红线是原样的代码。可是数据的斜率明明是 3。0 与 1
# 之间的噪声把点平均抬高了 ½，而必须过原点的直线要跟上去，只能变得更陡。偏置就是用来解决这个问题的：有了它，
# 最小二乘得到的大约是 3 和 ½。

# %%
with_bias = np.linalg.lstsq(np.hstack([X2, np.ones((100, 1))]), y2, rcond=None)[0].ravel()
np.testing.assert_allclose(with_bias, [2.97328974, 0.49781698], atol=5e-9)
with_bias

# %% [markdown]
# **教训。** 把损失打印出来：只要看一眼它在上升，就足够了。
#
# ## 3. 被遗忘的因子
#
# 第三段代码倒是每一步都打印损失。直线 y = x 上的四个点，一个参数。

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
# 又是名字：`update_parameters` 用到两个只在别处才有的名字。把它们传进去，第一步成功，第二步失败：

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
# 走了一步，一个参数变成了四个。梯度的形状永远与参数相同；这里却是数据的形状，而 NumPy 照减不误。补上哪个因子，
# 形状就对了，诊断是知道的（它说：少了形状为 (4, 1) 的数据这个因子，用它的转置去乘就合适）：

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
# θ 是通过与 x 的乘积到达损失的；往回走的时候，乘积把另一个因子交给每一边。补上因子 x；这里也少了那个 2，
# 就在损失里放一个 ½。损失于是每一个都是前一个的十六分之一。

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
# **教训。** 梯度的形状就是参数的形状；形状不同，便是少了一个因子，或者少了一次求和。
#
# ## 4. 纸上是对的，数组里是错的
#
# 第四篇文章印了一个函数，没有调用它。它接受两个特征，从 `w = np.zeros(2)` 看得出来。

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
# 平面上的五个点，w = (1, 2)，b = 0.5；乘积 `(y_predicted - y) * x` 是五个残差乘以五行两列，对不上。残差应该是一列才行。
# 那么，把 y 写成列？

# %%
column = "y = y[:, None]\n"
assert "operands could not be broadcast together with shapes (5,5) (5,2)" in run(fourth + five + column + call)["error"]

# %% [markdown]
# 现在 `y_predicted - y` 是五元的行减去五元的列，NumPy 把它做成一张表，每个预测值减每个数据：(5, 5)。请记住这一点，
# 后面还会遇到。
#
# 如果只有**两个**点，第一种写法倒跑得通。这是个凑巧的数：两个残差正好对上两列。

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
# （参数可以有好几个；`x[0]` 是 w，`x[1]` 是 b。诊断说：前者的差别没有简单的规律，后者正确。）形状对，大小也像样，
# 数值却是错的：第 *i* 个残差应该去乘 x 的第 *i* 行，实际乘的是第 *i* 列。治法是加一个下标，于是多少个点都行：

# %%
names = run(mend(fourth, ("(y_predicted - y) * x", "(y_predicted - y)[:, None] * x")) + five + call)
np.testing.assert_allclose([*names["w"], names["b"]], [1, 2, 0.5], atol=1e-9)
names["w"], names["b"]

# %% [markdown]
# 对同样的五个点，引擎求出的梯度与改好的一致。（文章**正文**里的公式则不然：它们缺了负号。）

# %%
x4, y4 = names["x"], names["y"]


def mended_4(w, b):
    residual = x4 @ w + b - y4
    return np.mean(residual[:, None] * x4, axis=0), np.mean(residual)


zero = (np.zeros(2), 0.0)
found = ag.diagnose_gradient(loss_4, mended_4, zero)
assert found
against = ag.diagnose_gradient(loss_4, lambda w, b: tuple(-g for g in mended_4(w, b)), zero)  # 如正文所写
assert against.verdict == "wrong sign everywhere"
print(found)

# %% [markdown]
# **教训。** 测试时让各个尺寸互不相同：2 维里的 2 个点会掩盖的东西，2 维里的 5 个点就会显出来。
#
# ## 5. 一万个残差
#
# 第五段代码有一百个点，是 3x + 2 加上噪声。

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
# “最终的模型参数”竟是负无穷。现在把损失按代码里的原样交给引擎，由它求出梯度；不过请看附注（notes）：

# %%
X5, y5 = names["X"], names["y"]
as_printed = lambda theta: 0.5 * np.sum((y5 - X5 @ theta) ** 2)
found = ag.diagnose_gradient(as_printed, lambda theta: np.sum((y5 - X5 @ theta) * X5), np.zeros(1))
assert found.verdict.startswith("shape (), expected (1,)")
assert "in the loss itself, (100, 1) against (100,) in subtract broadcasts to (100, 100)" in found.notes[0]
print(found)

# %% [markdown]
# 损失本身就不是本来的意思。`y` 是一列，`X @ theta` 是一行，它们的差就是上面那种表，这回有 10,000
# 个数。本来要的是它的对角线（黑色虚线 what was meant），即彼此对应的那一百对：

# %%
order = np.argsort(X5[:, 0])  # 按 x 排序，只为画图
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
# 引擎对写出来的东西求导，不可能知道本来的意思。所以才有这条附注；也正因如此，
# 本库自带的损失函数遇到两个需要广播（broadcasting）的形状，会拒绝计算：

# %%
try:
    ag.nn.functional.mse_loss(ag.tensor(X5 @ np.zeros(1)), y5)
except ValueError as error:
    print(error)
else:
    raise AssertionError("a (100,) against a (100, 1) was let through")

# %% [markdown]
# 把 y 压平之后，剩下一百个残差；第一个错误的背后，站着一个我们认识的：

# %%
loss_5 = lambda theta: 0.5 * np.sum((y5[:, 0] - X5 @ theta) ** 2)
found = ag.diagnose_gradient(loss_5, lambda theta: X5.T @ (y5[:, 0] - X5 @ theta), np.zeros(1))
assert found.verdict == "wrong sign everywhere"
print(found)

# %% [markdown]
# 还有第三个：数据是 3x + 2，却没有偏置来对应这个 2。在 X 旁边添一列 1 就有了偏置，因为参数乘以 1，不过是把它加上去。
# 三处都改好：

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
# 改好的代码、引擎和最小二乘一致得出 w = 2.7701、b = 2.1075：关于 3 和 2，一百个带噪声的点只知道这么多。
#
# **教训。** 先检查残差的形状，再求和：一旦求了和，就再也没有形状来泄露秘密了。
#
# ## 它们的共同之处
#
# | 代码 | 马上看得见的 | 后面藏着的 | 从来看不见的 |
# |---|---|---|---|
# | 1 | 一个名字 | 一个乘不起来的乘积 | 符号；1/(2n) 与 2/n |
# | 2 | 没有 | | 符号；因子 2；没有偏置 |
# | 3 | 一个名字 | 因子 x | 因子 2 |
# | 4 | 没有：它没有被调用 | 一次失败的广播 | 两个点时同样的广播；正文里的符号 |
# | 5 | −∞ | 一次没有失败的广播 | 符号；没有偏置 |
#
# 损失则不然，五篇文章里有四篇写对了，因为它**短**。自动微分（automatic differentiation）的全部理由就在这里：写出损失，
# 其余的让机器去求。而真要手工求导的时候，就对照一下。
#
# ## 练习
#
# 第五篇文章还印了一个交叉熵（cross-entropy）的梯度，其中标签 y 为 0 或 1，预测的概率是 p = 1/(1 + exp(−Xθ))：
#
# $$\nabla J = \frac1m \sum_i \bigl(-y_i \log p_i - (1 - y_i) \log(1 - p_i)\bigr)$$
#
# 诊断对它怎么说？请在纸上求出正确的梯度。（p 对它的自变量的导数是 p(1 − p)，几乎所有的项都会消去。）

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
# 诊断说的是：这是损失本身，不是它的梯度。
#
# **解答。** 令 z = Xθ。一个点的损失随 z 的变化率是 p − y，z 随 θ 的变化率是它在 X 里的那一行；所以梯度是 Xᵀ(p −
# y)/m，与线性回归的公式相同，只是预测不同。

# %%
solution = lambda theta: features.T @ (probability(theta) - labels) / len(labels)
found = ag.diagnose_gradient(cross_entropy, solution, theta)
assert found
print(found)
