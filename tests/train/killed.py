"""A training that is killed at random moments and started again until it is done.

``python -m tests.train.killed 30`` kills it 30 times and says whether the outcome is that of the undisturbed one.
"""

import hashlib
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import autograd_lite as ag
from autograd_lite import callbacks as cb
from autograd_lite import nn, optim
from autograd_lite.train import compiling

PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
SIGNALS = ("SIGKILL", "SIGTERM", "SIGINT")
FILES = {"training.npz", "best.npz", "table.csv"}


class Slow(cb.Callback):
    """Makes steps long enough to be hit."""

    def on_step_end(self, run, loss):
        time.sleep(0.005)


def train(folder, compile):
    """The script: the same line begins the training and goes on with it; gives a digest of all that it comes to."""
    compiling.EAGER_STEPS = 5
    folder.mkdir(exist_ok=True)
    generator = np.random.default_rng(0)
    x = generator.normal(size=(320, 3))
    ag.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(0.2, np.random.default_rng(1)), nn.Linear(8, 1)
    )
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    callbacks = [
        Slow(),
        cb.Schedule(optim.lr_scheduler.OneCycleLR(optimizer, 0.1, 200), every="step"),
        cb.CSVLogger(folder / "table.csv"),
        cb.Checkpoint(folder / "best.npz", monitor="validation_loss"),
    ]
    saving = cb.Checkpoint(folder / "training.npz", every_epochs=1, every_seconds=0.02)
    settings = {"epochs": 6, "validation": (x, x[:, :1]), "batch_size": 16, "compile": compile, "progress": False}
    settings |= {"callbacks": callbacks, "checkpoint": saving, "resume": True}
    history = ag.fit(model, (x, x[:, :1] ** 2), nn.MSELoss(), optimizer, **settings)
    if history.interrupted:
        return "interrupted"
    rows = [line.rsplit(",", 1)[0] for line in (folder / "table.csv").read_text().splitlines()]
    outcome = [model.state_dict(), optimizer.state_dict(), history["train_loss"], history["validation_loss"], rows]
    best = ag.load(folder / "best.npz")["model"]
    with np.printoptions(floatmode="unique", threshold=sys.maxsize):
        return hashlib.sha256(repr([*outcome, best, ag.default_generator().bit_generator.state]).encode()).hexdigest()


def started(folder, compile):
    """The script as a process, which has said that it begins."""
    command = [sys.executable, "-m", "tests.train.killed", str(folder), str(int(compile))]
    process = subprocess.Popen(command, **PIPES, cwd=Path(__file__).parents[2])
    assert process.stdout.readline() == "begins\n"
    return process


def survived(folder, kills, compile, seed=0):
    """The digest of a training that was killed so often, and the signals in order."""
    chance, given = random.Random(seed), []
    for left in range(kills, -1, -1):
        process = started(folder, compile)
        if left:
            time.sleep(chance.uniform(0.0, 0.2))
            given.append(chance.choice(SIGNALS) if kills > len(SIGNALS) else SIGNALS[left - 1])
            process.send_signal(getattr(signal, given[-1]))
        written, errors = process.communicate(timeout=60)
        if written not in ("", "interrupted\n"):
            return written.strip(), given
    raise AssertionError(errors)


def main(kills):
    """Kill trainings, eager and compiled, and compare."""
    for compile in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            digest, given = survived(Path(folder) / "killed", kills, compile, seed=time.time_ns())
            same = digest == train(Path(folder) / "whole", compile)
            left = sorted(path.name for path in (Path(folder) / "killed").iterdir())
            print("compiled" if compile else "eager", "same" if same else "DIFFERENT", len(given), "signals", left)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        main(int(sys.argv[1]))
    else:
        print("begins", flush=True)
        print(train(Path(sys.argv[1]), bool(int(sys.argv[2]))), flush=True)
