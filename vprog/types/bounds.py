"""Bounds and grids of arguments, in annotations: `Annotated[float, SCORE, Grid((0.2, 0.5))]`."""

from __future__ import annotations

from typing import NamedTuple


class Range(NamedTuple):
    """A number must lie in [low, high]."""

    low: float
    high: float


class Length(NamedTuple):
    """A text or list must have between `low` and `high` characters or items."""

    low: int
    high: int


class WrittenOut(NamedTuple):
    """A text of at most `high` characters that stands as such in the program.

    None that was read, or put together from what was read: such a text may hold what the video
    says, and where this one goes a model takes instructions.
    """

    high: int


class Grid(NamedTuple):
    """Values worth trying for an argument, where a program is run again with others.

    They are what the module's author knows of its own scale: scores of two detectors are not
    the same scores, so each implementation of a task has its own grid.
    """

    values: tuple[float | int | str | bool, ...]


PHRASE = Length(1, 200)
"""A noun phrase, a word to search, a question: at most 200 printable characters."""

SCORE = Range(0.0, 1.0)
RATE = Range(0.001, 120.0)
"""Frames per second."""

SECONDS = Range(0.0, 1.0e6)
MAX_ITEMS = 2000
"""The most items that a module may return in one list."""
