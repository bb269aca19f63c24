"""A run as one HTML page: no script, no other file, every text escaped.

Lines of the program stand beside the frames that they used, boxes drawn; above them the
answer, its evidence and a timeline. `fragment` is the same for a notebook. What is said stands
in the model, how it looks in templates/; every text that a template puts in is escaped and
cleaned by the environment, and nothing is marked as safe.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import cache

import jinja2
from markupsafe import Markup

from vprog.view.attempts.attempt_tree import shown_children
from vprog.view.html.attempt_layout import attempt_layout
from vprog.view.html.figure_layout import figure_layout
from vprog.view.html.timeline_layout import timeline_layout
from vprog.view.model import RunModel
from vprog.view.words import clean, clipped


def page(model: RunModel, picture: Callable[[str], bytes]) -> str:
    """The whole page.

    Args:
        model: what is shown.
        picture: gives the bytes of a picture (JPEG) by the name of its file.
    """
    return _render("page.html", model, picture)


def fragment(model: RunModel, picture: Callable[[str], bytes]) -> str:
    """The page's content with its style, to stand inside another page."""
    return _render("run.html", model, picture)


def _render(template: str, model: RunModel, picture: Callable[[str], bytes]) -> str:
    return (
        _environment()
        .get_template(template)
        .render(
            run=model,
            prefix=re.sub(r"[^0-9A-Za-z]", "", model.run) or "run",
            data=[base64.b64encode(picture(shown.file)).decode() for shown in model.pictures],
        )
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("vprog.view.html"),
        autoescape=True,
        finalize=_finalize,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clipped"] = clipped
    environment.globals.update(
        attempt_layout=attempt_layout,
        figure_layout=figure_layout,
        shown_children=shown_children,
        timeline_layout=timeline_layout,
    )
    return environment


def _finalize(value: object) -> object:
    """Text with control and direction characters made visible; escaping comes after it."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
