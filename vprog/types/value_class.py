"""A row of the table of value classes: what one stands for, told from the names of its fields.

    when    `start` and `end`; `time`; `span`; the time of `frame`
    where   the video of `frame`, `video`, or of the first of `detections`; `box` or `region`
    what    the field that the row names, `score`

So a new class says where and when it is by its fields alone: see vprog/types/__init__.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_TIMES = frozenset({"start", "time", "span", "frame"})


@dataclass(frozen=True)
class ValueClass:
    """A class whose values may cross the sandbox boundary.

    Attributes:
        cls: a NamedTuple of numbers, text and other values.
        text: the field that says in a word what the thing is; none if the class lacks it.
        is_evidence: whether a value may stand in `answer(..., evidence=[...])`: whether it is
            somewhere, or says something.
    """

    cls: type[Any]
    text: str = "text"
    is_evidence: bool = True

    @property
    def is_timed(self) -> bool:
        """Whether the value algebra takes it for something that has a time."""
        return self.is_evidence and not _TIMES.isdisjoint(self.cls._fields)
