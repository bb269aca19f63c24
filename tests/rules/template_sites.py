"""Which lines of vprog/rules make a program, and which phrasing reaches each of them."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

import vprog.rules
from vprog.rules import write
from vprog.types import Video

FOLDER = Path(vprog.rules.__file__).parent

Site = tuple[str, int, int]
"""A file, and the first and last line of a statement that returns a draft."""


@functools.cache
def template_sites() -> tuple[Site, ...]:
    """Every `return ...draft(...)` of the rules: each is a template of programs."""
    return tuple(
        (file.name, node.lineno, node.end_lineno or node.lineno)
        for file in sorted(FOLDER.glob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Return)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id.lower().endswith("draft")
    )


def sites_of(question: str, videos: Iterable[Video], tasks: frozenset[str]) -> set[Site]:
    """The templates that a question reaches, of one or another kind of file."""
    lines: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        path = Path(frame.f_code.co_filename)
        if path.parent != FOLDER:
            return None
        lines.add((path.name, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for video in videos:
            write(question, [], [video], tasks)
    finally:
        sys.settrace(before)
    return {
        site
        for site in template_sites()
        if any((site[0], line) in lines for line in range(site[1], site[2] + 1))
    }
