"""The part of a picture that a reply names, and where it lies in the picture before it was
made smaller.

Only numbers are taken out of a reply; nothing else of it goes further.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from vprog.errors import LlmReplyError
from vprog.llm.client import excerpt
from vprog.prompt.verdict import last_object
from vprog.types import Box

SMALLEST = 28.0
"""Pixels that a part has at least on each side: one patch of the models that look."""

GRID = (1000, 1000)
"""Columns and rows on which some models name places, whatever the size of the picture."""

_ON_GRID = re.compile(r"qwen-?(?:vl|2-?vl|[3-9][\d.]*-?(?:vl|omni|flash)?)", re.IGNORECASE)
"""Qwen-VL, Qwen2-VL, and Qwen3-VL on; Qwen2.5-VL counts pixels."""

_FORM = '{"picture": number from 1, "box": [x0, y0, x1, y1]}'


@dataclass(frozen=True)
class Region:
    """A part of one of several pictures, in pixels of the picture as it was shown.

    `picture` is its place, from 0.
    """

    picture: int
    box: Box


def read_region(reply: str, n_pictures: int) -> Region | None:
    """The part that a reply names; None if it holds no JSON object, or names no box.

    With one picture, `picture` may be left out.

    Raises:
        LlmReplyError: the object is not of the form asked for.
    """
    if "{" not in reply:
        return None
    found = last_object(reply)
    box = found.get("box")
    if box is None:
        return None
    picture = found.get("picture", 1 if n_pictures == 1 else None)
    if (
        not isinstance(picture, int)
        or isinstance(picture, bool)
        or not 1 <= picture <= n_pictures
        or not isinstance(box, list)
        or len(box) != 4
    ):
        raise _refusal(reply)
    corners = [_number(each, reply) for each in box]
    return Region(picture - 1, Box(*corners))


def is_on_grid(model: str) -> bool:
    """Whether a model names places on GRID, by its name; the others count pixels.

    Whatever a prompt asks for, models name boxes as they were trained to.

    Source: the makers of Qwen2.5-VL and Qwen3-VL, in the issues of QwenLM/Qwen3-VL (2025).
    """
    return _ON_GRID.search(model) is not None


def shown_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    """Width and height of a picture after its longer side was brought down to `max_side`."""
    scale = min(1.0, max_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def scaled_back(box: Box, shown: tuple[int, int], whole: tuple[int, int]) -> Box | None:
    """A box of a picture that was made smaller, in pixels of the whole one.

    It is cut to the picture, and widened about its middle where it is smaller than
    SMALLEST on a side.

    Args:
        box: in pixels of the picture as it was shown, or in cells of GRID.
        shown: width and height of that picture, or of GRID.
        whole: width and height of the picture itself.

    Returns:
        The box; None if it holds no pixel of the picture: it is empty, runs backwards, or
        lies outside.

    Source: ERGO (2025): boxes of the reduced picture, scaled and clamped to the original.
    """
    x0, x1 = _ends(box.x0, box.x1, shown[0], whole[0])
    y0, y1 = _ends(box.y0, box.y1, shown[1], whole[1])
    if x0 >= x1 or y0 >= y1:
        return None
    x0, x1 = _widened(x0, x1, whole[0])
    y0, y1 = _widened(y0, y1, whole[1])
    return Box(x0, y0, x1, y1)


def _ends(low: float, high: float, shown: int, whole: int) -> tuple[float, float]:
    scale = whole / shown
    return max(0.0, low * scale), min(float(whole), high * scale)


def _widened(low: float, high: float, size: int) -> tuple[float, float]:
    missing = min(SMALLEST, float(size)) - (high - low)
    if missing > 0:
        low = min(max(0.0, low - missing / 2), size - min(SMALLEST, float(size)))
        high = low + min(SMALLEST, float(size))
    return round(low, 3), round(high, 3)


def _number(value: object, reply: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e6:
        raise _refusal(reply)
    if not math.isfinite(value):
        raise _refusal(reply)
    return float(value)


def _refusal(reply: str) -> LlmReplyError:
    return LlmReplyError(
        f'no part of a picture can be read from "{excerpt(reply, 80)}".',
        hint=f"It must be {_FORM}, with one of the pictures that were shown.",
    )
