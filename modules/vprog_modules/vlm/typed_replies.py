"""Numbers, times, lists and boxes out of what a model wrote; what is none of them is an error.

Nothing is guessed: a number is the whole reply (one unit may follow), not one found in prose.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from vprog.errors import ModuleFailedError
from vprog.llm.language_model import excerpt
from vprog.types import Box

MOST_ITEMS = 200
_MOST_NUMBER = 1e15
"""Beyond it floats no longer hold every whole number."""

_FENCE = re.compile(r"```\w*\s*(.*?)```", re.DOTALL)
_NUMBER = re.compile(r"(-?(?:\d{1,3}(?:,\d{3})+|\d{1,16})(?:\.\d{1,16})?)\s*(%|[A-Za-z]{2,20})?\.?")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):([0-5]?\d(?:\.\d{1,6})?)")
_SECONDS = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(?:s|secs?|seconds?)?")
_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip
_MULTIPLIERS = frozenset({"hundred", "thousand", "million", "billion", "trillion", "dozen"})
_SLACK = 0.02
"""How far, as a share of a side, a box may reach out of its picture: models round. Beyond that its
units are others."""


def number_in(text: str) -> float:
    """The number that a reply is.

    Raises:
        ModuleFailedError: it is no number, several, or one in prose.
    """
    said = _bare(text).strip('"*` ')
    if (word := said.casefold().rstrip(".")) in _WORDS:
        return float(_WORDS.index(word))
    found = _NUMBER.fullmatch(said)
    if found is None or (found[2] or "").casefold() in _MULTIPLIERS:
        raise _unread("no number", text)
    number = float(found[1].replace(",", ""))
    if abs(number) > _MOST_NUMBER:
        raise _unread("no number of use", text)
    return number


def count_in(text: str) -> int:
    """The count that a reply is.

    Raises:
        ModuleFailedError: it is no number, or one that is negative or not whole.
    """
    number = number_in(text)
    if number < 0 or number != int(number):
        raise _unread("no count", text)
    return int(number)


def seconds_in(text: str) -> float:
    """The time that a reply is, in seconds or as a clock shows it.

    Raises:
        ModuleFailedError: it is none.
    """
    said = _bare(text).strip('"*` ').removesuffix(".")
    if clock := _CLOCK.fullmatch(said):
        return 3600.0 * int(clock[1] or 0) + 60.0 * int(clock[2]) + float(clock[3])
    seconds = _SECONDS.fullmatch(said)
    if seconds is None:
        raise _unread("no time in seconds", text)
    return float(seconds[1])


def list_in(text: str) -> list[str]:
    """The texts of a reply, each once, in its order.

    Raises:
        ModuleFailedError: it is no JSON array of texts.
    """
    items = _json(text, "[", "no JSON array of texts")
    if not (
        isinstance(items, list)
        and len(items) <= MOST_ITEMS
        and all(isinstance(item, str) and item.strip() for item in items)
    ):
        raise _unread("no JSON array of texts", text)
    return list(dict.fromkeys(" ".join(item.split()) for item in items))


def boxes_in(text: str, size: tuple[int, int], area: Box) -> list[Box]:
    """The boxes of a reply, in pixels of the whole frame, each once.

    Args:
        text: a JSON object with "boxes", and with the "size" that they are counted in; without
            one they are fractions if none is over 1, else pixels of the picture.
        size: width and height of the picture that was shown.
        area: what of the frame the picture shows.

    Raises:
        ModuleFailedError: it has none in that form, or a box lies outside the picture.
    """
    said = _json(text, "{", "no JSON object with boxes")
    try:
        rows = [[float(number) for number in row] for row in said["boxes"]]
        stated = said.get("size")
        width, height = (float(side) for side in (stated or size))
        if not all(math.isfinite(side) and side > 0 for side in (width, height)):
            raise ValueError("no size")
        numbers = [number for row in rows for number in row]
        if stated is None and numbers and max(numbers) <= 1.0:
            width = height = 1.0
        if len(rows) > MOST_ITEMS:
            raise ValueError(f"more than {MOST_ITEMS}")
        boxes = [mapped_box(row, (width, height), area) for row in rows]
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise _unread(f"no boxes within the picture ({error})", text) from error
    return list(dict.fromkeys(boxes))


def mapped_box(row: Sequence[float], size: tuple[float, float], area: Box) -> Box:
    """A box in pixels of the whole frame, cut to the picture if it reaches over by a little.

    Args:
        row: x0, y0, x1, y1 as the model counts.
        size: width and height of the picture as it counts them.
        area: what of the frame the picture shows.

    Raises:
        ValueError: it is no box, or lies outside the picture.
    """
    width, height = size
    if len(row) != 4:
        raise ValueError(f"a box has 4 numbers, not {len(row)}")
    if not all(math.isfinite(number) for number in row):
        raise ValueError("a number is not finite")
    x0, y0, x1, y1 = row[0] / width, row[1] / height, row[2] / width, row[3] / height
    if min(x0, y0) < -_SLACK or max(x1, y1) > 1 + _SLACK:
        raise ValueError("a box lies outside")
    x0, y0, x1, y1 = max(0.0, x0), max(0.0, y0), min(1.0, x1), min(1.0, y1)
    if x0 >= x1 or y0 >= y1:
        raise ValueError("a box has no area")
    across, down = area.x1 - area.x0, area.y1 - area.y0
    return Box(
        round(area.x0 + x0 * across, 2),
        round(area.y0 + y0 * down, 2),
        round(area.x0 + x1 * across, 2),
        round(area.y0 + y1 * down, 2),
    )


def _json(text: str, opening: str, what: str) -> Any:
    """The JSON value that begins with the first such bracket, with nothing like it behind."""
    said = _bare(text)
    begin = said.find(opening)
    if begin < 0:
        raise _unread(what, text)
    try:
        value, end = json.JSONDecoder().raw_decode(said, begin)
    except (ValueError, RecursionError) as error:
        raise _unread(what, text) from error
    if opening in said[end:]:
        raise _unread(f"{what}, or more than one", text)
    return value


def _bare(text: str) -> str:
    """A reply without the fence around its only block."""
    blocks = _FENCE.findall(text)
    return (blocks[0] if len(blocks) == 1 else text).strip()


def _unread(what: str, text: str) -> ModuleFailedError:
    return ModuleFailedError(
        f'{what} can be read from the reply "{excerpt(text, 80)}".'.replace("no ", "No ", 1),
        hint="Ask in other words, or take another --vlm.",
    )
