"""The types of what users write, as mypy sees them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy")
FILE = Path(__file__).parent / "typed.py"


def test_expressions_have_the_types_that_are_said():
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(FILE)]
    found = subprocess.run(command, capture_output=True, text=True, cwd=FILE.parent.parent).stdout
    assert " error: " not in found
    said = re.findall(r"^reveal_type\(.*\)  # (.*)$", FILE.read_text(), re.MULTILINE)
    revealed = re.findall(r'Revealed type is "(.*)"', found)
    shown = [re.sub(r"(builtins|autograd_lite|typing)[\w.]*\.", "", text) for text in revealed]
    assert shown == said
