"""COVERAGE.md says what the rule table says."""

from pathlib import Path

import pytest

from autograd_lite.cli import main

COVERAGE = Path(__file__).parents[2] / "COVERAGE.md"


def test_coverage_is_up_to_date(capsys):
    pytest.importorskip("scipy.special", reason="SciPy is not installed: its functions would be missing")
    assert main(["coverage"]) == 0
    assert capsys.readouterr().out == COVERAGE.read_text(), "run: python -m autograd_lite coverage > COVERAGE.md"
