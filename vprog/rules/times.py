"""Times in a question: "at 0:12", "between 5 and 9 seconds", "in the first half", "halfway".

`take_times` finds them, turns them into seconds of the video, and leaves a mark in
their place so that what is left can be read word by word. A number without a unit is
no time, except beside one that has it.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Literal

from vprog.rules.numbers import read_number, read_ordinal
from vprog.rules.rule_data import completed, pattern, table
from vprog.types import Span

Kind = Literal["at", "within"]


@dataclass(frozen=True)
class When:
    """A moment (`kind` "at", start == end) or a span of the video, in seconds.

    `words` is how the question put it; `edge` is "start" or "end" when it named that
    edge of the video and no number.
    """

    kind: Kind
    start: float
    end: float
    words: str
    edge: str = ""


def mark(index: int) -> str:
    """The word that stands for the time of that index in the rest of the question."""
    return f"time{index}mark"


IS_MARK = re.compile(r"time(\d+)mark")

_WORTH = {"ms": 0.001, "milli": 0.001, "h": 3600.0, "m": 60.0, "s": 1.0}
"""Seconds of a unit, by how its name begins."""


def read_length(text: str) -> float | None:
    """Seconds in a written length, e.g. "1 min 5 s", "half a minute", "0:12"; or None."""
    text = re.sub(r"^the |[ -](?:mark|point)$", "", text.strip().lower())
    text = pattern("before_clock").sub("", text)
    if pattern("clock_time").fullmatch(text):
        parts = re.sub(r"[^0-9:.].*$", "", text).split(":")
        return functools.reduce(lambda seconds, part: seconds * 60 + float(part), parts, 0.0)
    named = pattern("numbered_second").fullmatch(text)
    if named and (number := read_number(named[2])) is not None:
        return number * (60 if named[1] == "minute" else 1)
    if not pattern("length").fullmatch(text):
        return None
    seconds = 0.0
    for part in pattern("amount").finditer(text):
        value = read_number(part["amount"].strip(" -"))
        if value is None:
            return None
        seconds += value * next(it for unit, it in _WORTH.items() if part["unit"].startswith(unit))
    return seconds


def take_times(text: str, duration: float, part: Span | None = None) -> tuple[str, list[When]]:
    """The text with a mark in place of each time it names, and those times in order.

    Args:
        text: a question in lower case.
        duration: of the video; "the last 3 seconds" and "halfway" need it.
        part: of the video that these are of, if not all of it.
    """
    whole = Span(0.0, duration) if part is None else part
    found: list[When] = []

    def swap(hit: re.Match[str]) -> str:
        when = _when(hit, whole)
        if when is None:
            return hit[0]
        found.append(when)
        return f" {mark(len(found) - 1)} "

    for said in _times():
        text = said.sub(swap, text)
    return text, found


@functools.cache
def _times() -> tuple[re.Pattern[str], ...]:
    """Ways to name a time, the longest first."""
    listed = table("phrases.toml")["ways"]["time"]
    return tuple(re.compile(rf"(?<![\w.:])(?:{completed(it)})(?!\w|:\d)") for it in listed)


def _when(hit: re.Match[str], whole: Span) -> When | None:
    """The time that one of the ways names; the group says which part of the video its text is."""
    words, groups = hit[0].strip(), hit.groupdict()
    if "share" in groups or "end" in groups:
        part = _share(whole, **groups) if "share" in groups else _between(whole, **groups)
        return None if part is None else When("within", *part, words)
    ((group, text),) = groups.items()
    seconds = _moment(text, whole)
    if seconds is None:
        return None
    if group == "at":
        edge = next((edge for edge in ("start", "end") if pattern(edge).fullmatch(text)), "")
        return When("at", seconds, seconds, words, edge)
    start, end, edge = {
        "first": (whole.start, whole.start + seconds, "start"),
        "last": (max(whole.start, whole.end - seconds), whole.end, "end"),
        "after": (max(whole.start, seconds), whole.end, ""),
        "until": (min(whole.start, seconds), seconds, ""),
    }[group]
    return When("within", start, end, words, edge)


def _moment(text: str, whole: Span) -> float | None:
    """The seconds that a text names, from the start of the video."""
    places = {"start": 0, "first_frame": 0, "middle": 0.5, "last_frame": 1, "end": 1}
    for place, share in places.items():
        if pattern(place).fullmatch(text):
            return whole.start + share * (whole.end - whole.start)
    readings = (read_length(text), read_length(f"a {text}"), read_ordinal(text))
    bare = read_number(re.sub("^seconds? ", "", text))
    return next((seconds for seconds in (*readings, bare) if seconds is not None), None)


def _between(whole: Span, start: str, end: str) -> tuple[float, float] | None:
    """From one moment to another; a bare number is in the unit of the other."""
    first, last = _moment(start, whole), _moment(end, whole)
    if first is not None and re.search(r"(?<![a-z])m[a-z]*$", end) and read_number(start):
        first *= 60
    return None if first is None or last is None or first > last else (first, last)


def _share(whole: Span, nth: str, share: str) -> tuple[float, float] | None:
    """The first half, the middle third."""
    n_parts = {"half": 2, "third": 3, "quarter": 4}[share]
    place = read_ordinal(nth) or (2 if nth == "middle" else -1)
    if place > n_parts:
        return None
    length = whole.end - whole.start
    start = whole.start + (place - 1 if place > 0 else n_parts - 1) * length / n_parts
    return start, start + length / n_parts
