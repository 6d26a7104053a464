"""Data-parallel training: several processes make the steps that one makes with the whole batch."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.distributed import Alone, Averager, average_gradients, broadcast, launch, shard
from autograd_lite.distributed.processes import portable

DATA = np.random.default_rng(0)
X, Y = DATA.normal(size=(12, 4)), DATA.normal(size=(12, 3))


def network(dtype=np.float64):
    model, draw = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).to(dtype), np.random.default_rng(3)
    for p in model.parameters():
        p.data = draw.uniform(-0.5, 0.5, p.shape)
    return model


class Threads:
    """A communicator between threads: what does not need processes is tested faster so."""

    def __init__(self, size):
        self.size, self.barrier, self.sent = size, threading.Barrier(size), [None] * size
        self.me = threading.local()

    def Get_rank(self):
        return self.me.rank

    def Get_size(self):
        return self.size

    def exchange(self, array):
        self.barrier.wait(timeout=5)
        self.sent[self.me.rank] = array.copy()
        self.barrier.wait(timeout=5)
        return list(self.sent)

    def Allreduce(self, sendbuf, recvbuf, /):
        assert sendbuf.dtype == recvbuf.dtype and sendbuf.dtype != np.float16  # MPI has no float16
        recvbuf[...] = sum(self.exchange(sendbuf))

    def Bcast(self, buf, root=0):
        buf[...] = self.exchange(buf)[root]

    def Barrier(self):
        self.barrier.wait()

    def run(self, function):
        """Each thread's result, or the error that it raised."""
        found = [None] * self.size

        def body(rank):
            self.me.rank = rank
            try:
                found[rank] = function(self)
            except Exception as error:
                found[rank] = error

        threads = [threading.Thread(target=body, args=(rank,)) for rank in range(self.size)]
        [t.start() for t in threads]
        [t.join(10) for t in threads]
        return found


def train(communicator, rows, steps=5, dtype=np.float64):
    """The parameters after `steps` of Adam; `rows` of the data are for each process."""
    model = network(dtype)
    if communicator.Get_rank():
        [np.copyto(p.data, 7.0) for p in model.parameters()]
    broadcast(model, communicator)
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    end = np.cumsum(rows)[communicator.Get_rank()]
    mine = slice(end - rows[communicator.Get_rank()], end)
    for _ in range(steps):
        optimizer.zero_grad()
        if rows[communicator.Get_rank()]:
            nn.MSELoss()(model(X[mine].astype(dtype)), Y[mine].astype(dtype)).backward()
        average_gradients(model.parameters(), communicator, weight=mine.stop - mine.start)
        optimizer.step()
    return model.state_dict()


def everything(communicator):
    """What is tested between real processes: one start of them is enough."""
    rank, long = communicator.Get_rank(), np.arange(300_000.0)
    total = np.empty_like(long)
    communicator.Allreduce(long * (rank + 1), total)
    copied = long * rank
    communicator.Bcast(copied, root=1)
    communicator.Barrier()
    empty = np.empty(0)
    communicator.Allreduce(empty, empty)
    even, uneven = train(communicator, [6, 6]), train(communicator, [3, 9])
    right = np.array_equal(total, 3 * long) and np.array_equal(copied, long)
    return rank, right, even, uneven, os.environ["OMP_NUM_THREADS"]


