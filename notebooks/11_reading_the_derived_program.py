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
# # Reading the derived program
#
# A gradient is a computation like any other, so it can be written down as a program. Here the engine writes it, first
# for one neuron, then for a whole training step, and we read what it wrote, line by line.

# %%
import itertools
import re
import subprocess
import sys
import tempfile
import textwrap
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim

# %% [markdown]
# ## One neuron
#
# `ag.source` takes a function and an example of its arguments, and gives the text of a program that computes the value
# and the gradient in every argument: the mathematics alone. (`plain=False` gives the text that `ag.compile` would run,
# which says where each array lives, too. We read such a text below.)


# %%
def neuron(x, w, b):
    return np.tanh(x * w + b)


text = ag.source(neuron, 2.0, -3.0, 6.88)
print(text)

# %% [markdown]
# No graph and no engine in it, only NumPy: what one would write by hand. The backward part is the chain rule. It begins
# with tanh' = 1 - tanh², which is the gradient in `b`, since `b` is merely added. The other factors follow: `w` for
# `x`, `x` for `w`.
#
# The text is Python, so Python can run it. Central differences, which know nothing of the chain rule, agree:

# %%
space = {}
exec(text, space)  # defines the function `gradient`
value, *gradient = space["gradient"](2.0, -3.0, 6.88)

point, h = np.array([2.0, -3.0, 6.88]), 1e-6
differences = [(neuron(*(point + h * e)) - neuron(*(point - h * e))) / (2 * h) for e in np.eye(3)]
assert value == neuron(*point)
assert np.allclose(gradient, differences, rtol=1e-8)
gradient, differences

# %% [markdown]
# ## A whole training step
#
# Now a net of two layers that learns the product of two numbers. The training step is ordinary code: forget the old
# gradients, compute the loss, go back, let the optimizer change the weights (here gradient descent with momentum: each
# step also keeps 0.9 of the one before). We make it twice, from the same seed, to have one to compare with.

# %%
rng = np.random.default_rng(0)
x = rng.normal(size=(32, 2)).astype(np.float32)
y = x[:, :1] * x[:, 1:]
loss_fn = nn.MSELoss()  # the mean of the squared differences


runs = []  # what Python has run a step for: so many rows
warnings.simplefilter("ignore", ag.CompileWarning)  # `ag.compile` says that `step` fills it while it is traced only


def make():
    """A net, its optimizer, and a training step for them."""
    ag.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

    def step(x, y):
        runs.append(len(x))
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return model, optimizer, step


model, optimizer, step = make()
step = ag.compile(step)
losses = [step(x, y).item() for _ in range(200)]
assert losses[-1] < losses[0] / 20
assert runs == [32]
losses[0], losses[-1], runs

# %% [markdown]
# 200 steps, but Python has run the function once: there is one entry in `runs`. That was the first call, and it was a
# *trace*. Symbols stood in place of the arrays, and every NumPy function that they met was written down: those of the
# net, those of the gradients, those of the optimizer. The list was tidied up and printed as a program, and it is this
# program that has run ever since. `step.source` is its text. We read it one section at a time, and leave out only how
# memory is asked for, which stands at its top.

# %%
source = step.source


def section(start):
    """The part of the program from the line that begins with `start` to the next empty line."""
    return re.search(rf"^ *{start}.*?(?=\n\n|\Z)", source, re.M | re.S).group()


print(section("# state"))

# %% [markdown]
# **State** is what outlives a step. All weights lie in one array, so that the optimizer can change all of them at once:
# 2·8 + 8 for the first layer, 8·1 + 1 for the second. The momentum has a number for each. `settings` and `counters` are
# the optimizer's own (the learning rate, the number of steps): the program holds no copy, it looks there.

# %%
assert 2 * 8 + 8 + 8 * 1 + 1 == 33
assert sum(p.data.size for p in model.parameters()) == 33
print(section("# views"))

