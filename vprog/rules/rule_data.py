"""What the rules read from this folder: tables, parts of programs, patterns of `phrases.toml`."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from vprog.media.track_words import LANGUAGES
from vprog.once import once
from vprog.rules.numbers import NUMBER, ORDINALS, WORDED


@once
def table(file: str) -> Mapping[str, Any]:
    """A table of this folder, e.g. "words.toml"."""
    return tomllib.loads(resources.files(__package__).joinpath(file).read_text("utf-8"))


def shared_program(name: str) -> str:
    """A part of programs of `kinds/shared_programs.toml`, e.g. "all_labels"."""
    return str(table("kinds/shared_programs.toml")[name]).strip("\n") + "\n"


@functools.cache
def pattern(name: str) -> re.Pattern[str]:
    """The pattern of a name."""
    return re.compile(completed(f"{{{name}}}"))


@functools.cache
def ways(name: str) -> tuple[re.Pattern[str], ...]:
    """The ways to say something: patterns that are tried one after another."""
    return tuple(re.compile(completed(said)) for said in table("phrases.toml")["ways"][name])


def rewritten(text: str, name: str) -> str:
    """A text after the rewrites of a name, one after another."""
    for said, plainer in rewrites(name):
        text = said.sub(plainer, text)
    return text


@functools.cache
def rewrites(name: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """What is said in some way, and what is said in its place."""
    listed = table("phrases.toml")["rewrites"][name]
    return tuple((re.compile(completed(said)), plainer) for said, plainer in listed)


def completed(text: str) -> str:
    """A pattern on one line, with those that it names in braces in their places."""
    joined = re.sub(r"(?:^|\n) {4,}|\n", "", text)
    return re.sub(r"\{([a-z_]+)\}", lambda hit: f"(?:{completed(_said(hit[1]))})", joined)


_LISTED_ELSEWHERE = {
    "number": NUMBER,
    "worded": WORDED,
    "nth": "|".join(ORDINALS),
    "language": "|".join(LANGUAGES).lower(),
}


def _said(name: str) -> str:
    said = _LISTED_ELSEWHERE.get(name) or table("phrases.toml")["patterns"][name]
    return said if isinstance(said, str) else "|\n".join(said)
