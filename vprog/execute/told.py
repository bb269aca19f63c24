"""What modules told on the way to an answer, text or times with a score, and whether an answer
says the same."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from vprog.types import VALUES, MemoryRow, Span

MOST = 200
"""Values of one result that are kept; an answer rests on the first ones, or names its own."""

_NEAR_S = 0.0051
"""Programs round times to hundredths."""

_TEXT_OF = {row.cls.__name__: row.text for row in VALUES}
"""By name: what goes back into a sandbox has its own classes of these names."""


class Told(NamedTuple):
    """What one value of a result says, in words and in seconds, and how sure its module is.

    Empty text, and None for start and end, where it says none.
    """

    text: str
    start: float | None
    end: float | None
    score: float

    def says(self, value: object) -> bool:
        """Whether an answer says the same: the text, yes or no, the one number in it, or when."""
        said = _plain(self.text)
        if isinstance(value, str):
            return bool(said) and said == _plain(value)
        if isinstance(value, bool):
            return said == ("yes" if value else "no")
        if isinstance(value, int | float):
            numbers = re.findall(r"-?\d+(?:\.\d+)?", said)
            if len(numbers) == 1 and float(numbers[0]) == value:
                return True
            return isinstance(value, float) and (
                _is_near(value, self.start) or _is_near(value, self.end)
            )
        if isinstance(value, Span | tuple | list) and len(value) == 2:
            return _is_near(value[0], self.start) and _is_near(value[1], self.end)
        return False


def told_by(result: object) -> tuple[Told, ...]:
    """What the scored values of a module's result say, in their order; the first ones of many."""
    return tuple(itertools.islice(_told_in(result), MOST))


def _told_in(result: Any) -> Iterator[Told]:
    name = type(result).__name__
    if isinstance(result, list):
        for item in result:
            yield from _told_in(item)
    elif name == MemoryRow.__name__:
        yield from _told_in(result.evidence)
    elif name in _TEXT_OF and isinstance(score := getattr(result, "score", None), float):
        text = getattr(result, _TEXT_OF[name], "")
        time = getattr(getattr(result, "frame", None), "time", None)
        span = getattr(result, "span", result)
        start, end = getattr(span, "start", time), getattr(span, "end", time)
        yield Told(text if isinstance(text, str) else "", start, end, score)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .")


def _is_near(value: object, time: float | None) -> bool:
    is_number = isinstance(value, int | float)
    return is_number and time is not None and abs(value - time) <= _NEAR_S  # type: ignore[operator]
