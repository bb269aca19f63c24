"""Times in a question: "at 0:12", "between 5 and 9 seconds", "in the first half", "halfway".

`take_times` finds them, turns them into seconds of the video, and leaves a mark in
their place so that what is left can be read word by word. A number without a unit is
no time, except beside one that has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from vprog.rules.numbers import NUMBER, ORDINALS, WORDED, read_number, read_ordinal

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

_SECONDS = r"(?:s|secs?|seconds?)"
_MINUTES = r"(?:m|mins?|minutes?)"
_HOURS = r"(?:h|hrs?|hours?)"
_MILLIS = r"(?:ms|milliseconds?)"


def _length(unit: str) -> str:
    """A number with its unit. "5s" is one, "as" is none: words need a space before the unit."""
    return rf"(?:\d+(?:\.\d+)?(?: and a half)?[ -]?|{NUMBER}[ -]){unit}(?![a-z])"


_AND = r"(?:,? ?(?:and )?"
_LENGTH = (
    rf"(?:{_length(_HOURS)}{_AND}{_length(_MINUTES)})?{_AND}{_length(_SECONDS)})?"
    rf"|{_length(_MINUTES)}{_AND}{_length(_SECONDS)})?"
    rf"|{_length(_MILLIS)}|{_length(_SECONDS)})"
)
_CLOCK = r"\d{1,3}:\d{2}(?::\d{2})?(?:\.\d+)?(?: ?(?:min|mins|minutes|h|hours))?"
_TIMER = "(?:time(?:[ -]?(?:code|index|stamp))?|clock|counter|timer|player)"
_NAMED = (
    rf"(?:in )?(?:the )?(?:second|minute) (?:number )?(?:\d+(?:\.\d+)?|{WORDED})"
    rf"|(?:t ?= ?|{_TIMER} |t )\d+(?:\.\d+)?(?: ?s\b)?"
)
_NTH = rf"(?:{'|'.join(ORDINALS)}|\d+(?:st|nd|rd|th))"
_POINT = rf"(?:the )?(?:{_TIMER} )?(?:{_CLOCK}|{_LENGTH}|{_NAMED})(?:[ -]mark|[ -]point)?"
_BARE = rf"(?:{_CLOCK}|{_LENGTH}|{NUMBER})"
MEDIUM = "(?:video|clip|film|movie|recording|footage|file|sequence)"
"""What the whole is called."""
_VIDEO = rf"(?:the |this )?(?:very )?{MEDIUM}"
_OF_VIDEO = rf"(?: (?:of|in|into|through) {_VIDEO}\b)?"
_START = r"(?:the )?(?:very )?(?:start|beginning|opening|outset)"
_END = r"(?:the )?(?:very )?(?:end|ending|close|finish)"
_ABOUT = r"(?:about |around |roughly |approximately |exactly |precisely |just )?"


def read_length(text: str) -> float | None:
    """Seconds in a written length, e.g. "1 min 5 s", "half a minute", "0:12"; or None."""
    text = re.sub(r"^the |[ -](?:mark|point)$", "", text.strip().lower())
    text = re.sub(rf"^{_TIMER} (?=\d+:)", "", text)
    if re.fullmatch(_CLOCK, text):
        parts = re.sub(r"[^0-9:.].*$", "", text).split(":")
        seconds = 0.0
        for part in parts:
            seconds = seconds * 60 + float(part)
        return seconds
    named = re.fullmatch(
        rf"(second|minute|t ?=|{_TIMER}|t) ?(?:number )?(\d+(?:\.\d+)?|{WORDED})(?: ?s)?", text
    )
    if named and (number := read_number(named[2])) is not None:
        return number * (60 if named[1] == "minute" else 1)
    if not re.fullmatch(_LENGTH, text):
        return None
    seconds = 0.0
    units = ((_HOURS, 3600.0), (_MINUTES, 60.0), (_SECONDS, 1.0), (_MILLIS, 0.001))
    for unit, worth in units:
        for hit in re.finditer(_length(unit), text):
            value = read_number(re.sub(rf"[ -]?{unit}$", "", hit[0]))
            if value is None:
                return None
            seconds += value * worth
    return seconds


def take_times(text: str, duration: float) -> tuple[str, list[When]]:
    """The text with a mark in place of each time it names, and those times in order.

    Args:
        text: a question in lower case.
        duration: of the video; "the last 3 seconds" and "halfway" need it.
    """
    found: list[When] = []

    def put(when: When) -> str:
        found.append(when)
        return f" {mark(len(found) - 1)} "

    for pattern, read in _readers(duration):

        def swap(hit: re.Match[str], read: Callable[..., When | None] = read) -> str:
            when = read(hit)
            return hit[0] if when is None else put(when)

        text = re.sub(rf"(?<![\w.:])(?:{pattern})(?!\w|:\d)", swap, text)
    return text, found


def _readers(
    duration: float,
) -> list[tuple[str, Callable[[re.Match[str]], When | None]]]:
    """Patterns, the longest first, each with what makes a time of a hit."""

    def between(hit: re.Match[str]) -> When | None:
        first, last = hit["a"], hit["b"]
        end = read_length(last)
        if end is None:
            end = _edge(last, duration)
        start = read_length(first)
        if start is None:
            start = _edge(first, duration)
        if start is None and end is not None:  # "between 5 and 9 seconds"
            unit = re.search(r"[a-z]+$", last)
            bare = read_number(first)
            if bare is None:
                return None
            start = bare * (60 if unit and unit[0].startswith("m") else 1)
        if start is None or end is None or start > end:
            return None
        return When("within", start, end, hit[0].strip())

    def of_seconds(hit: re.Match[str]) -> When | None:
        start, end = (read_number(re.sub("^seconds? ", "", hit[name])) for name in "ab")
        if start is None or end is None or start > end:
            return None
        return When("within", start, end, hit[0].strip())

    def lead(hit: re.Match[str]) -> When | None:
        length = read_length(hit["n"])
        return None if length is None else When("within", 0.0, length, hit[0].strip(), "start")

    def tail(hit: re.Match[str]) -> When | None:
        length = read_length(hit["n"])
        if length is None:
            return None
        return When("within", max(0.0, duration - length), duration, hit[0].strip(), "end")

    def unit_lead(hit: re.Match[str]) -> When:
        length = 60.0 if hit["u"] == "minute" else 1.0
        return When("within", 0.0, length, hit[0].strip(), "start")

    def unit_tail(hit: re.Match[str]) -> When:
        length = 60.0 if hit["u"] == "minute" else 1.0
        return When("within", max(0.0, duration - length), duration, hit[0].strip(), "end")

    def half(hit: re.Match[str]) -> When:
        middle = duration / 2
        if hit["w"] in ("first", "1st"):
            return When("within", 0.0, middle, hit[0].strip())
        return When("within", middle, duration, hit[0].strip())

    def part(hit: re.Match[str]) -> When | None:
        n_parts = 4 if hit["p"] == "quarter" else 3
        named = {"first": 0, "second": 1, "middle": 1, "third": 2, "fourth": 3}
        place = named.get(hit["w"], n_parts - 1)
        if place >= n_parts:
            return None
        start, length = place * duration / n_parts, duration / n_parts
        return When("within", start, start + length, hit[0].strip())

    def after(hit: re.Match[str]) -> When | None:
        start = read_length(hit["n"])
        return None if start is None else When("within", start, duration, hit[0].strip())

    def until(hit: re.Match[str]) -> When | None:
        end = read_length(hit["n"])
        return None if end is None else When("within", 0.0, end, hit[0].strip())

    def at(hit: re.Match[str]) -> When | None:
        moment = read_length(hit["n"] or hit["first"])
        return None if moment is None else When("at", moment, moment, hit[0].strip())

    def nth(hit: re.Match[str]) -> When | None:
        second = read_ordinal(hit["n"])
        return None if second is None else When("at", second, second, hit[0].strip())

    def start(hit: re.Match[str]) -> When:
        return When("at", 0.0, 0.0, hit[0].strip(), "start")

    def end(hit: re.Match[str]) -> When:
        return When("at", duration, duration, hit[0].strip(), "end")

    def middle(hit: re.Match[str]) -> When:
        return When("at", duration / 2, duration / 2, hit[0].strip())

    in_ = r"(?:in|during|within|over|for|throughout)"
    return [
        (rf"between (?P<a>{_BARE}|{_START}) and (?P<b>{_POINT}|{_END}){_OF_VIDEO}", between),
        (
            rf"from (?P<a>{_BARE}|{_START}) (?:to|until|till|through|up to) (?P<b>{_POINT}|"
            rf"{_END}){_OF_VIDEO}",
            between,
        ),
        (
            rf"(?:{in_} |from )?(?:the )?(?:interval )?(?P<a>{_CLOCK}) ?(?:-|–|to) "
            rf"?(?P<b>{_CLOCK})",
            between,
        ),
        (
            rf"(?:{in_} |from )?(?P<a>\d+(?:\.\d+)?) ?(?:s |seconds )?(?:-|–|to) "
            rf"?(?P<b>\d+(?:\.\d+)? ?{_SECONDS})",
            between,
        ),
        (
            rf"(?:{in_} |from |between )?(?P<a>seconds? (?:\d+(?:\.\d+)?|{WORDED})) "
            rf"(?:-|–|to|and|until|till|through) (?P<b>(?:second )?(?:\d+(?:\.\d+)?|{WORDED}))",
            of_seconds,
        ),
        (
            rf"(?:{in_} )?(?:the )?(?:very )?(?:first|opening|initial) (?P<n>{_LENGTH}){_OF_VIDEO}",
            lead,
        ),
        (
            rf"(?:{in_} )?(?:the )?(?:very )?(?:last|final|closing) (?P<n>{_LENGTH}){_OF_VIDEO}",
            tail,
        ),
        (rf"{in_} (?:the )?(?:very )?(?:first|opening) (?P<u>second|minute){_OF_VIDEO}", unit_lead),
        (
            rf"{in_} (?:the )?(?:very )?(?:last|final|closing) (?P<u>second|minute){_OF_VIDEO}",
            unit_tail,
        ),
        (rf"(?:{in_} )?the (?P<w>first|1st|second|2nd|last|latter|other) half{_OF_VIDEO}", half),
        (
            rf"(?:{in_} )?the (?P<w>first|second|middle|third|fourth|last|final) "
            rf"(?P<p>quarter|third){_OF_VIDEO}",
            part,
        ),
        (
            rf"(?:after|later than|past|since|from) (?P<n>{_POINT})(?: "
            rf"on(?:wards?)?)?{_OF_VIDEO}",
            after,
        ),
        (rf"(?:before|earlier than|until|till|up to|prior to) (?P<n>{_POINT}){_OF_VIDEO}", until),
        (
            rf"(?:at |@ ?|by |near )?{_ABOUT}(?P<n>{_LENGTH}) (?:in|into|"
            rf"through)\b{_OF_VIDEO}(?: {_VIDEO}\b)?",
            at,
        ),
        (
            rf"(?:at|@|around|about|near|on|exactly at|(?<!the )(?<!or )right at|just at) "
            rf"{_ABOUT}(?P<n>{_POINT}){_OF_VIDEO}",
            at,
        ),
        (
            rf"in (?P<n>(?:the )?(?:second|minute) (?:number )?(?:\d+(?:\.\d+)?|{WORDED}))"
            rf"{_OF_VIDEO}",
            at,
        ),
        (rf"(?:at|on|by) the (?P<n>{_NTH}) second", nth),
        (rf"@(?P<n>{_POINT})|^(?P<first>{_POINT})(?= ?[:,–-] )", at),
        (rf"(?<=mark ) ?or (?P<n>{_POINT})", at),
        (rf"(?:when|while) (?:the )?(?:time|clock|video) is (?:at )?(?P<n>{_POINT})", at),
        (
            rf"(?:right |just )?(?:at|in|from|near) {_START}{_OF_VIDEO}|initially|to begin with"
            rf"|when {_VIDEO} (?:starts|begins|opens)",
            start,
        ),
        (
            rf"(?:right |just )?(?:at|in|near) {_END}{_OF_VIDEO}|when {_VIDEO} (?:ends|is over|"
            rf"finishes)",
            end,
        ),
        (
            rf"(?:at |about |around )?(?:halfway|half way|midway)(?: point)?(?: through| into| "
            rf"in)?{_OF_VIDEO}(?: {_VIDEO}\b)?|(?:at|in|around) (?:the )?(?:middle|midpoint) "
            rf"(?:of|in) {_VIDEO}\b|at (?:the )?(?:midpoint|half[- ]?time)",
            middle,
        ),
    ]


def _edge(text: str, duration: float) -> float | None:
    if re.fullmatch(_START, text):
        return 0.0
    return duration if re.fullmatch(_END, text) else None
