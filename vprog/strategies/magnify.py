"""`magnify`: small pictures to find the part that matters, then that part as it was filmed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vprog.errors import LlmReplyError
from vprog.runs.attempt import Attempt
from vprog.runs.run import Run
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import PATH, answer_from_frames, kind_of, need_vlm
from vprog.strategies.magnify_region import (
    GRID,
    Region,
    is_on_grid,
    read_region,
    scaled_back,
    shown_size,
)
from vprog.strategies.vlm_cells import (
    even_frames,
    frames_of,
    look,
    question_text,
    said_in,
    seen_videos,
)
from vprog.trace.event import Warned
from vprog.types import Box, Frame

FRAMES = 8
SMALL = 448
"""Longer side of the pictures of the first look, in pixels."""

LARGEST = 1344
"""Longer side up to which a part is shown pixel by pixel."""


def solve(workspace: Workspace) -> Attempt:
    """The answer of the model that looks to one picture and the part of it that it named.

    Where it names no part, or none that can be read, it answers from the whole pictures,
    larger than before.

    Raises:
        MissingError: no model that looks is named.
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
    text = question_text(run, _order(run, frames))
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
    box = ", ".join(repr(each) for each in named.box)
    side = min(LARGEST, max(SMALL, math.ceil(_longer(named.box))))
    told = " The second picture is a part of the first, seen closer."
    source = f"whole = frames[{named.picture}]\nframes = [whole, crop(whole, Box({box}))]\n"
    source += answer_from_frames(
        kind, asked=f"question + {told!r}", more=f", max_side={side}", evidence="reply, frames[1]"
    )
    return look(workspace, first, source, "answers from a picture and a part of it")


def _named(workspace: Workspace, first: Attempt, frames: Sequence[Frame]) -> Region | None:
    """The part that was named, in pixels of the whole picture; None for none of use."""
    try:
        region = read_region(said_in(first), len(frames))
    except LlmReplyError as error:
        workspace.run.recorder.write(Warned(text=f"no part is looked at closer: {error.message}"))
        return None
    if region is None:
        return None
    video = workspace.run.media.videos[frames[region.picture].video]
    size = (video.width, video.height)
    shown = GRID if is_on_grid(workspace.run.settings.vlm) else shown_size(*size, SMALL)
    box = scaled_back(region.box, shown, size)
    if box is None:
        workspace.run.recorder.write(
            Warned(text="no part is looked at closer: the box holds nothing of the picture")
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