# %% [markdown]
# **Views** give the pieces their names and shapes. A view is no copy: `weight_0` is the first 16 numbers of
# `parameters`, seen as 8 rows of 2. Views are made once, before the first step.

# %%
print(section("# constants"))

# %% [markdown]
# **Constants** were computed while tracing. 0.0625 is the 2/n of the derivative of the mean square, for n = 32.

# %%
assert 2 / 32 == 0.0625
assert "0.0625" in section("# constants")
print(section("# forward"))

# %% [markdown]
# **Forward.** A comment names the layer, `out=` says where the result goes, the comment behind it gives its shape. The
# mean of squares has become a dot product of the difference with itself, which needs no array of squares.

# %%
print(section("# backward"))

# %% [markdown]
# **Backward**, read in the opposite order: loss, second layer, tanh, first layer. `d_` means "gradient of the loss in".
# Every line is one you know:
#
# - the loss: 2/n times the difference;
# - a layer `h @ W.T + b`: the gradient goes on to `h` through `W`, to `W` through `h`, and to `b` as the sum over the
#   rows (`ones` times a matrix is that sum);
# - tanh: times 1 - tanh², as in the neuron.
#
# What is missing says as much: there is no gradient in `x`, as nobody asked for one. Written by hand, it is the same:

# %%
W0, b0, W2, b2 = (p.data.copy() for p in model.parameters())
tanh = np.tanh(x @ W0.T + b0)
d_out = 2 / 32 * (tanh @ W2.T + b2 - y)
d_hidden = d_out @ W2 * (1 - tanh**2)
by_hand = [d_hidden.T @ x, d_hidden.sum(0), d_out.T @ tanh, d_out.sum(0)]

loss_fn(model(x), y).backward()
for p, d in zip(model.parameters(), by_hand, strict=True):
    assert np.allclose(p.grad, d, atol=1e-6)
assert "d_x" not in section("# backward")
print(section("# update"))

# %% [markdown]
# **Update**: one call for all 33 weights. `sgd` stands further up in the text. It is the *kernel*, the optimizer's
# equation with in-place operations: the momentum keeps its share and gains the gradient, and the weights go a step of
# the learning rate against it. (The rate stands in an array without axes that is kept, because NumPy takes longer over
# a bare number. Large nets get a loop here, over blocks that fit into the processor's cache.)

# %%
print(section("def sgd"))
assert "momentum_buffer += g" in section("def sgd")

# %% [markdown]
# ## Memory
#
# One section is left, and it is the one that nobody likes to write by hand. In NumPy, each `a + b` asks for a new
# array. The program does not: it has decided beforehand where each value lives.

# %%
print(section("# memory"))

# %% [markdown]
# `tanh_1 = linear_0` means: tanh is written over its own argument, which nobody needs any more. Let us see all of it.
# A bar goes from the call that writes a value to the last one that reads it, and bars of one colour share their memory.
# (All that this takes can be found in the text: `out=` names what a call writes, the other names are what it reads.)

# %%
lies_in, view_of = {}, {}
for line in section("# memory").splitlines()[1:]:
    name, right = line.split(" = ")
    first = re.match(r"\w+", right).group()
    lies_in[name] = name if first == "aligned" else lies_in[first]
for line in section("# views").splitlines()[1:]:
    name, right = line.split(" = ")
    view_of[name] = re.match(r"\w+", right).group()

calls, begins = [], {}
for part in ("forward", "backward", "update"):
    begins[part] = len(calls) + 1
    lines = section(f"# {part}").splitlines()
    calls += [line for line in lines if re.match(r" +(\w+ = )?(np\.|\w+\.dot\(|sgd\()", line)]

written, read = {}, {}
for number, call in enumerate(calls, start=1):
    for word in re.findall(r"\w+", call.split("out=")[0]):
        read[view_of.get(word, word)] = number
    for word in re.findall(r"out=(\w+)", call):
        written.setdefault(word, number)
