"""docs/reference has every public name of the package, and every command."""

import contextlib
import inspect
import io
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pytest

import autograd_lite as ag
from autograd_lite.cli import main

PAGES = Path(__file__).parent.parent / "docs" / "reference"
ENTRY = re.compile(r"^\.\. (currentmodule|automodule|autofunction|autoclass|autoexception|class):: (\S+)", re.MULTILINE)
MODULES = ["autograd_lite"]
MODULES += [f"autograd_lite.{name}" for name in ag.__all__ if isinstance(getattr(ag, name), ModuleType)]
MODULES += [f"autograd_lite.nn.{name}" for name in ("functional", "init", "utils")]
MODULES += ["autograd_lite.optim.lr_scheduler", "autograd_lite.interop.sklearn", "autograd_lite.train"]
MODULES += ["autograd_lite.compiler", "autograd_lite.diagnostics", "autograd_lite.drawing", "autograd_lite.transforms"]


def entries():
    """What the pages describe: modules, and names with the modules under which they do."""
    for page in sorted(PAGES.glob("*.rst")):
        module = ""
        for kind, name in ENTRY.findall(page.read_text(encoding="utf-8")):
            if kind in ("currentmodule", "automodule"):
                module = name
                yield module, None
            else:
                yield module, name


def described(module, name):
    """The object behind an entry."""
    found = pkgutil.resolve_name(module)
    return getattr(found, name) if name else found


def public(module):
    """The names in `__all__`; without one, a module's own functions that have an example."""
    if hasattr(module, "__all__"):
        return module.__all__
    own = [f for _, f in inspect.getmembers(module, inspect.isfunction) if f.__module__ == module.__name__]
    return [f.__name__ for f in own if "Examples" in f.__doc__]


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_is_described(name):
    there = {id(described(*entry)) for entry in entries()}
    module = pkgutil.resolve_name(name)
    assert public(module)
    assert not [each for each in public(module) if id(getattr(module, each)) not in there]


def test_a_name_is_described_once():
    named = [entry for entry in entries() if entry[1]]
    assert len(named) == len(set(named))


def test_every_command_has_its_help():
    with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.suppress(SystemExit):
        main(["--help"])
    commands = re.findall(r"^    (\w+)", output.getvalue(), re.MULTILINE)
    assert "train" in commands
    assert re.findall(r"^\.\. help:: (\w+)$", (PAGES / "command_line.rst").read_text(), re.MULTILINE) == commands
