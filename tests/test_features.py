"""benchmarks/FEATURES.md: every probe is there, ours do what the page says, and each yes of ours has a test."""

import ast
from pathlib import Path

import pytest

from benchmarks.features import page
from benchmarks.features.checks import COMPILED
from benchmarks.features.probe import ask
from benchmarks.features.rows import FEATURES, LIBRARIES

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "benchmarks" / "FEATURES.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def rows(text):
    """The first words of the table's lines and what stands beside them."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return {cells[0]: cells[1:] for cells in lines if len(cells) == len(LIBRARIES) + 1}


TABLE = rows(PAGE)


def functions(path):
    """The names of all functions in a file, in classes too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_is_asked_everything(library):
    assert set(FEATURES) <= functions(ROOT / "benchmarks" / "features" / "probes" / f"{library}.py")


def test_the_page_and_the_readme_have_every_feature_and_agree():
    assert [title for title in TABLE if title and set(title) != {"-"}] == [row.title for row in FEATURES.values()]
    between = README.partition(page.BEGIN)[2].partition(page.END)[0]
    assert rows(between) == TABLE


@pytest.mark.parametrize("feature", FEATURES)
def test_ours_does_what_the_page_says(feature):
    answer = ask("autograd_lite", feature)
    assert answer.mark == TABLE[FEATURES[feature].title][0], answer.words


@pytest.mark.parametrize("feature", FEATURES)
def test_each_yes_of_ours_has_a_test_and_each_no_has_none(feature):
    row = FEATURES[feature]
    path, _, name = row.test.partition("::")
    if TABLE[row.title][0] == "no":
        assert not row.test
    else:
        assert name in functions(ROOT / path)


def test_the_package_is_python_alone():
    assert not [path for path in (ROOT / "autograd_lite").rglob("*") if path.suffix in COMPILED]