for name, home in lies_in.items():
    if home == "g":
        read[name] = len(calls)  # the optimizer reads g as a whole

names = sorted(written, key=lambda name: written[name])
homes = list(dict.fromkeys(lies_in[name] for name in names))
figure, axes = plt.subplots(figsize=(8, 3.8), layout="constrained")
for row, name in enumerate(names):
    colour = f"C{homes.index(lies_in[name])}"
    axes.barh(row, read[name] - written[name], left=written[name], color=colour, height=0.75)
for part, begin in begins.items():
    axes.axvline(begin - 0.5, color="0.6", linewidth=1, linestyle=":")
    axes.text(begin - 0.4, -0.9, part, color="0.4", fontsize=9)
axes.set_yticks(range(len(names)), names, family="monospace", fontsize=9)
axes.set_xticks(range(1, len(calls) + 1))
axes.set_xlim(0.5, len(calls) + 1.5)
axes.set_ylim(len(names) - 0.4, -1.6)
axes.set_xlabel("call of the program")
axes.spines[["top", "right"]].set_visible(False)
axes.set_title(f"{len(names)} values in {len(homes)} pieces of memory", fontsize=11)
plt.show()

for home in homes:
    if home != "g":  # which is cut into parts
        bars = [(written[name], read[name]) for name in names if lies_in[name] == home]
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(bars))
assert (len(names), len(homes)) == (12, 4)

# %% [markdown]
# Bars of one colour follow each other and never overlap. Where one begins at the call at which another ends, the result
# is written over the argument. Only `g` (red) is different: the gradients of the weights have to stay until the
# optimizer comes, so each has a part of it for its own.
#
# ## The same bits
#
# All this must not change a result, not even in the last digit. The step that was not compiled, from the same seed:

# %%
plain_model, plain_optimizer, plain_step = make()
plain_losses = [plain_step(x, y).item() for _ in range(200)]
assert len(runs) == 1 + 200  # this one is run by Python every time
runs.clear()
assert plain_losses == losses  # not "close": equal
for p, q in zip(plain_model.parameters(), model.parameters(), strict=True):
    assert p.data.tobytes() == q.data.tobytes()
"200 losses and all weights: equal bit for bit"

# %% [markdown]
# ## A pass, before and after
#
# Between the trace and the text stand the *passes*. Each takes the list of calls to one with less work and the same
# numbers. To see one at work, here is a trace made by hand, with the parts that `compile` uses, of the sigmoid and its
# slope as a textbook prints them:

# %%
from autograd_lite.compiler.passes import PASSES
from autograd_lite.compiler.passes.common_subexpressions import without_repetition
from autograd_lite.compiler.tracing.tracer import Tracer
from autograd_lite.compiler.tracing.traced import Traced


def traced(f, array):
    """The program of a function of one array, before any pass."""
    tracer = Tracer("f")
    variable = tracer.variable("cell", array, "x")
    variable.value = array
    tracer.program.inputs.append(variable)
    results = f(Traced(tracer, array.copy(), variable))  # a symbol, in place of the array
    tracer.program.outputs = [result.current() for result in results]
    return tracer.program


def show(program):
    """The calls, one a line, with a letter for each result."""
    letters = dict(zip((call.out for call in program.calls), "abcdefghijklmnop", strict=False))
    for call in program.calls:
        args = [letters.get(a) or getattr(a, "name", None) or getattr(a, "value", a) for a in call.args]
        print(f"{letters[call.out]} = {call.function.__name__}({', '.join(map(str, args))})")


def run(program):
    """The results of a program, its calls made one after the other."""
    values = {}
    for call in program.calls:
        args = [values.get(a, getattr(a, "value", a)) for a in call.args]
        values[call.out] = call.function(*args, **call.kwargs)
    return [values[result] for result in program.outputs]


