"""What modules told on the way to an answer, text or times with a score, and whether an answer
says the same."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from vprog.types import VALUES, MemoryRow, Reply, Span, Speech

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
    is_reply: bool = False
    """Whether a model was asked and replied this."""

    def says(self, value: object, cited: Sequence[tuple[float, float]] = ()) -> bool:
        """Whether an answer says the same: the text, yes or no, the one number in it, or when.

        What a reply says it says of the question that it was asked. Anything else was found
        somewhere: it says the same as an answer only where the answer points there, and a number
        that happens to be its time only where the answer points at it.

        Args:
            value: the answer.
            cited: the spans that its evidence names, in seconds; a moment as one of no length.
        """
        said = _plain(self.text)
        if self.is_reply:
            return _replies(said, value)
        if cited and not any(self._lies_in(start, end) for start, end in cited):
            return False
        if isinstance(value, str):
            return bool(said) and said == _plain(value)
        if isinstance(value, float):
            return bool(cited) and (_is_near(value, self.start) or _is_near(value, self.end))
        if isinstance(value, Span | tuple | list) and len(value) == 2:
            return _is_near(value[0], self.start) and _is_near(value[1], self.end)
        return False

    def _lies_in(self, start: float, end: float) -> bool:
        if self.start is None or self.end is None:
            return True
        return start <= self.end + _NEAR_S and end >= self.start - _NEAR_S


def places_of(items: Iterable[Any]) -> list[tuple[float, float]]:
    """When the evidence of an answer is: of frames, spans, and what lies in them."""
    places: list[tuple[float, float]] = []
    for item in items:
        time = getattr(getattr(item, "frame", item), "time", None)
        span = getattr(item, "span", item)
        start, end = getattr(span, "start", time), getattr(span, "end", time)
        if isinstance(start, int | float) and isinstance(end, int | float):
            places.append((float(start), float(end)))
    return places


def replies_saying(items: Iterable[object], value: object) -> list[Reply]:
    """The replies of models among the evidence of an answer that say the same as it."""
    return [
        item
        for item in items
        if isinstance(item, Reply) and any(told.says(value) for told in told_by(item))
    ]


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
        is_reply = name == Reply.__name__
        if name == Speech.__name__ and result.words:
            yield Told(result.text, start, end, quote_score(result))
            text = ""  # when it is said is as sure as the whole of it
        yield Told(text if isinstance(text, str) else "", start, end, score, is_reply)


def quote_score(speech: Any) -> float:
    """How sure a quote of all of it is: as its least sure word, for one wrong word makes it wrong.

    Over 7 recordings as they are, faint and in noise, this orders right and wrong transcripts
    better than their mean (area under risk and coverage 0.53 for 0.67).
    """
    return float(min([speech.score, *(word.score for word in speech.words)]))


def _replies(said: str, value: object) -> bool:
    if isinstance(value, str):
        return bool(said) and said == _plain(value)
    if isinstance(value, bool):
        return said == ("yes" if value else "no")
    if isinstance(value, int | float):
        numbers = re.findall(r"-?\d+(?:\.\d+)?", said)
        return len(numbers) == 1 and float(numbers[0]) == value
    return False


def quotes(value: object, text: str) -> bool:
    """Whether an answer is a text that has another one in it."""
    return isinstance(value, str) and bool(said := _plain(text)) and said in _plain(value)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .")


def _is_near(value: object, time: float | None) -> bool:
    is_number = isinstance(value, int | float)
    return is_number and time is not None and abs(value - time) <= _NEAR_S  # type: ignore[operator]
