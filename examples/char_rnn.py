"""A recurrent net that learns to continue a text, letter by letter.

The text is made here: verses that count down, "3 kites" after "4 kites", so the net has to remember the line before and
to count. Some verses are not in the text that it learns from; whether it can continue them is measured at the end.

    python examples/char_rnn.py
"""

import sys
from itertools import product

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim

SEED = 0
THINGS = ("kites", "apples", "drums", "bottles", "hens", "ships")
ALL = list(product(range(3, 10), THINGS))
NEW = ALL[::5]  # verses that are not in the text


def verse(count: int, thing: str) -> str:
    """Counting down to one."""
    return "".join(f"{n} {thing}\n" for n in range(count, 0, -1)) + "\n"


class CharacterNet(nn.Module):
    """A letter and a state to the scores of the next letter and the next state."""

    def __init__(self, letters: int, hidden: int) -> None:
        self.embedding = nn.Embedding(letters, 16)
        self.cell = nn.GRUCell(16, hidden)
        self.head = nn.Linear(hidden, letters)

    def forward(self, letter, state):
        state = self.cell(self.embedding(letter), state)
        return self.head(state), state


def continued(model: CharacterNet, letters: list[str], start: str, most: int = 100) -> str:
    """`start` and what the net finds most probable after it, up to the end of the verse."""
    text, state = start, None
    with ag.no_grad():
        for letter in "\n" + start[:-1]:
            _, state = model([letters.index(letter)], state)
        while not text.endswith("\n\n") and len(text) < most:
            scores, state = model([letters.index(text[-1])], state)
            text += letters[int(scores.numpy().argmax())]
    return text


def main(steps: int = 1600, hidden: int = 64, length: int = 40, batch: int = 32) -> float:
    """Train, show a continuation, and give the share of verses that are continued without a mistake."""
    rng = np.random.default_rng(SEED)
    learned = [pair for pair in ALL if pair not in NEW]
    text = "".join(verse(*learned[i]) for i in rng.integers(len(learned), size=1000))
    letters = sorted(set(text))
    codes = np.array([letters.index(letter) for letter in text])
    ag.manual_seed(SEED)
    model = CharacterNet(len(letters), hidden)
    optimizer = optim.Adam(model.parameters(), lr=1e-2)
    cross_entropy = nn.CrossEntropyLoss()

    @ag.compile
    def step(window):
        optimizer.zero_grad()
        loss, state = 0.0, None
        for i in range(length):
            scores, state = model(window[i], state)
            loss = loss + cross_entropy(scores, window[i + 1]) / length
        loss.backward()
        optimizer.step()
        return loss

    for i in range(steps):
        optimizer.param_groups[0]["lr"] = 1e-2 * (1 - i / steps)
        starts = rng.integers(len(codes) - length, size=batch)
        loss = step(codes[starts + np.arange(length + 1)[:, None]])
        if (i + 1) % max(1, steps // 5) == 0:
            print(f"step {i + 1:4}: {loss.item() / np.log(2):.3f} bits per letter")

    print(continued(model, letters, f"{NEW[4][0]} {NEW[4][1]}\n"), end="")
    right = {}
    for name, pairs in (("verses from the text", learned), ("new verses", NEW)):
        whole = [verse(*pair) for pair in pairs]
        right[name] = np.mean([continued(model, letters, v[: v.index("\n") + 1]) == v for v in whole])
        print(f"{name}: {right[name]:.0%} of {len(pairs)} are continued without a mistake after their first line")
    return float(right["new verses"])


if __name__ == "__main__":
    sys.exit(main() < 0.8)
