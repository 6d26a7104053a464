"""What happens in a forward pass and in the walk back, one step after the other, and how each step is said aloud."""

from __future__ import annotations

import copy
import inspect
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.drawing.array_cells import argument, number, printable
from autograd_lite.engine.accumulation import cast, unbroadcast
from autograd_lite.engine.ancestry import ancestors
from autograd_lite.engine.graph import Node
from autograd_lite.engine.messages import describe
from autograd_lite.stepthrough.check import compare
from autograd_lite.stepthrough.recorder import RuleCall, WalkRecorder
from autograd_lite.stepthrough.rule_formulas import (
    Formula,
    argument_letters,
    call_words,
    is_number,
    rule_formula,
)

EXPRESSION = re.compile(r"[-+*/@()]")


class Contribution(NamedTuple):
    """What one call of a rule adds to the gradient of one argument."""

    to: int
    position: int
    formula: Formula
    raw: Any  # before it is summed down to the argument's shape
    axes: tuple[int, ...]  # over which it was summed
    value: Any
    total: Any
    earlier: int  # contributions before this one
    complete: bool


class Step(NamedTuple):
    """One step: its phase, the node that it is about (-1: all), and what there is to say."""

    phase: str
    node: int
    words: str
    formula: Formula | None = None
    gradient: Any = None
    hooked: bool = False
    contributions: tuple[Contribution, ...] = ()
    letters: tuple[tuple[str, str], ...] = ()  # what the rules call an argument, and its name


class Update(NamedTuple):
    """What the optimizer would do with one parameter."""

    node: int
    gradient: Any
    before: Any
    after: Any
    numbers: str  # of a single number, the equation with numbers


