"""Lines on a terminal: wrapped under where they began; in a pipe they stay whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vprog.view.words import clean

if TYPE_CHECKING:
    from rich.console import Console

_LEAST_ROOM = 8
_PLAIN = str.maketrans({"×": "x", "…": "...", "–": "-", "\N{REPLACEMENT CHARACTER}": "?"})


def put(console: Console, text: str, style: str = "") -> None:
    """Print text as it is: no markup of ours or of anybody's in it is read."""
    for line in clean(text).split("\n"):
        words = line.lstrip(" ")
        before = " " * (len(line) - len(words))
        _print(console, words, before, before + "  ", style)


def put_branch(console: Console, text: str, first: str, after: str, style: str = "") -> None:
    """Print words in one line behind their branches.

    Args:
        console: a terminal, or a file.
        text: spaces and line ends in it become single spaces.
        first: stands before the words.
        after: stands before what is wrapped.
        style: of the words.
    """
    _print(console, " ".join(clean(text).split()), first, after, style)


def _print(console: Console, words: str, first: str, after: str, style: str) -> None:
    from rich.text import Text

    words = _writable(words, console.encoding)
    if not console.is_terminal:
        console.print(first + words, markup=False, soft_wrap=True)
        return
    # A narrow terminal has room for few branches: what is left of them still reads.
    first, after = (branch[: max(0, console.width - _LEAST_ROOM)] for branch in (first, after))
    room = max(1, console.width - max(len(first), len(after)))
    parts = Text(words, style=style).wrap(console, room) if words else [Text()]
    for number, part in enumerate(parts):
        part.rstrip()
        before = after if number else first
        line = Text.assemble((before, "dim" if before.strip() else ""), part)
        console.print(line, no_wrap=True, crop=False, overflow="ignore")


def _writable(text: str, encoding: str) -> str:
    """Text as an encoding can write it: ours in other letters, the rest as question marks."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    return text
