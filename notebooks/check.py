"""Executes the notebooks and holds what they show against what is stored: python notebooks/check.py [--write] [NAME …]

Every notebook is a pair: NN_name.py, the cells as people edit them, and NN_name.ipynb, the same cells with what they
showed when they were executed. NAME is the beginning of a name (06, zh-CN/06); without one, all are meant.

--write  make the .ipynb anew from the .py; what follows in a check is compared with this

A check fails where a cell raises, where the two files have different cells, or where a cell shows something else than
is stored: other words, another kind of output, or a number that differs by more than a hundredth. Pictures are not
compared, nor are cells that say `# %% tags=["varies"]`. Needs jupytext, nbclient and ipykernel.
"""

import argparse
import math
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).resolve().parent
NUMBER = re.compile(r"[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
RELATIVE, ABSOLUTE = 1e-2, 1e-6  # another BLAS adds in another order; what a notebook claims it asserts itself


def execute(script):
    """The notebook of a script, with its outputs, and with nothing that changes from one execution to the next."""
    notebook = jupytext.read(script)
    for count, cell in enumerate(notebook.cells):
        cell.id = f"cell-{count:02}"
        cell.metadata.pop("lines_to_next_cell", None)  # blank lines that a formatter wants
    client = NotebookClient(notebook, resources={"metadata": {"path": script.parent}}, timeout=300, record_timing=False)
    client.coalesce_streams = True  # what is printed arrives in pieces, at times in two and at times in one
    client.extra_arguments = ["--log-level=ERROR"]  # without the warning that the kernel listens on this machine
    client.execute()
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "jupytext": {"formats": "ipynb,py:percent"},
    }
    return notebook


def shown(cell):
    """The text of each output, with its kind; a picture is its kind alone."""
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            yield output.name, output.text
        else:
            pictures = sorted(kind for kind in output.data if kind != "text/plain")
            yield " ".join(pictures) or "text/plain", "" if pictures else output.data["text/plain"]


def agree(text, stored):
    """The same words, and numbers that are close: `1e-17` and `3e-17` are, as are `97.7` and `97.8`."""
    if NUMBER.sub("0", text).split() != NUMBER.sub("0", stored).split():
        return False
    pairs = zip(NUMBER.findall(text), NUMBER.findall(stored), strict=True)
    values = ((float(a.replace("−", "-")), float(b.replace("−", "-"))) for a, b in pairs)
    return all(math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE) for a, b in values)


def drift(executed, stored):
    """What is different, a message for each cell."""
    if [(c.cell_type, c.source) for c in executed.cells] != [(c.cell_type, c.source) for c in stored.cells]:
        yield "the .py and the .ipynb have different cells: run this with --write"
        return
    for new, old in zip(executed.cells, stored.cells, strict=True):
        if "varies" in new.metadata.get("tags", ()):
            continue
        now, then = list(shown(new)), list(shown(old))
        if [kind for kind, _ in now] != [kind for kind, _ in then]:
            yield f"{new.id} shows {[kind for kind, _ in now]}, stored are {[kind for kind, _ in then]}:\n{new.source}"
        for (_, text), (_, before) in zip(now, then, strict=False):
            if not agree(text, before):
                yield f"{new.id} shows\n{text}\nstored is\n{before}"


def check(script, write):
    """None, or what is wrong with the pair of `script`."""
    try:
        notebook = execute(script)
    except CellExecutionError as error:
        return str(error)
    pair = script.with_suffix(".ipynb")
    if write:
        nbformat.write(notebook, pair)
        return None
    if not pair.exists():
        return "no .ipynb: run this with --write"
    return "\n".join(drift(notebook, nbformat.read(pair, as_version=4))) or None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    scripts = [script for script in sorted(FOLDER.rglob("[0-9]*.py")) if named(script, arguments.names)]
    if not scripts:
        parser.error(f"no notebook begins with {', '.join(arguments.names)}")

    os.environ["PYTHONPATH"] = str(FOLDER.parent)  # for the kernels: this checkout, whatever is installed
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two kernels at a time
    failed = 0
    with ThreadPoolExecutor(2) as pool:
        for script, wrong in zip(scripts, pool.map(lambda s: check(s, arguments.write), scripts), strict=True):
            outcome = wrong or ("written" if arguments.write else "as stored")
            print(f"{script.relative_to(FOLDER).with_suffix('')}: {outcome}", flush=True)
            failed += wrong is not None
    return failed > 0


def named(script, names):
    name = script.relative_to(FOLDER).as_posix()
    return not names or any(name.startswith(start) for start in names)


if __name__ == "__main__":
    sys.exit(main())
