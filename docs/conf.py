"""The site: `python3 run.py docs` makes it in site/html, out of the pages as they lie in the repository.

The source folder is the repository itself, so that a link from one page to another is the same here as on GitHub. A
site needs no network, neither to be made nor to be read: formulas become MathML, which browsers draw themselves.
"""

import contextlib
import io
import os
import re
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from latex2mathml.converter import convert
from sphinx import addnodes
from sphinx.util.logging import getLogger

from autograd_lite import __version__
from autograd_lite.cli import main

project = "autograd_lite"
html_title = f"{project} {__version__}"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
CHINESE_LINE_BREAK = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])")
root_doc = "docs/index"
include_patterns = [
    "docs/**",
    "notebooks/**",
    "README*.md",
    "CONTRIBUTING.md",
    "COVERAGE.md",
    "CHANGELOG.md",
    "benchmarks/*.md",
]
exclude_patterns = [".*", "site", "**/.ipynb_checkpoints"]

# Every reference has to lead somewhere, but for words in single backticks: they name parameters, too.
nitpicky = True
nitpick_ignore_regex = [("py:obj", ".*")]
default_role = "py:obj"

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "none"  # docstrings say it, with the shapes
add_module_names = False
toc_object_entries_show_parents = "hide"
napoleon_use_param = napoleon_use_rtype = False  # types are words ("array_like, of one shape"), not references
napoleon_custom_sections = [("Attributes", "params_style")]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # the outputs are those in the files; .ci/run executes the notebooks
nb_merge_streams = True

html_theme = "furo"
pygments_dark_style = "github-dark"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_copy_source = html_show_copyright = False


class Help(Directive):
    """What ``autograd-lite --help`` prints, or ``autograd-lite COMMAND --help``."""

    optional_arguments = 1

    def run(self):
        os.environ["COLUMNS"] = "80"
        with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.suppress(SystemExit):
            main([*self.arguments, "--help"])
        return [nodes.literal_block(output.getvalue(), output.getvalue(), language="none")]


def write_mathml(translator, node):
    """Write a formula as MathML."""
    formula = convert(node.astext(), display="block" if isinstance(node, nodes.math_block) else "inline")
    if "\\" in formula:
        getLogger(__name__).warning("latex2mathml does not know a command in %s", node.astext(), location=node)
    translator.body.append(formula)
    raise nodes.SkipNode


def unlink_folders(app, doctree):
    """Keep only the words of a link to a folder, which is no page of the site."""
    for link in list(doctree.findall(addnodes.pending_xref)):
        if (app.srcdir / Path(link.get("refdoc", "")).parent / link["reftarget"]).is_dir():
            link.replace_self(link.children)


def number_notebook(app, doctree):
    """Put the number of a notebook, by which the others call it, in front of its title."""
    document = Path(app.env.docname)
    if document.parts[0] == "notebooks":
        title = next(doctree.findall(nodes.title))
        title.insert(0, nodes.Text(f"{document.name[:2]} · "))


def join_chinese_lines(app, doctree):
    """Leave out line breaks between Chinese characters, which would be shown as spaces."""
    for line in doctree.findall(nodes.TextElement):
        for at in range(len(line) - 2, 0, -1):
            around = "".join(node.astext() for node in line[at - 1 : at + 2])
            if line[at] == "\n" and CHINESE_LINE_BREAK.search(around):
                del line[at]


def find_public(app, env, node, shown):
    """Find `fit` and `ag.fit` in any docstring, and the public name of a base class."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    name = target.removeprefix("ag.") if node["reftype"] == "obj" else target.rpartition(".")[2]
    python = env.domains.python_domain
    return python.resolve_xref(env, node["refdoc"], app.builder, "obj", f"{project}.{name}", node, shown)


def write_front_door(app, error):
    """Lead from the folder of the site to its first page."""
    if not error:
        refresh = f'<!doctype html><meta http-equiv="refresh" content="0; url={root_doc}.html">\n'
        (app.outdir / "index.html").write_text(refresh, encoding="utf-8")
        print("open", app.outdir / "index.html")


def setup(app):
    app.add_directive("help", Help)
    app.add_html_math_renderer("mathml", (write_mathml, None), (write_mathml, None))
    app.connect("doctree-read", number_notebook, priority=400)  # before titles are collected
    app.connect("doctree-read", unlink_folders)
    app.connect("doctree-read", join_chinese_lines)
    app.connect("missing-reference", find_public)
    app.connect("build-finished", write_front_door)
