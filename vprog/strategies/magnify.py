"""`magnify`: small pictures to find the part that matters, then that part as it was filmed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.errors import LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.prompt.extract import last_object
from vprog.runs.attempt import Attempt
from vprog.runs.run import Run
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import PATH, answer_from_frames, kind_of, need_vlm
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import (
    asked_with,
    even_frames,
    frames_of,
    look,
    reply_text,
    seen_videos,
)
from vprog.types import Box, Frame

FRAMES = 8
SMALL = 448
"""Longer side of the pictures of the first look, in pixels."""

LARGEST = 1344
"""Longer side up to which a part is shown pixel by pixel."""

SMALLEST = 28.0
"""Pixels that a part has at least on each side: one patch of a VLM."""

GRID = (1000, 1000)
"""Columns and rows on which some models name places, whatever the size of the picture."""

_ON_GRID = re.compile(r"qwen-?(?:vl|2-?vl|[3-9][\d.]*-?(?:vl|omni|flash)?)", re.IGNORECASE)
"""Qwen-VL, Qwen2-VL, and Qwen3-VL on; Qwen2.5-VL counts pixels."""

_FORM = '{"picture": number from 1, "box": [x0, y0, x1, y1]}'


@strategy("magnify", "small pictures, then one part as filmed", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to one picture and the part of it that it named.

    Where it names no part, or none that can be read, it answers from the whole pictures,
    larger than before.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: ERGO (2025): a reduced picture, the part to look at in its coordinates, then
    both pictures, the part cut from the original.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    run = workspace.run
    taken = look(
        workspace,
        workspace.start,
        f"frames = {even_frames(run, seen_videos(run), FRAMES)}\n",
        "takes frames",
    )
    if taken.state is None:
        return taken
    frames = frames_of(taken)
    text = asked_with(run, _order(run, frames))
    first = look(
        workspace,
        taken,
        f"where = ask(frames, {text}, max_side={SMALL})\n",
        f"looks at {len(frames)} frames of {SMALL} pixels",
    )
    if first.state is None:
        return first
    kind = kind_of(run.text, has_choices=bool(run.choices))
    named = _named(workspace, first, frames)
    if named is None:
        return look(workspace, first, answer_from_frames(kind), "answers from whole pictures")
    box = ", ".join(repr(number) for number in named.box)
    side = min(LARGEST, max(SMALL, math.ceil(_longer(named.box))))
    told = "The second picture is a part of the first, seen closer."
    source = f"whole = frames[{named.picture}]\nframes = [whole, crop(whole, Box({box}))]\n"
    source += answer_from_frames(
        kind, instruction=told, more=f", max_side={side}", evidence="reply, frames[1]"
    )
    return look(workspace, first, source, "answers from a picture and a part of it")


def _named(workspace: Workspace, first: Attempt, frames: Sequence[Frame]) -> Region | None:
    """The part that was named, in pixels of the whole picture; None for none of use."""
    try:
        region = read_region(reply_text(first), len(frames))
    except LlmReplyError as error:
        workspace.run.warnings.add(f"no part is looked at closer: {error.message}")
        return None
    if region is None:
        return None
    video = workspace.run.media.videos[frames[region.picture].video]
    size = (video.width, video.height)
    shown = GRID if is_on_grid(workspace.run.settings.vlm) else shown_size(*size, SMALL)
    box = scaled_back(region.box, shown, size)
    if box is None:
        workspace.run.warnings.add(
            "no part is looked at closer: the box holds nothing of the picture"
        )
        return None
    return Region(region.picture, box)


def _order(run: Run, frames: Sequence[Frame]) -> str:
    """What is to be replied, in the units in which the model names places."""
    if is_on_grid(run.settings.vlm):
        units = f"on a grid of {GRID[0]} x {GRID[1]} over that picture, origin top left"
    else:
        sizes = []
        for at, frame in enumerate(frames, start=1):
            video = run.media.videos[frame.video]
            width, height = shown_size(video.width, video.height, SMALL)
            sizes.append(f"picture {at}: {width} x {height}")
        units = f"in pixels of that picture, origin top left ({'; '.join(sizes)})"
    return (
        "Do not answer yet. Say which part of one picture must be looked at closer, as JSON and "
        'nothing else: {"picture": number, "box": [x0, y0, x1, y1]}, '
        f"{units}. If none must be, reply: none."
    )


def _longer(box: Box) -> float:
    return max(box.x1 - box.x0, box.y1 - box.y0)


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
    corners = [_number(number, reply) for number in box]
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
