"""What a program ends with, and what supports it."""

from __future__ import annotations

from typing import NamedTuple

from vprog.types.geometry import Box
from vprog.types.time import Span

AnswerValue = str | int | float | list[int] | list[float] | list[str] | tuple[float, float] | Span
"""What `answer` takes. A bool becomes "yes" or "no"."""


class Evidence(NamedTuple):
    """One piece of support for an answer, as the result shows it.

    `supported` is True only if a recorded module output of the run contains it.
    """

    video: int
    start: float | None
    end: float | None
    box: Box | None
    text: str | None
    supported: bool