def test_two_processes_train_as_one_does_with_the_large_batch(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    expected = train(Alone(), [12])
    found = launch(everything, 2)
    assert "OMP_NUM_THREADS" not in os.environ
    for rank, result in enumerate(found):
        assert result[:2] == (rank, True) and int(result[4]) == max(os.cpu_count() // 2, 1)
        for state, first in zip(result[2:4], found[0][2:4], strict=True):
            for name, array in state.items():
                np.testing.assert_allclose(array, expected[name], rtol=0, atol=1e-12)
                np.testing.assert_array_equal(array, first[name])


@pytest.mark.parametrize("rows", [[4, 4, 4], [1, 9, 2], [12, 0, 0], [0, 7, 5]], ids=str)
def test_any_shards_make_the_large_batch(rows):
    expected = train(Alone(), [12])
    for state in Threads(3).run(lambda c: train(c, rows)):
        for name, array in state.items():
            np.testing.assert_allclose(array, expected[name], rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gradients_keep_their_dtype_and_are_the_leaves_own(dtype):
    def averaged(communicator):
        a = ag.tensor(np.ones((2, 3)), dtype=dtype, requires_grad=True)
        b, c = ag.tensor(2.0, requires_grad=True), ag.tensor([1.0], requires_grad=True)
        a.grad = np.full((2, 3), 1.0 + communicator.Get_rank(), dtype)
        b.grad = None if communicator.Get_rank() else np.array(4.0)
        average_gradients([a, b, c], communicator, weight=3 - 2 * communicator.Get_rank())
        assert a.grad.flags.writeable and a.grad.flags.c_contiguous and b.grad.shape == ()
        return a.grad, float(b.grad), c.grad

    for a, b, c in Threads(2).run(averaged):
        assert a.dtype == dtype and np.all(a == 1.25)
        assert b == 3.0 and c is None  # zeros count; nobody's stays None


def test_a_process_of_weight_0_is_not_looked_at():
    def averaged(communicator):
        w = ag.tensor([1.0], requires_grad=True)
        w.grad = np.array([[2.0], [np.nan]])[communicator.Get_rank()]
        average_gradients(w, communicator, weight=1 - communicator.Get_rank())
        return w.grad.tolist()

    assert Threads(2).run(averaged) == [[2.0], [2.0]]


def test_broadcast_gives_the_roots_parameters_and_buffers():
    def run(communicator):
        rank = communicator.Get_rank()
        model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
        optimizer = optim.Adam(model.parameters(), lr=0.1 * (rank + 1))
        model(np.full((4, 2), rank, np.float32)).sum().backward()
        optimizer.step()
        before = model.state_dict()
        assert broadcast(model, communicator, root=1) is model
        optimizer.load_state_dict(broadcast(optimizer.state_dict(), communicator, root=1))
        return before, model.state_dict(), optimizer.state_dict()

    (_, first, state), (root, second, root_state) = Threads(2).run(run)
    assert all(np.array_equal(root[n], first[n]) and np.array_equal(root[n], second[n]) for n in root)
    assert state["param_groups"] == root_state["param_groups"] and state["param_groups"][0]["lr"] == 0.2
    assert np.array_equal(state["state"][0]["exp_avg"], root_state["state"][0]["exp_avg"])


@pytest.mark.parametrize("name", [n for n in optim.__all__ if hasattr(getattr(optim, n), "update")])
def test_a_trained_optimizer_goes_on_everywhere_though_the_others_are_new(name):
    def resumed(communicator):
        x = ag.tensor([1.0, 2.0], requires_grad=True)
        optimizer = getattr(optim, name)([x], lr=0.1 * (1 + communicator.Get_rank()))
        if communicator.Get_rank() == 0:
            x.grad = np.array([1.0, -3.0])
            optimizer.step()
        optimizer.load_state_dict(broadcast(optimizer.state_dict(), communicator))
        x.data = np.array([1.0, 2.0])
        x.grad = np.array([0.5, 1.0])
        optimizer.step()
        return x.data.tolist()

    first, second = Threads(2).run(resumed)
    assert first == second


def test_what_cannot_be_sent_raises_everywhere():
    for state in ({"x": ag.tensor([1.0])}, {"x": np.array(["a"])}, {frozenset(): 1.0}, [{"x": object()}]):
        found = Threads(2).run(lambda c, state=state: broadcast(state if c.Get_rank() == 0 else {}, c))
        assert all(isinstance(error, TypeError) for error in found), found


def test_the_wish_to_stop_is_everybodys():
    def step(communicator):
        w = ag.tensor([1.0], requires_grad=True)
        average = Averager(w, communicator)
        found = []
        for i in range(3):
            w.grad = np.array([1.0])
            found.append(average(weight=1, stop=(i, communicator.Get_rank()) == (1, 2)))
        return found

    assert Threads(3).run(step) == [[False, True, False]] * 3


def test_broadcast_keeps_the_kinds_of_numbers():
    state = {
        "t": 3,
        "on": True,
        "lr": 0.5,
        "x": np.float32(2),
        "a": np.arange(3, dtype=np.int8),
        "name": "n",
        "no": None,
    }
    found = broadcast(state, Alone())
    assert {k: type(v) for k, v in found.items()} == {k: type(v) for k, v in state.items()}
    assert found["a"] is not state["a"] and found["a"].dtype == np.int8
    assert broadcast({}, Alone()) == {}


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_shards_are_all_rows_once(size):
    parts = Threads(size).run(lambda c: shard({"x": X[:4], "y": [ag.tensor(Y[:4])]}, c))
    assert np.array_equal(np.concatenate([p["x"] for p in parts]), X[:4])
    assert np.array_equal(np.concatenate([p["y"][0].numpy() for p in parts]), Y[:4])
    assert {len(p["x"]) for p in parts} <= {4 // size, 4 // size + 1}


def ones(*shapes):
    return [ag.tensor(np.ones(shape), requires_grad=True) for shape in shapes]


DIFFERENT = {
    "number": (lambda c: average_gradients(ones(*[2] * (1 + c.Get_rank())), c), "process 0 has 1, process 1 has 2"),
    "shape": (
        lambda c: average_gradients(ones(2, (2, 1 + c.Get_rank())), c),
        r"number 1 is float64\(2, \d\) in process",
    ),
    "models": (lambda c: broadcast(nn.Linear(2, 1 + c.Get_rank()), c), r"number 0 is weight, float32\(\d, 2\)"),
    "negative weight": (lambda c: average_gradients(ones(2), c, weight=-c.Get_rank()), "process 1 has the weight -1"),
    "nan": (lambda c: average_gradients(ones(2), c, weight=[1, np.nan][c.Get_rank()]), "process 1 has the weight nan"),
    "no weight": (lambda c: average_gradients(ones(2), c, weight=0), "all processes have the weight 0"),
    "roots": (lambda c: broadcast({"x": X}, c, root=c.Get_rank()), "0 in process 0, 1 in process 1"),
    "root": (lambda c: broadcast({"x": X}, c, root=2), "same process everywhere, 0 … 1"),
    "rows": (lambda c: shard((X, Y[1:]), c), r"different numbers of rows: \[12, 11\]"),
    "no rows": (lambda c: shard(3.0, c), "at least 1 axis"),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_does_not_fit_raises_in_every_process(name):
    function, message = DIFFERENT[name]
    for error in Threads(2).run(function):
        with pytest.raises(ValueError, match=message):
            raise error


def test_what_cannot_be_averaged_or_sent():
    (w,) = ones(2)
    with pytest.raises(RuntimeError, match="only leaves"):
        average_gradients([w * 2], Alone())
    with pytest.raises(TypeError, match="is a tensor: broadcast the module"):
        broadcast([w], Alone())
    with pytest.raises(TypeError, match="not numbers"):
        broadcast({"x": np.array(["a"])}, Alone())

    def step():
        loss = (w * w).sum()
        loss.backward()
        average_gradients([w], Alone())
        return loss

    with pytest.raises(ag.TraceError, match="keep_grads=True"):
        ag.compile(step, keep_grads=True)()


def test_gradients_of_a_compiled_function_are_averaged_after_it():
    def train(compiled):
        model = network()
        optimizer = optim.Adam(model.parameters(), lr=0.1)

        def gradients(x, y):
            optimizer.zero_grad()
            loss = nn.MSELoss()(model(x), y)
            loss.backward()
            return loss

        run = ag.compile(gradients, keep_grads=True) if compiled else gradients
        for _ in range(3):
            run(X, Y)
            average_gradients(model.parameters(), Alone())
            optimizer.step()
        return model.state_dict()

    eager = train(False)
    assert all(np.array_equal(array, eager[name]) for name, array in train(True).items())


def failing(communicator, how):
    if communicator.Get_rank() == 1:
        match how:
            case "raises":
                raise KeyError("the cause")
            case "dies":
                os._exit(3)
            case "returns":
                return None
    communicator.Bcast(np.zeros(3))
    return communicator.Get_rank()


FAILING = {
    "raises": (KeyError, "the cause", "in process 1:\nTraceback"),
    "dies": (RuntimeError, "process 1 ended with exit code 3", ""),
    "returns": (RuntimeError, "process 0: Bcast of 24 bytes from process 0; process 1: has returned", "in process"),
}


@pytest.mark.parametrize("how", FAILING)
def test_a_failure_reaches_the_caller_and_stops_the_others(how):
    kind, message, note = FAILING[how]
    with pytest.raises(kind, match=message) as caught:
        launch(failing, 2, how)
    assert note in "".join(getattr(caught.value, "__notes__", []))


WAITS_FOR_EVER = """
import os, sys, time
from autograd_lite.distributed import launch, processes
processes.PATIENCE = 0.4

def wait(communicator):
    print(os.getpid(), flush=True)
    if communicator.Get_rank() == 1:
        time.sleep(600)
    communicator.Barrier()

if __name__ == "__main__":
    launch(wait, 2)
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_children_end_with_their_parent_and_say_for_whom_they_wait(tmp_path, how):
    (tmp_path / "waits.py").write_text(WAITS_FOR_EVER)
    root = os.path.dirname(os.path.dirname(__file__))
    command, paths = [sys.executable, "waits.py"], {**os.environ, "PYTHONPATH": root}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, env=paths, **pipes) as parent:
        children = [int(parent.stdout.readline()) for _ in range(2)]
        said = parent.stderr.readline()
        parent.send_signal(how)
        assert parent.wait(20) == -how
        assert parent.stdout.read() == ""  # ends when the last process that holds the pipe has ended
    assert len(set(children)) == 2
    assert "process 0 has waited 0 s for process 1" in said


class Unsendable(Exception):
    def __init__(self, one, two):
        super().__init__(one)


@pytest.mark.parametrize(
    ("error", "told"),
    [(ValueError("x"), "x"), (SystemExit("x"), "SystemExit: x"), (Unsendable("x", 2), "Unsendable: x")],
)
def test_errors_that_cannot_be_sent_are_told(error, told):
    sent = portable(error)
    assert str(sent) == told and type(sent) is (ValueError if told == "x" else RuntimeError)


def test_what_launch_cannot_start():
    with pytest.raises((AttributeError, TypeError)) as caught:
        launch(lambda communicator: None, 1)
    assert "can be imported" in caught.value.__notes__[0]
    with pytest.raises(ValueError, match="at least 1, not 0"):
        launch(train, 0)


MPI_SCRIPT = """
import sys; sys.path.insert(0, sys.argv[1])
from mpi4py import MPI
import numpy as np
from autograd_lite.distributed import Alone
from tests.test_distributed import train
expected = train(Alone(), [12])
for rows in ([6, 6], [3, 9]):
    for name, array in train(MPI.COMM_WORLD, rows).items():
        np.testing.assert_allclose(array, expected[name], rtol=0, atol=1e-12)
finished = MPI.COMM_WORLD.gather(MPI.COMM_WORLD.Get_rank())  # one process prints: lines of two may run into each other
if finished is not None:
    print("agree:", finished)
"""


def test_mpi(tmp_path):
    mpiexec = shutil.which("mpiexec", path=os.path.dirname(sys.executable)) or shutil.which("mpiexec")
    if importlib.util.find_spec("mpi4py") is None or mpiexec is None:
        pytest.skip("needs mpi4py and mpiexec (pip install mpi4py mpich)")
    script, root = tmp_path / "script.py", os.path.dirname(os.path.dirname(__file__))
    script.write_text(MPI_SCRIPT)
    command = [mpiexec, "-n", "2", sys.executable, "-m", "mpi4py", str(script), root]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0 and run.stdout == "agree: [0, 1]\n", run.stdout + run.stderr
