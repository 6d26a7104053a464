"""The pages run: README.md, CONTRIBUTING.md and docs/**/*.md, block after block, with one namespace for each page.

=============================================== ===============================================================
block                                           what is done with it
=============================================== ===============================================================
``python`` with ``>>>``                         a doctest
``python`` that begins with ``# NAME.py``       written to that file
``python``                                      run as a program
``python excerpt``                              a part of something longer: it has to be Python
``sh`` in docs/howto                            ``autograd-lite …`` and ``python NAME.py`` are run
``text`` after such a ``sh``                    what they print; ``...`` stands for anything. A message of
                                                ``autograd-lite:`` says that the command was refused
=============================================== ===============================================================
"""

import ast
import contextlib
import doctest
import importlib
import importlib.util
import io
import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest

from autograd_lite.cli import main
from autograd_lite.engine.graph import TABLE
from autograd_lite.rules.registry import ADAPTERS
from tests.rules.samples import SAMPLES

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("README*.md"), ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("[!_]*.md"))]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
MPIEXEC = shutil.which("mpiexec", path=os.path.dirname(sys.executable)) or shutil.which("mpiexec")
NEEDS = {  # what stands in a block: what it needs, and whether that is there; no other block needs such a block
    "import pandas": ("pandas", importlib.util.find_spec("pandas")),
    "from safetensors": ("safetensors", importlib.util.find_spec("safetensors")),
    "mpiexec": ("mpi4py and mpiexec", MPIEXEC and importlib.util.find_spec("mpi4py")),
    **dict.fromkeys(
        ("ag.draw(", "autograd-lite draw"),
        ("graphviz's dot or pygraphviz", shutil.which("dot") or importlib.util.find_spec("pygraphviz")),
    ),
}


class Block(NamedTuple):
    """A fenced block of a page."""

    kind: str
    text: str
    line: int


def blocks(page):
    text = page.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        yield Block(match[2], textwrap.dedent(match[3]), text.count("\n", 0, match.start()) + 2)


def name_of(page):
    return str(page.relative_to(ROOT))


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """An empty folder to work in, and tables that are as before when the page has been run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    if importlib.util.find_spec("scipy"):
        importlib.import_module("autograd_lite.rules.special")  # its rows are there to stay
    with mock.patch.dict(TABLE), mock.patch.dict(ADAPTERS), mock.patch.dict(SAMPLES):
        yield tmp_path


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_runs(page, elsewhere):
    namespace, printed, left_out = {"__name__": "page"}, None, set()
    for block, following in itertools.pairwise([*blocks(page), None]):
        where = f"{name_of(page)}, line {block.line}"
        if lacking := {need for word, (need, there) in NEEDS.items() if word in block.text and not there}:
            left_out |= lacking
        elif block.kind == "python" and ">>> " in block.text:
            run_doctest(block, namespace, where)
        elif block.kind == "python" and (file := re.match(r"# (\w+\.py)\n", block.text)):
            Path(file[1]).write_text(block.text, encoding="utf-8")
        elif block.kind == "python":
            exec(compile("\n" * (block.line - 1) + block.text, name_of(page), "exec"), namespace)
        elif block.kind == "python excerpt":
            ast.parse(block.text)
        elif block.kind == "text" and printed is not None:
            agree = doctest.OutputChecker().check_output(block.text, printed, FLAGS)
            assert agree, f"{where}: the page says\n{block.text}\nand printed was\n{printed}"
        printed = None
        if block.kind == "sh" and page.parent.name == "howto" and not lacking:
            refused = following is not None and following.text.startswith("autograd-lite: ")
            commands = [shlex.split(line, comments=True) for line in block.text.splitlines()]
            printed = "".join(run_command(words, refused) for words in commands)
    if left_out:
        pytest.skip(f"not installed: {', '.join(sorted(left_out))}; the rest of the page was run")


def run_doctest(block, namespace, where):
    test = doctest.DocTestParser().get_doctest(block.text, {}, where, where, block.line - 1)
    test.globs, report = namespace, []
    doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(test, out=report.append, clear_globs=False)
    assert not report, "".join(report)


def run_command(words, refused):
    """What a command prints that the page tells a reader to type; `refused` ones print a message."""
    if ">" in words:
        *words, _, file = words
        Path(file).write_text(run_command(words, refused), encoding="utf-8")
        return ""
    if words[:1] == ["autograd-lite"]:
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            code = main(words[1:])
        assert code == (2 if refused else 0), f"{shlex.join(words)}: {errors.getvalue()}"
        return errors.getvalue() if refused else output.getvalue()
    if words[:1] in (["python"], ["mpiexec"]):
        programs = {"python": sys.executable, "mpiexec": MPIEXEC}
        run = subprocess.run([programs.get(w, w) for w in words], capture_output=True, text=True, timeout=120)
        assert run.returncode == 0, f"{shlex.join(words)}: {run.stderr}"
        return run.stdout
    return ""


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)", re.sub(FENCE, "", page.read_text(encoding="utf-8")))
    assert not [link for link in links if "://" not in link and not (page.parent / link).exists()]