class Story:
    """The steps of one graph.

    Attributes
    ----------
    nodes : list
        The recorded nodes and the constant arrays among their arguments, in the order in which they are needed.
    names : list of str
        What each of them is called.
    steps : list of Step
        The steps.
    """

    def __init__(self, root: Node, watch: WalkRecorder, title: str, optimizer: Any, max_nodes: int) -> None:
        recorded = ancestors([root])
        if len(recorded) > max_nodes:
            raise ValueError(
                f"{describe(root)} was computed by {len(recorded)} nodes, and a step-through of more than {max_nodes} "
                "is hard to follow: step through a smaller network or one example of the batch, look at the whole with "
                'ag.draw(y, collapse="module"), or raise max_nodes='
            )
        self.title, self.watch, self.root = title, watch, root
        self.gradients = watch.gradients(root, recorded) if root.needs_grad else {}
        self.nodes: list[Any] = with_constants(recorded)
        self.number = {id(node): i for i, node in enumerate(self.nodes)}
        self.names = names_of(self.nodes, root, watch.assigned(recorded))
        compared = compare(recorded, self.gradients, watch.called)
        self.checks = {self.number[id(n)]: found for n, found in compared.items()}
        self.optimizer = describe_optimizer(optimizer) if optimizer is not None else ("", "")
        self.rule = rule_of(optimizer) if optimizer is not None else ""
        self.updates = list(self.next_updates(optimizer)) if optimizer is not None else []
        if optimizer is not None and not self.updates:
            raise ValueError(f"{describe(root)} has no gradient for any parameter of the {type(optimizer).__name__}")
        self.steps = [*self.forward(), *self.backward(), *self.ending()]

    def forward(self) -> Iterator[Step]:
        """The inputs, then call after call."""
        inputs = [i for i, node in enumerate(self.nodes) if getattr(node, "function", None) is None]
        listed = ", ".join(f"{self.names[i]} = {shown(value(self.nodes[i]))}" for i in inputs)
        yield Step("start", -1, f"Start: the inputs are {listed}")
        for i, node in enumerate(self.nodes):
            if i not in inputs:
                formula = self.call_formula(node)
                middle = f" = {formula.numbers}" if formula.numbers else ""
                words = f"Forward: {self.names[i]} = {formula.symbols}{middle} = {shown(node.value)}"
                yield Step("forward", i, words, formula)

    def call_formula(self, node: Node) -> Formula:
        """The call that made a node."""
        places = [self.number.get(id(a)) for a in node.args]
        pairs = list(zip(node.args, places, strict=True))
        words = [argument(a) if k is None else self.names[k] for a, k in pairs]
        operands = {self.names[k]: value(a) for a, k in pairs if k is not None}
        function: Any = node.function
        numbers = ""
        if all(map(is_number, operands.values())):
            numbers = call_words(function, [argument(value(a)) for a in node.args], node.kwargs)
        return Formula(call_words(function, words, node.kwargs), numbers, operands, [])

    def backward(self) -> Iterator[Step]:
        """The seed, then node after node, the newest first."""
        if self.root not in self.gradients:
            return
        root, name = self.number[id(self.root)], self.names[self.number[id(self.root)]]
        several = " (of the sum of its elements)" if np.size(self.root.value) > 1 else ""
        yield Step("seed", root, f"Backward begins{several}: d{name}/d{name} = 1", None, self.gradients[self.root])
        uses = [n for node in self.watch.visits for n in (node.args[c.position] for c in self.watch.visits[node])]
        left = {id(n): sum(1 for other in uses if other is n) for n in uses}
        totals: dict[int, tuple[int, Any]] = {}
        for node, calls in self.watch.visits.items():
            contributions = []
            for call in calls:
                a = node.args[call.position]
                left[id(a)] -= 1
                contributions.append(self.contribution(node, call, totals, left[id(a)] == 0))
            i, g = self.number[id(node)], self.gradients[node]
            given = totals.get(i, (0, g))[1]
            hooked = not np.array_equal(g, given, equal_nan=np.asarray(g).dtype.kind in "fc")
            letters = self.letters(node, calls, contributions)
            goes = "; ".join(self.words_of(c) for c in contributions) or "no gradient goes further"
            where = f", where {', '.join(f'{letter} = {name}' for letter, name in letters)}" if letters else ""
            words = f"Backward through {self.names[i]} = {self.call_formula(node).symbols}: {shown(g)} arrives. {goes}"
            yield Step("backward", i, words + where, None, g, hooked, tuple(contributions), letters)

    def letters(
        self, node: Node, calls: Sequence[RuleCall], contributions: Sequence[Contribution]
    ) -> tuple[tuple[str, str], ...]:
        """What the letters in these rules stand for, apart from `g` and `y`."""
        used = {name for c in contributions for name in c.formula.operands}
        letters = argument_letters(calls[0].rule) if calls else []
        named = [(letter, self.number.get(id(a))) for letter, a in zip(letters, node.args, strict=False)]
        told = [(letter, self.names[k]) for letter, k in named if k is not None and letter in used]
        return tuple((letter, name) for letter, name in told if letter != name)

    def contribution(self, node: Node, call: RuleCall, totals: dict[int, tuple[int, Any]], last: bool) -> Contribution:
        """What a call of a rule adds to the gradient of an argument; `totals` has what is there already."""
        a = node.args[call.position]
        raw, to = call.result, self.number[id(a)]
        fitting = unbroadcast(raw, a.value.shape) if np.shape(raw) != a.value.shape else raw
        fitting = cast(np.asarray(fitting), a.value.dtype)[()]
        earlier, before = totals.get(to, (0, None))
        total = fitting if before is None else before + fitting
        totals[to] = earlier + 1, total
        extra = np.ndim(raw) - a.value.ndim
        axes = tuple(i for i, n in enumerate(np.shape(raw)) if i < extra or (n != 1 and a.value.shape[i - extra] == 1))
        formula = rule_formula(call.rule, call.g, call.y, call.values, call.settings)
        return Contribution(to, call.position, formula, raw, axes, fitting, total, earlier, last)

    def words_of(self, c: Contribution) -> str:
        """A contribution, said aloud."""
        middle = f" = {c.formula.numbers}" if c.formula.numbers not in ("", shown(c.value)) else ""
        summed = f", summed over axes {list(c.axes)}" if c.axes else ""
        added = f", accumulated to {shown(c.total)}" if c.earlier else ""
        return f"{self.names[c.to]} gets {c.formula.symbols}{middle} = {shown(c.value)}{summed}{added}"

    def ending(self) -> Iterator[Step]:
        """The comparison with differences, and the optimizer's update."""
        if any(n.function is None and n.value.size for n in self.gradients):
            if not self.checks:
                words = "Check: not possible, because what is computed again gives nothing finite or something else"
            else:
                wrong = [self.names[i] for i, found in self.checks.items() if not all(c.agrees for c in found)]
                words = "Check by central differences: " + (
                    f"the gradient of {', '.join(wrong)} differs: a kink is near, a rule is wrong, or it is detached"
                    if wrong
                    else "all gradients agree"
                )
            yield Step("check", -1, words)
        if self.updates:
            listed = "; ".join(
                f"{self.names[u.node]}: {u.numbers or f'{shown(u.before)} becomes {shown(u.after)}'}"
                for u in self.updates
            )
            rule = f", {self.rule}" if self.rule else ""
            yield Step("update", -1, f"Update by {self.optimizer[0]}{rule}: {listed}")

    def next_updates(self, optimizer: Any) -> Iterator[Update]:
        """What the optimizer's next step would change under these gradients, tried on a copy of it."""
        twin = copy.deepcopy(optimizer)
        pairs = [
            (mine, theirs)
            for group, other in zip(optimizer.param_groups, twin.param_groups, strict=True)
            for mine, theirs in zip(group["params"], other["params"], strict=True)
        ]
        for mine, theirs in pairs:
            theirs.grad = self.gradients.get(mine.node)
        try:
            twin.step()
        except TypeError as error:
            error.add_note("so its next step cannot be shown: leave optimizer= out")
            raise
        for mine, theirs in pairs:
            if mine.node in self.gradients:
                i = self.number[id(mine.node)]
                g, before, after = self.gradients[mine.node], np.array(mine.node.value)[()], theirs.node.value
                yield Update(i, g, before, after, equation(self.rule, before, g, after))

    def line_of(self, i: int) -> str:
        """The user's line that computed a node, if it is known."""
        node = self.nodes[i]
        line = self.watch.lines.get(node.time, "") if type(node) is Node and node.function is not None else ""
        place, colon, text = line.partition(": ")
        return Path(place).name + colon + text  # a page that is passed on tells nobody's folders


