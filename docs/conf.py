"""The documentation site: pages of this folder, the pages beside README.md, the docstrings."""

import sys
from pathlib import Path
from typing import Any

from vprog.version import __version__

project = "vprog"
author = "the vprog authors"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = f"vprog {release}"
html_show_copyright = False
exclude_patterns = ["_build", "_gallery"]
HERE = Path(__file__).resolve().parent
html_extra_path = ["_gallery"]
(HERE / "_gallery").mkdir(exist_ok=True)
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
    app.connect("builder-inited", _write_gallery)
    app.connect("html-page-context", _focusable)


def _write_gallery(app: Any) -> None:
    """The gallery is made by the build, and kept until it is removed."""
    sys.path.insert(0, str(HERE))
    import gallery

    if not (HERE / "gallery.md").is_file():
        gallery.write_gallery(gallery.EXHIBITS, HERE / "gallery.md", gallery.PAGES)


def _focusable(app: Any, page: str, template: str, context: dict[str, Any], tree: object) -> None:
    """What may be wider than the page can be scrolled by keys."""
    for begin in ("<pre", '<div class="table-wrapper'):
        context["body"] = context.get("body", "").replace(begin, f'{begin} tabindex="0"')


def _plain_stars(
    app: Any, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """`**settings` names parameters and begins no bold text."""
    lines[:] = [line.replace(", **", r", \*\*") for line in lines]