def sigmoid_and_slope(x):
    return 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(-x)) * (1 - 1 / (1 + np.exp(-x)))


points = np.linspace(-2, 2, 5)
program = traced(sigmoid_and_slope, points)
before, results_before = len(program.calls), run(program)
show(program)

# %% [markdown]
# What is written three times is computed three times. The pass for common subexpressions goes through the list and
# remembers every call with its arguments; when an equal one comes, its result is taken from the first.

# %%
program = without_repetition(program)
after = len(program.calls)
show(program)
assert (before, after) == (14, 6)
assert [a.tobytes() for a in run(program)] == [a.tobytes() for a in results_before]

# %% [markdown]
# `d` is the sigmoid now and `f` its slope. The arithmetic is done in the order in which it was, hence the same bits
# (the last line runs the list, call by call). The other passes are as simple. A function with work for several of them:


# %%
def wasteful(x):
    np.sin(x)  # nobody reads this
    a = np.exp(x) * np.ones_like(x)
    b = np.exp(x.T.T)
    return (np.sum(a * a + -b),)


def show_names(title, program):
    """How many calls there are, and of which functions."""
    print(f"{title:25}{len(program.calls):3}  {' '.join(call.function.__name__ for call in program.calls)}")
    return len(program.calls)


table = rng.normal(size=(2, 3))
program = traced(wasteful, table)
counts = [show_names("as traced", program)]
for improve in PASSES:
    program = improve(program)
    counts.append(show_names(improve.__name__, program))
assert counts == [11, 10, 10, 9, 7, 7, 6, 4]
assert run(program) == list(wasteful(table))

# %% [markdown]
# The sine goes, because nobody reads it. `sum` becomes `add.reduce`, which it would call anyway. The ones are made once
# and for all; then algebra finds that multiplying by them changes nothing, that two transposes are none, and that
# adding a negative is subtracting. So there are two equal exps, and one remains; what is left over without a reader
# goes at the end. One pass found nothing to do here: it serves labels.
#
# What is *not* done matters as much. `x + 0` stays, because it turns -0.0 into 0.0, and that is another bit:

# %%
assert np.signbit(-0.0)
assert not np.signbit(-0.0 + 0)
program = traced(lambda x: (np.exp(x + 0.0),), table)
for improve in PASSES:
    program = improve(program)
show(program)
assert [call.function for call in program.calls] == [np.add, np.exp]

# %% [markdown]
# All passes, each with its before and after: [docs/compile.md](../docs/compile.md).
#
# ## What a program cannot do
#
# A program makes the same calls for all values. A function that looks at a value to decide what to do cannot be
# written down so. Tracing stops there, and says what to do instead:


# %%
@ag.compile
def careful_step(x, y):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    if loss < 1.0:  # which calls follow, depends on a value
        loss.backward()
        optimizer.step()
    return loss


weights = [p.data.tobytes() for p in model.parameters()]
try:
    careful_step(x, y)
except ag.compiler.TraceError as error:
    message = str(error)
print(textwrap.fill(message, 100))
assert "bool()" in message
assert "np.where" in message
assert weights == [p.data.tobytes() for p in model.parameters()]  # and nothing has been changed

# %% [markdown]
# Three more: reading a number out, a length that depends on the values, and a random number, which would be the same in
# every call.

# %%
refused = [lambda a: a / a.sum().item(), lambda a: a[a > 0], lambda a: a + rng.normal(size=3)]
for f in refused:
    try:
        ag.compile(f)(np.ones(3))
        raise AssertionError("this should have been refused")
    except ag.compiler.TraceError as error:
        print(textwrap.fill(str(error), 100), end="\n\n")

# %% [markdown]
# Shapes are another matter. They are known when the step is traced, so one may branch on them; but a program is made
# for its shapes. Others make another trace:

