"""The documentation site: pages of this folder, the pages beside README.md, the docstrings."""

from typing import Any

from vprog.version import __version__

project = "vprog"
author = "the vprog authors"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = f"vprog {release}"
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_class_signature = "separated"
add_module_names = False
# README.md is shown as the first page; its links lead to files of the repository.
suppress_warnings = ["myst.xref_missing"]


def setup(app: Any) -> None:
    """Docstrings are plain text for people, models and terminals; here they are read as RST."""
    app.connect("autodoc-process-docstring", _plain_stars)


def _plain_stars(
    app: Any, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """`**settings` names parameters and begins no bold text."""
    lines[:] = [line.replace(", **", r", \*\*") for line in lines]