# What nodes are called.


def value(node: Any) -> Any:
    """The value of a node, or a constant array."""
    return node.value if type(node) is Node else node


def shown(values: Any) -> str:
    """A number; a few of them; or the shape and the mean of more."""
    if is_number(values):
        return number(values[()] if hasattr(values, "shape") else values)
    if values.size <= 4:
        return f"[{', '.join(map(number, values.ravel()))}]"
    return f"{values.shape} with mean {number(values.mean())}"


def with_constants(nodes: Sequence[Node]) -> list[Any]:
    """The nodes and the constant arrays among their arguments, each once and before its first use."""
    found: dict[int, Any] = {}
    for node in nodes:
        for a in node.args:
            if isinstance(a, np.ndarray):
                found.setdefault(id(a), a)
        found[id(node)] = node
    return list(found.values())


def own_name(node: Node) -> str:
    """The name that a node was given; a result's that is an expression is left out: it says what the step says."""
    name = node.leaf.name if node.leaf is not None and node.leaf.name else ""
    return "" if node.function is not None and EXPRESSION.search(name) else printable(name)


def names_of(nodes: Sequence[Any], root: Node, assigned: Mapping[Node, str]) -> list[str]:
    """A name for each node: its own, else that of the variable it was `assigned` to, else a number."""
    given = [own_name(n) or assigned.get(n, "") if type(n) is Node else "" for n in nodes]
    used, names = set(given), []
    counts = {"v": itertools.count(1), "p": itertools.count(1), "c": itertools.count(1)}
    seen: dict[str, int] = {}
    for node, name in zip(nodes, given, strict=True):
        if name:
            seen[name] = seen.get(name, 0) + 1
            names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
            continue
        if node is root and "y" not in used:
            names.append("y")
            continue
        kind = "c" if type(node) is not Node or not node.needs_grad else "v" if node.function is not None else "p"
        names.append(next(word for i in counts[kind] if (word := f"{kind}{i}") not in used))
    return names


def rule_of(optimizer: Any) -> str:
    """The update in one line: that of plain gradient descent, or else that something is added."""
    settings = {key: v for key, v in optimizer.param_groups[0].items() if key not in ("params", "lr") and v}
    plain = type(optimizer).__name__ == "SGD" and not settings and len(optimizer.param_groups) == 1
    return f"θ ← θ − {number(optimizer.param_groups[0]['lr'])} g" if plain else ""


def equation(rule: str, before: Any, g: Any, after: Any) -> str:
    """The update of a single number, with the numbers in it."""
    if not is_number(before):
        return ""
    rate = rule.removeprefix("θ ← θ − ").removesuffix(" g")
    change = f"{rate} · {in_brackets(g)}" if rule else in_brackets(after - before)
    return f"{number(before)} {'−' if rule else '+'} {change} = {number(after)}"


def in_brackets(a: Any) -> str:
    """A number, in brackets if it is negative."""
    return f"({number(a)})" if a < 0 else number(a)


def describe_optimizer(optimizer: Any) -> tuple[str, str]:
    """An optimizer and its settings, and the equation from its documentation."""
    settings = {key: v for key, v in optimizer.param_groups[0].items() if key != "params"}
    words = f"{type(optimizer).__name__}({', '.join(f'{key}={v}' for key, v in settings.items() if v)})"
    _, _, rest = (inspect.getdoc(optimizer) or "").partition("::\n\n")
    equation = [line[4:] for line in itertools.takewhile(lambda s: not s or s.startswith("    "), rest.splitlines())]
    return words, "\n".join(equation).strip()
