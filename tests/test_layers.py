"""A file imports only from layers above it; only NumPy and the standard library are imported at import time."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "autograd_lite"
LAYERS = [
    ("support",),
    ("engine",),
    ("rules",),
    ("tensor",),
    ("autograd", "debugging", "transforms", "compiler", "drawing", "stepthrough"),
    ("nn", "optim"),
    ("data", "train", "metrics"),
    ("diagnostics", "distributed", "plots", "attribution", "interop"),
    ("__init__", "__version__", "cli", "playground", "__main__"),
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
FILES = sorted(PACKAGE.rglob("*.py"))


def layout():
    """The rows of the table in CONTRIBUTING.md: what each part of the package says of itself in its first line."""
    for level in LAYERS:
        for name in level:
            file = PACKAGE / name / "__init__.py" if (PACKAGE / name).is_dir() else PACKAGE / f"{name}.py"
            if file.exists() and name not in ("__init__", "__main__"):
                says = (ast.get_docstring(ast.parse(file.read_text())) or "").splitlines()[0]
                yield f"| `autograd_lite/{file.relative_to(PACKAGE).as_posix().removesuffix('__init__.py')}` | {says} |"


def test_contributing_has_the_layout_of_the_package():
    """If this fails, the rows to write there are in its message."""
    page = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `autograd_lite/")]
    assert rows == list(layout()), "\n".join(layout())


def place(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path):
    """The top-level parts of the package that a file imports, and whether at the top of the file."""
    tree = ast.parse(path.read_text())
    for_types = [n for n in tree.body if isinstance(n, ast.If) and getattr(n.test, "id", "") == "TYPE_CHECKING"]
    at_top = {*tree.body, *(statement for block in for_types for statement in block.body)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "autograd_lite":
            parts = node.module.split(".")[1:]
            for name in [parts[0]] if parts else [alias.name for alias in node.names]:
                yield name, node in at_top
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("autograd_lite."):
                    yield alias.name.split(".")[1], node in at_top


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_upwards_only_and_stand_at_the_top(path):
    own = place(path)
    for name, at_top in imported(path):
        assert name in LEVEL, f"{name} has no layer"
        assert at_top, f"{path.name} imports {name} inside a function"
        same_folder = name == own
        assert same_folder or LEVEL[name] <= LEVEL[own], f"{path.name} (layer {LEVEL[own]}) imports {name}"
        assert {own, name} != {"nn", "optim"}, "nn and optim do not import each other"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_are_short(path):
    lines = len(path.read_text().splitlines())
    assert lines <= (199 if path.name == "graph.py" else 400)


def test_the_engine_names_no_operation():
    source = (PACKAGE / "engine" / "graph.py").read_text()
    used = {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np"
    }
    assert used == {"ndarray"}


def test_import_needs_numpy_alone():
    code = (
        "import sys, numpy; before = set(sys.modules); import autograd_lite; "
        "print(sorted({m.split('.')[0] for m in set(sys.modules) - before} - sys.stdlib_module_names))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(ast.literal_eval(out)) <= {"autograd_lite", "numpy"}


def test_what_few_need_is_imported_when_it_is_used():
    code = "import sys, autograd_lite; print([m.split('.')[1] for m in sys.modules if m.startswith('autograd_lite.')])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    lazy = {
        "drawing",
        "stepthrough",
        "diagnostics",
        "plots",
        "attribution",
        "distributed",
        "interop",
        "cli",
        "playground",
    }
    assert not lazy & set(ast.literal_eval(out))
