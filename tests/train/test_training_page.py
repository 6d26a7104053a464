"""docs/training.md lists every callback."""

from pathlib import Path

from autograd_lite import callbacks

PAGE = Path(__file__).parents[2] / "docs" / "training.md"


def test_every_callback_is_there():
    text = PAGE.read_text()
    others = {"Callback", "Run", "load_checkpoint", "save_checkpoint"}
    assert all(f"| `{name}(" in text for name in set(callbacks.__all__) - others)
