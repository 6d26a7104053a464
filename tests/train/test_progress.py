"""What `fit` shows while it runs."""

import io
import sys

import pytest

from autograd_lite.train import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def run(display, epochs=3, steps=2):
    with display:
        for epoch in range(1, epochs + 1):
            for _ in range(steps):
                display.step()
            display.epoch_end(epoch, {"train_loss": 1 / epoch, "seconds": 0.25})


def test_silent(capsys):
    run(progress.progress_display(False, 3, 2))
    assert capsys.readouterr() == ("", "")


def test_lines_show_the_first_and_the_last_of_quick_epochs(capsys):
    run(progress.progress_display(True, 30, 2), epochs=30)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "epoch  1/30   train_loss 1   seconds 0.25",
        "epoch 30/30   train_loss 0.03333   seconds 0.25",
    ]


def test_lines_show_every_slow_epoch(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    run(progress.progress_display(True, 3, 2))
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_lines_say_how_far_a_long_epoch_has_come(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_WITHOUT_A_LINE", 0)
    run(progress.progress_display(True, 3, 2, done=1), epochs=2)
    assert [line for line in capsys.readouterr().err.splitlines() if "step" in line][:2] == ["step 2/6", "step 3/6"]


def test_a_bar_goes_on_where_the_training_does(monkeypatch):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    run(progress.progress_display(True, 3, 2, done=2), epochs=2)
    assert "100%" in sys.stderr.getvalue()


def test_a_terminal_with_tqdm_gets_a_bar(monkeypatch):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    run(progress.progress_display(True, 3, 2))
    written = sys.stderr.getvalue()
    assert "100%" in written
    assert "train_loss 0.3333" in written
    assert "epoch 3/3" in written


def test_a_terminal_without_tqdm_gets_lines(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setitem(sys.modules, "tqdm", None)
    run(progress.progress_display(True, 3, 2))
    assert sys.stderr.getvalue().startswith("epoch 1/3   train_loss 1")
