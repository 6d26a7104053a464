"""The command line: what it prints, what it saves, and one line with exit code 2 for every mistake."""

import importlib.metadata
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from autograd_lite import callbacks
from autograd_lite.cli import command as cli
from autograd_lite.cli import experiment
from autograd_lite.cli.command import main

QUICK = ["--epochs", "2"]


@pytest.fixture
def flowers(tmp_path):
    """A CSV file with two classes that are easy to tell apart."""
    generator = np.random.default_rng(0)
    lines = ["width,height,kind"]
    for i in range(60):
        x, y = generator.normal([i % 2 * 5, 0], 1)
        lines.append(f"{x:.3f},{y:.3f},{('röse', 'tulip, red')[i % 2]!r}".replace("'", '"'))
    path = tmp_path / "flowers.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def fails(capsys, *arguments):
    """Run a command that must fail, and return its one line."""
    assert main([str(argument) for argument in arguments]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert err.startswith("autograd-lite: ")
    return err


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"autograd_lite {importlib.metadata.version('autograd_lite')}\n"


# ---- train and predict ---------------------------------------------------------------------------------------


def test_train_classes(capsys):
    assert main(["train", "moons", "--seed", "1"]) == 0
    out, err = capsys.readouterr()
    assert "Dataset(moons: 1000 rows, 2 features, 2 classes)" in out
    assert "800 to train, 200 to test" in out
    assert "2 -> 640 -> 320 -> 2" in out and "the mean of 5 networks" in out
    assert "majority class (baseline)        50.00%" in out
    assert "train_loss" in err


def test_quiet_prints_results_only(capsys):
    assert main(["train", "moons", "--quiet", "--no-boosting", *QUICK]) == 0
    out, err = capsys.readouterr()
    baselines = ["majority class (baseline)", "logistic regression (baseline)"]
    assert [line.split("  ")[0] for line in out.splitlines()] == ["test accuracy", *baselines]
    assert err == ""


def test_train_values(capsys, tmp_path):
    path = tmp_path / "line.csv"
    path.write_text("x;y\n" + "".join(f"{x};{3 * x + 0.5}\n" for x in range(50)))
    assert main(["train", str(path), "--target", "y", "--quiet"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("test R²")
    assert "mean absolute error" in out[0] and "typical error" in out[0]
    assert [float(line.split()[at]) for line, at in zip(out, (2, 2, 3), strict=False)][::2] == [1, 1]


def test_save_and_predict(capsys, tmp_path, flowers):
    model = tmp_path / "model.npz"
    assert main(["train", str(flowers), "--target", "kind", "--save", str(model), "--hidden", "8"]) == 0
    assert f"saved to {model}" in capsys.readouterr().out

    new = tmp_path / "new.csv"  # columns in another order, one more, none to predict
    new.write_text("height,id,width\n0,a,0\n0,b,5\n")
    assert main(["predict", str(model), str(new)]) == 0
    assert capsys.readouterr().out == 'kind\nröse\n"tulip, red"\n'


def test_predict_values(capsys, tmp_path):
    path, model = tmp_path / "line.csv", tmp_path / "m.npz"
    path.write_text("x,y\n" + "".join(f"{x},{3 * x + 0.5}\n" for x in range(50)))
    assert main(["train", str(path), "--target", "y", "--quiet", "--save", str(model)]) == 0
    capsys.readouterr()
    assert main(["predict", str(model), str(path)]) == 0
    name, *values = capsys.readouterr().out.split()
    assert name == "y"
    np.testing.assert_allclose(np.array(values, dtype=float), 3 * np.arange(50) + 0.5, atol=0.05)


@pytest.mark.parametrize("hidden", ["none", "", "5", "5,4"])
@pytest.mark.parametrize("optimizer", experiment.OPTIMIZERS)
def test_settings(capsys, hidden, optimizer):
    arguments = ["--hidden", hidden, "--optimizer", optimizer, "--lr", "0.01", "--batch-size", "50"]
    arguments += ["--dropout", "0.1", "--weight-decay", "1e-4", "--seed", "3", *QUICK]
    assert main(["train", "moons", *arguments]) == 0
    out = capsys.readouterr().out
    assert f"{optimizer}, learning rate 0.01, dropout 0.1, weight decay 0.0001" in out
    assert "2 epochs in batches of 50, seed 3" in out


def test_the_same_seed_prints_the_same_result(capsys):
    printed = []
    for _ in range(2):
        main(["train", "spiral", "--quiet", "--seed", "4", *QUICK])
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


# ---- mistakes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: train | explain | predict | "),
        (["fly"], "invalid choice: 'fly'"),
        (["train"], "required: data"),
        (["train", "digts"], "unknown data set 'digts': did you mean digits?"),
        (["train", "moons", "--target", "x"], "--target is for CSV files"),
        (["train", "moons", "--task", "regression"], "--task is for CSV files"),
        (["train", "none.csv", "--target", "x"], "none.csv: No such file"),
        (["train", "moons", "--hidden", "64,x"], "'64,x' is no list of layer sizes such as 64,64"),
        (["train", "moons", "--hidden", "64,0"], "'64,0' is no list"),
        (["train", "moons", "--hidden", "64,,64"], "'64,,64' is no list"),
        (["train", "moons", "--lr", "0"], "--lr: '0' is not a number above 0"),
        (["train", "moons", "--lr", "nan"], "'nan' is not a number above 0"),
        (["train", "moons", "--lr", "fast"], "'fast' is not a number above 0"),
        (["train", "moons", "--epochs", "0"], "--epochs: '0' is not a whole number of at least 1"),
        (["train", "moons", "--batch-size", "1.5"], "'1.5' is not a whole number of at least 1"),
        (["train", "moons", "--seed", "-1"], "'-1' is not a whole number of at least 0"),
        (["train", "moons", "--dropout", "1"], "'1' is not a number from 0 to below 1"),
        (["train", "moons", "--weight-decay", "-1"], "'-1' is not a number at least 0"),
        (["train", "moons", "--optimizer", "adman"], "invalid choice: 'adman'"),
        (["train", "moons", "--save", "none/m.npz"], "there is no folder none"),
        (["train", "moons", "--save", "."], "exists and is not a file"),
        (["train", "moons", "--lr", "1e30", "--quiet"], "Try a smaller learning rate (it is 1e+30)"),
        (["predict", "none.npz", "x.csv"], "none.npz: No such file"),
    ],
)
def test_mistakes_in_the_request(capsys, monkeypatch, tmp_path, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert message in fails(capsys, *arguments)


def test_a_target_is_chosen_and_said(capsys, flowers):
    assert main(["train", str(flowers), "--no-boosting", *QUICK]) == 0
    assert "2 classes, taken the last column (--target says otherwise)" in capsys.readouterr().out
    assert "has no column 'kid': did you mean 'kind'?" in fails(capsys, "train", flowers, "--target", "kid")
    assert "has no column 'Kind': did you mean 'kind'?" in fails(capsys, "train", flowers, "--target", "Kind")


def test_columns_of_every_kind(capsys, tmp_path):
    lines = ["id,price,town,old,seen,note,label"]
    lines += [
        f"n{i},${i}.50,{('Ulm', 'Bonn', '')[i % 3]},{('yes', 'no')[i % 2]},2001-02-{i % 28 + 1:02d},note {i} on,{i % 2}"
        for i in range(60)
    ]
    path, model = tmp_path / "shop.csv", tmp_path / "m.npz"
    path.write_text("\n".join(lines) + "\n")
    assert main(["train", str(path), "--no-boosting", "--save", str(model), *QUICK]) == 0
    out = capsys.readouterr().out
    kinds = {line.split()[0]: line for line in out.splitlines() if line.split()[0] in lines[0].split(",")}
    assert list(kinds) == ["id", "price", "town", "old", "seen", "note", "label"]
    assert all(
        word in kinds[name] for name, word in [("id", "an id"), ("town", "one for missing"), ("note", "free text")]
    )
    new = tmp_path / "new.csv"
    new.write_text("id,town,old,seen,price\na7,Ulm,no,2001-02-03,$7\nb8,Rome,yes,,?\n")
    assert main(["predict", str(model), str(new), "--proba"]) == 0
    out, err = capsys.readouterr()
    assert [line.split(",")[0] for line in out.splitlines()] == ["id", "a7", "b8"]
    assert out.splitlines()[0] == "id,label,P(0),P(1)"
    assert "column 'town': 1 cells hold values unknown in training ('Rome')" in err
    assert "column 'price': 1 cells are missing" in err
    assert main(["predict", str(model), str(new), "--keep", "town"]) == 0
    assert capsys.readouterr().out.startswith("town,label\nUlm,")
    assert "has no column 'Town'" in fails(capsys, "predict", model, new, "--keep", "Town")


def test_numeric_only(capsys, flowers):
    arguments = ["train", flowers, "--target", "width", "--numeric-only", "--quiet", "--no-boosting"]
    assert "1 column of other than plain numbers" in (message := fails(capsys, *arguments))
    assert "leave out with: --ignore kind" in message
    assert main([*map(str, arguments), "--ignore", "kind"]) == 0


def test_what_is_said_about_a_result(capsys, tmp_path):
    path = tmp_path / "leak.csv"
    path.write_text("a,code,y\n" + "".join(f"{i % 7},{i % 2 * 9},{'xy'[i % 2]}\n" for i in range(80)))
    assert main(["train", str(path), "--no-boosting"]) == 0
    assert "note: a perfect score: column 'code' alone gives the target away" in capsys.readouterr().out


def test_how_a_file_is_written_can_be_said(capsys, tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("1;4,5;x\n2;5,5;y\n" * 20)
    arguments = ["--delimiter", ";", "--decimal", ",", "--no-header", "--encoding", "ascii", "--missing=-9,?"]
    assert main(["train", str(path), *arguments, "--no-boosting", *QUICK]) == 0
    assert "column_1 … column_2" not in capsys.readouterr().out
    assert "';;' is not one character" in fails(capsys, "train", path, "--delimiter", ";;")
    assert "--decimal is for CSV files" in fails(capsys, "train", "moons", "--decimal", ",")


def test_predict_refuses_what_it_cannot_read(capsys, tmp_path, flowers):
    model, new = tmp_path / "m.npz", tmp_path / "new.csv"
    main(["train", str(flowers), "--target", "kind", "--save", str(model), "--quiet", *QUICK])
    capsys.readouterr()
    new.write_text("width\n1\n")
    assert "lacks the column height" in fails(capsys, "predict", model, new)
    new.write_text("Width,height\n1,2\n")
    assert "lacks the column width: did you mean 'Width'?" in fails(capsys, "predict", model, new)
    new.write_text("width,height\n1,\n")
    assert main(["predict", str(model), str(new)]) == 0
    assert "column 'height': 1 cells are missing, as none was in training" in capsys.readouterr().err
    new.write_text("width,height\n")
    assert "has a header but no rows" in fails(capsys, "predict", model, new)
    assert "is not a model saved by" in fails(capsys, "predict", flowers, flowers)


def test_without_scikit_learn(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert 'pip install "autograd_lite[data]"' in fails(capsys, "train", "digits")
    assert main(["train", "moons", "--quiet", *QUICK]) == 0


# ---- explain -------------------------------------------------------------------------------------------------


def test_explain_prints_the_step_and_trains_nothing(capsys):
    assert main(["explain", "moons", "--hidden", "8", "--batch-size", "16", "--optimizer", "sgd"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith('"""step(x: float32 (16, 2), target: int64 (16,))"""')
    assert "x.dot(weight_0_T, out=linear_0)" in out
    assert [out.index(f"    # {section}\n") for section in ("forward", "backward", "update")]
    assert err == ""
    compile(out, "step.py", "exec")


def test_explain_values(capsys, flowers):
    assert main(["explain", str(flowers), "--target", "width", "--ignore", "kind"]) == 0
    assert "# MSELoss" in capsys.readouterr().out


def test_explain_saves_a_script_that_needs_numpy_alone(capsys, tmp_path):
    path = tmp_path / "step.py"
    assert main(["explain", "moons", "--hidden", "8", "-o", str(path)]) == 0
    assert capsys.readouterr().out == f"saved to {path}, its arrays to {tmp_path / 'step.npz'}\n"
    code = (
        "import sys, numpy as np; from step import step\n"
        "x, target = np.ones((32, 2), np.float32), np.zeros(32, np.int64)\n"
        "losses = [float(step(x, target)[0]) for _ in range(9)]\n"
        "print(losses[-1] < losses[0], 'autograd_lite' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert (done.stdout, done.stderr) == ("True False\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["moons", "-o", "step.txt"], "step.txt does not end in .py"),
        (["moons", "-o", "none/step.py"], "there is no folder none"),
        (["diabetes", "--label-smoothing", "0.1"], "--label-smoothing is for classification"),
        (["none.csv", "--target", "y"], "none.csv: No such file"),
    ],
)
def test_mistakes_in_what_to_explain(capsys, monkeypatch, tmp_path, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert message in fails(capsys, "explain", *arguments)


# ---- endings -------------------------------------------------------------------------------------------------


def test_ctrl_c_prints_the_result_so_far_and_saves(capsys, monkeypatch, tmp_path):
    fit = experiment.fit

    class Pressing(callbacks.Callback):
        def on_step_end(self, run, loss):
            if run.step == 100:
                signal.raise_signal(signal.SIGINT)

    def interrupted(*given, **settings):
        return fit(*given, **{**settings, "callbacks": [*settings["callbacks"], Pressing()]})

    monkeypatch.setattr(experiment, "fit", interrupted)
    assert main(["train", "moons", "--save", str(tmp_path / "m.npz")]) == 130
    out = capsys.readouterr().out
    assert "interrupted: what follows is about the model as it was then" in out
    assert "test accuracy" in out
    assert (tmp_path / "m.npz").exists()


def test_ctrl_c_elsewhere(capsys, monkeypatch):
    def interrupt(name):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "load", interrupt)
    assert main(["train", "moons"]) == 130
    assert capsys.readouterr().err == "autograd-lite: interrupted\n"


def run(*arguments, **settings):
    command = [sys.executable, "-m", "autograd_lite", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, **settings)


def test_a_reader_that_leaves_is_no_error(tmp_path):
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "autograd_lite", "train", "moons", "--quiet", *QUICK]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, timeout=60)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_python_m_and_a_terminal_that_knows_only_ascii():
    done = run("train", "moons", "--epochs", "1", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert r"\xb5s a step" in done.stdout


def test_help():
    for arguments in (["--help"], ["train", "--help"]):
        done = run(*arguments)
        assert done.returncode == 0
        assert done.stdout.startswith("usage: autograd-lite")
