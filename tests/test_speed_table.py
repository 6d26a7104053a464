"""The tables of times in the READMEs are rows of benchmarks/RESULTS.md."""

from pathlib import Path

ROOT = Path(__file__).parent.parent


def table(page, heading):
    """The first table under a heading: what stands in front of each line, and the numbers."""
    text = (ROOT / page).read_text(encoding="utf-8").split(heading, 1)[1].split("\n## ", 1)[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return {name: numbers for name, *numbers in lines[2:]}


MEASURED = table("benchmarks/RESULTS.md", "## autograd_lite, compiled: its time over theirs")


def test_the_readme_has_rows_of_the_results():
    shown = table("README.md", "## Speed")
    assert shown
    assert shown.items() <= MEASURED.items(), "copy the rows from benchmarks/RESULTS.md"


def test_the_translation_has_the_same_numbers():
    assert list(table("README.zh-CN.md", "## 速度").values()) == list(table("README.md", "## Speed").values())
