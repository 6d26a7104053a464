"""Every program that a test of the compiler makes is asked whether its values keep out of each other's way."""

from __future__ import annotations

import pytest

from autograd_lite.compiler.runtime import executable
from tests.compiler.layouts import loaded, sound


@pytest.fixture(autouse=True)
def _sound_layouts(monkeypatch):
    monkeypatch.setattr(executable, "laid_out", sound)
    monkeypatch.setattr(executable, "load", loaded)
