"""The patterns of `phrases.toml`: how people put a question, whatever it asks."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from vprog.once import once


@once
def table(file: str) -> Mapping[str, Any]:
    """A table of this folder, e.g. "words.toml"."""
    return tomllib.loads(resources.files(__package__).joinpath(file).read_text("utf-8"))


@functools.cache
def pattern(name: str) -> re.Pattern[str]:
    """The pattern of a name; one of a list, if it has several."""
    said = table("phrases.toml")["patterns"][name]
    return re.compile(_whole(said if isinstance(said, str) else "|".join(said)))


def rewritten(text: str, name: str) -> str:
    """A text after the rewrites of a name, one after another."""
    for said, plainer in _rewrites(name):
        text = said.sub(plainer, text)
    return text


@functools.cache
def _rewrites(name: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    listed = table("phrases.toml")["rewrites"][name]
    return tuple((re.compile(_whole(said)), plainer) for said, plainer in listed)


def _whole(text: str) -> str:
    """A pattern with its pieces in their places."""
    pieces = table("phrases.toml")["pieces"]
    return re.sub(r"\{([a-z_]+)\}", lambda hit: f"(?:{_whole(pieces[hit[1]])})", text)
