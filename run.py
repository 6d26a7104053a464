"""Sets up everything inside this checkout, once, then runs a command there: python3 run.py COMMAND

demo     train on real data, and write the training curve and a drawn graph to demo/
test     run the test suite, in as many processes as there are cores (further arguments go to pytest; -n0 for one)
bench    time training steps (further arguments go to the benchmarks)
docs     build the site in site/html (further arguments go to Sphinx)
setup    only set up; .venv/bin then has python, pytest, ruff and mypy
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

COMMANDS = {
    "demo": ["-m", "autograd_lite", "demo"],
    "test": ["-m", "pytest", "-n", "auto", "--maxprocesses", "8"],
    "bench": ["-m", "benchmarks"],
    "docs": ["-m", "sphinx", "-M", "html", ".", "site", "-c", "docs", "-W", "--keep-going", "-q"],
    "setup": ["--version"],
}
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / ("Scripts" if os.name == "nt" else "bin") / "python")


def call(*command):
    if subprocess.call(command) != 0:
        sys.exit("run.py: set-up stopped, because this failed: " + " ".join(command))


def find_uv():
    """The uv on PATH, or one that pip puts into .uv: unlike venv, it needs nothing that Debian leaves out."""
    if not shutil.which("uv"):
        if not importlib.util.find_spec("pip"):
            sys.exit("run.py: neither pip nor uv is here; install one (on Debian: apt install python3-pip)")
        call(sys.executable, "-m", "pip", "install", "-qq", "--upgrade", "--target", ".uv", "uv")
    return shutil.which("uv") or shutil.which("uv", path=str(ROOT / ".uv" / "bin"))


def set_up():
    """Make .venv anew, unless the one that is there was finished, from the same files by the same Python."""
    inputs = [(ROOT / name).read_bytes() for name in ("run.py", "pyproject.toml", "constraints.txt")]
    state = hashlib.sha256(repr([str(ROOT), sys.version, inputs]).encode()).hexdigest()
    finished = VENV / "finished"
    if finished.exists() and finished.read_text() == state:
        return
    print("run.py: setting up .venv, which takes about a minute, once", file=sys.stderr)
    uv = find_uv()
    if VENV.exists():
        finished.unlink(missing_ok=True)  # first: a removal cut short must not pass for a finished set-up
        shutil.rmtree(VENV)
    call(uv, "venv", "-q", "--python", sys.executable, str(VENV))
    call(uv, "pip", "install", "-q", "--python", PYTHON, "-c", "constraints.txt", "-e", ".[dev]")
    finished.write_text(state)


def set_up_docs():
    """Add what only the site needs to .venv, once."""
    finished = VENV / "finished-docs"
    if not finished.exists():
        call(find_uv(), "pip", "install", "-q", "--python", PYTHON, "-c", "constraints.txt", "-e", ".[docs]")
        finished.touch()


if sys.version_info < (3, 11):
    sys.exit("run.py: install Python 3.11 or newer; this is Python " + sys.version.split()[0])
if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
    print(__doc__, file=sys.stderr)
    sys.exit(2)
os.chdir(ROOT)
set_up()
if sys.argv[1] == "docs":
    set_up_docs()
if sys.argv[1] == "test":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the processes share the cores already
command = [PYTHON, *COMMANDS[sys.argv[1]], *sys.argv[2:]]
if os.name == "nt":
    sys.exit(subprocess.call(command))
os.execv(PYTHON, command)  # this process becomes the command: signals and exit codes are the command's own
