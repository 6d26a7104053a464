"""The Chinese texts keep step with the English ones: the same code, headings and formulas, and no older text."""

import ast
import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAIRS = {
    translation: ROOT / "README.md" if translation.suffix == ".md" else ROOT / "notebooks" / translation.name
    for translation in [ROOT / "README.zh-CN.md", *sorted((ROOT / "notebooks" / "zh-CN").glob("*.py"))]
}
pairs = pytest.mark.parametrize(("translation", "original"), PAIRS.items(), ids=[path.name for path in PAIRS])


def parts(path):
    """The pieces of a page or of a notebook: (kind, text), where the kind is "markdown" or the language of the code."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        for number, piece in enumerate(re.split(r"^```", text, flags=re.M)):
            yield ("markdown", piece) if number % 2 == 0 else tuple(piece.split("\n", 1))
        return
    for cell in re.split(r"^# %%", text, flags=re.M)[1:]:
        first, body = cell.split("\n", 1)
        markdown = "[markdown]" in first
        yield ("markdown", re.sub(r"^# ?", "", body, flags=re.M)) if markdown else ("python", body)


def code(kind, text):
    """What a piece of code does: not its comments, and not the strings that a reader sees."""
    if kind == "sh":
        return [re.sub(r"\s*#.*", "", line) for line in text.splitlines()]
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a session with its prompts, or an excerpt that has dots
        return text
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


def skeleton(path):
    """What a translation leaves as it is: the code, the levels of the headings, the formulas."""
    for kind, text in parts(path):
        if kind == "markdown":
            formulas = re.findall(r"\$\$.+?\$\$|\$[^$\n]+\$", text, flags=re.S)
            without_words = [re.sub(r"\\text\{.*?\}", "", formula) for formula in formulas]
            yield kind, re.findall(r"^#+(?= )", text, flags=re.M), sorted(without_words)
        else:
            yield kind, code(kind, text)


def test_what_is_translated():
    names = {path.name[:2] for path in PAIRS}
    assert names == {"RE", "03", "04", "06"}


@pairs
def test_the_same_code_headings_and_formulas(translation, original):
    ours, theirs = list(skeleton(translation)), list(skeleton(original))
    for number, (piece, of) in enumerate(zip(ours, theirs, strict=False)):
        assert piece == of, f"piece {number}"
    assert len(ours) == len(theirs)


@pairs
def test_made_from_the_present_text(translation, original):
    """Whoever changes the English text changes the Chinese one, and then the mark in it."""
    digest = hashlib.sha256(original.read_bytes()).hexdigest()[:8]
    marks = re.findall(r"<!-- translates (\w{8}) -->", translation.read_text(encoding="utf-8"))
    assert marks == [digest], f"translate what changed in {original.name}, then mark it as <!-- translates {digest} -->"
