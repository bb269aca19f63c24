"""What a cell that ended saw of values that nobody had seen before: whether its code fits them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vprog.runs.attempt import Attempt
from vprog.trace.event import ModuleCalled
from vprog.types import Evidence, Frame, Level, Span, Video, wire
from vprog.types.coverage import PICTURE_S, merged

MANY = 20
"""Items of one result from which code that was written before is unlikely to fit them all."""

_NEAR_S = 0.001
"""Times are rounded to milliseconds on the way."""

Place = tuple[int, float, float]
"""A video, with start and end in seconds."""


def surprise(attempt: Attempt) -> str:
    """What code that was written before the values may not expect of them; "" for nothing.

    That is: a call that failed though the program went on; more items than one reads a rule off
    (frames are asked for by number and levels are made to be reduced, so many of these are as
    expected); and modules that found nothing wherever they looked, unless the answer names
    something else that it rests on. To name all that they looked at is no such ground: it says
    where was looked, and not what was found.
    """
    n_found: dict[str, int] = {}
    empty: list[ModuleCalled] = []
    for call in attempt.calls:
        if call.error is not None:
            return f"a call of {call.task} failed"
        items = wire.decode(bytes(call.result))
        if not isinstance(items, list):
            continue
        n_found[call.task] = n_found.get(call.task, 0) + len(items)
        if len(items) > MANY and not isinstance(items[0], Frame | Level):
            return f"{call.task} gave {len(items)} items"
        if not items:
            empty.append(call)
    empty = [call for call in empty if not n_found[call.task]]
    if not empty or (attempt.is_answered and _has_ground(attempt.outcome.evidence, empty)):
        return ""
    return f"{', '.join(dict.fromkeys(call.task for call in empty))} found nothing"


def _has_ground(evidence: Iterable[Evidence], empty: Iterable[ModuleCalled]) -> bool:
    """Whether evidence names more than where calls looked that found nothing."""
    cited = [item for item in evidence if item.supported]
    if any(item.box is not None or item.text is not None for item in cited):
        return True
    named = [
        (item.video, item.start, item.end)
        for item in cited
        if item.start is not None and item.end is not None
    ]
    looks = [look for call in empty for look in _looks(call)]
    is_blanket = looks and all(_is_named(look, named) for look in looks)
    return bool(named) and not is_blanket


def _is_named(look: Place, named: Sequence[Place]) -> bool:
    """Whether evidence names a place: its moment, or pictures and spans that cover its span."""
    video, start, end = look
    there = [(first, last) for index, first, last in named if index == video]
    if start < end:
        there = merged(
            (first - PICTURE_S, last + PICTURE_S) if first == last else (first, last)
            for first, last in there
        )
    return any(first <= start + _NEAR_S and last >= end - _NEAR_S for first, last in there)


def _looks(call: ModuleCalled) -> Iterator[Place]:
    """What a call was given to look at; a span is narrower than its video."""
    arguments = list(_parts(wire.decode(bytes(call.arguments))))
    has_span = any(isinstance(item, Span) for item in arguments)
    for item in arguments:
        if isinstance(item, Frame):
            yield item.video, item.time, item.time
        elif isinstance(item, Span):
            yield call.video, item.start, item.end
        elif isinstance(item, Video) and not has_span:
            yield item.index, 0.0, item.duration


def _parts(value: object) -> Iterator[object]:
    """The values in arguments, those of lists and dicts one by one."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _parts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _parts(item)
    else:
        yield value