# %%
print(step.signatures)
step(x[:7], y[:7])
print(step.signatures)
assert runs == [7]
assert step.signatures == ["float32 (7, 2), float32 (7, 1)", "float32 (32, 2), float32 (32, 1)"]
assert "(7, 8)" in step.source
assert "(7, 8)" not in source
factor = re.search(r"np.array\((0.2857\d*), np.float32", step.source).group(1)
assert np.float32(factor) == np.float32(2 / 7)

# %% [markdown]
# The new program has constants of its own: its 2/n is 2/7. Both are kept (the last 8 are), so going back to 32 rows
# traces nothing. Numbers that may change from step to step, on the other hand, are no constants but read in every call.
# With a learning rate of 0, the same program leaves the weights as they are:

# %%
weights = [p.data.tobytes() for p in model.parameters()]
optimizer.param_groups[0]["lr"] = 0.0
step(x, y)
assert weights == [p.data.tobytes() for p in model.parameters()]

optimizer.param_groups[0]["lr"] = 0.01
step(x, y)
assert weights != [p.data.tobytes() for p in model.parameters()]
assert runs == [7]  # nothing was traced again
assert step.source == source

# %% [markdown]
# ## Away from here
#
# `save` writes the text as a script, and the state into a file beside it. What it needs is Python and NumPy. To prove
# it, we go on training in another process, in which importing the engine is an error, and then here, and compare.

# %%
driver = """
import sys
sys.modules["autograd_lite"] = None  # from here on, importing it raises ImportError
import numpy as np
from step import step

data = np.load("data.npz")
np.save("losses.npy", [step(data["x"], data["y"])[0] for _ in range(10)])
"""
with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    step.save(folder / "step.py")
    np.savez(folder / "data.npz", x=x, y=y)
    (folder / "driver.py").write_text(driver)
    print(sorted(file.name for file in folder.iterdir()))
    imports = re.findall(r"^(?:import|from) .*", (folder / "step.py").read_text(), re.M)
    subprocess.run([sys.executable, "driver.py"], cwd=folder, check=True)
    elsewhere = np.load(folder / "losses.npy")

print(imports)
assert imports == ["from pathlib import Path", "import numpy as np"]
here = [step(x, y).item() for _ in range(10)]
assert elsewhere.tolist() == here
here[0], here[-1]

# %% [markdown]
# The script has gone on from where the training stood, to the same bits.
#
# Is all this worth it? For small nets, where most of a step is Python and new memory, it is; how much, against eager
# mode, hand-written NumPy and other libraries, is measured in [benchmarks/RESULTS.md](../benchmarks/RESULTS.md).
# `ag.fit` compiles by itself where it can.
#
# **Exercise.** This loss is squared near zero and linear further out. It cannot be compiled. Why? Write one that can,
# with the same values, and look at its derivative with `ag.source`. Which line makes the branch?


# %%
def by_value(r):
    return 0.5 * r * r if abs(r) < 1 else abs(r) - 0.5


try:
    ag.source(by_value, 0.5)
    raise AssertionError("this should have been refused")
except ag.compiler.TraceError as error:
    print(str(error).split(",")[0])

# %% [markdown]
# **Solution.** Both sides are computed, and a mask selects. The gradient selects by the same mask: `r` inside, the sign
# of `r` outside. In the text the mask is called `less`, having no name of its own; `where` is 1 inside and 0 outside.
# Each product with such a zero is looked at, by the helper at the end: if the other factor is infinite it would be NaN,
# and what is not selected has the gradient 0 (notebook 09).


# %%
def by_mask(r):
    return np.where(abs(r) < 1, 0.5 * r * r, abs(r) - 0.5)


for r in (-3.0, -1.0, -0.25, 0.5, 1.0, 2.0):
    assert by_mask(r) == by_value(r)
    assert ag.grad(by_mask)(r) == (r if abs(r) < 1 else np.sign(r))

text = ag.source(by_mask, 0.5)
assert "where" in text
print(text)
