"""`find_and_zoom`: find a segment, find a frame, zoom into a part; a step a turn."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vprog.errors import LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.prompt.extract import plain_reply
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import until
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import PATH, need_vlm
from vprog.strategies.magnify import GRID, LARGEST, is_on_grid, scaled_back, shown_size
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_rounds import answer_round, ask_round, one_video, span_frames
from vprog.types import Box, Frame, Span, Video

SEGMENTS = 10
"""Parts of a video to begin with."""

SHORTEST, LONGEST = 10.0, 30.0
"""Seconds of one part: fewer parts until they are as long, then more until they are as short."""

REVISITED = 16
"""Frames of a segment that is looked at again. Source, these three: Video-CoM (2025)."""

FIRST = 4
"""Frames of each part in the first view; ours."""

MOST_FRAMES = 128
MOST_SEGMENTS = 4
"""Frames of one view, and segments that are looked at again at once; ours."""

SIDE = 448
"""Longer side of the pictures, in pixels; ours."""

_MANIPULATION = re.compile(
    r"(find-segment|find-frame|spatial-zoom)\s*\(([^()]{0,200})\)\s*=\s*\[([-\d\s.,]{1,200})\]",
    re.IGNORECASE,
)
_FINAL = re.compile(r"\bFINAL_ANSWER\s*:", re.IGNORECASE)

Kind = Literal["find-segment", "find-frame", "spatial-zoom"]

ORDER = (
    "The video is divided into segments: {segments}. Take one step, written on one line, where "
    "PHRASE says what you look for: find-segment(PHRASE)=[numbers of segments] to see more of "
    "them; find-frame(PHRASE)=[numbers of pictures] to keep only these; "
    "spatial-zoom(PHRASE)=[number of a picture, x0, y0, x1, y1] to see a part of it larger, "
    "{units}. If these pictures show the answer: FINAL_ANSWER: your answer."
)


@dataclass(frozen=True)
class _Manipulated:
    """What is shown next, as an expression, and at which size."""

    at: Attempt
    frames: str
    side: int = SIDE
    taken: tuple[Manipulation, ...] = ()
    is_over: bool = False


@strategy("find_and_zoom", "find a segment, a frame, a part of it", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to what its last manipulation of the video shows.

    Each of at most `rounds` turns takes one step: segments that are looked at again, pictures
    that are kept, or a part of one as it was filmed. A step that was taken, or that names what
    was not shown, is refused and told once.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: Video-CoM (2025): its three manipulations in its grammar, segments of 10 to 30 s, 16
    frames of one that is looked at again. The first view and the sizes of pictures are ours.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    segments = segments_of(video.duration)
    first = min(MOST_FRAMES, FIRST * len(segments))
    name = video_name(workspace.run, video.index)
    state = until(
        lambda state, number: _step(workspace, video, segments, state, number),
        _Manipulated(workspace.start, f"sample_frames({name}, count={first})"),
        stop=lambda state: state.is_over,
        rounds=workspace.settings.rounds,
    )
    if state.at.state is None:
        return state.at
    return answer_round(
        workspace, state.at, state.frames, side=state.side, note="answers from the last view"
    )


def _step(
    workspace: Workspace, video: Video, segments: Sequence[Span], state: _Manipulated, number: int
) -> _Manipulated:
    name, variable = video_name(workspace.run, video.index), f"view_{number + 1}"
    on_grid = is_on_grid(workspace.run.settings.vlm)
    size = (video.width, video.height)
    shown = GRID if on_grid else shown_size(*size, state.side)
    listed = "; ".join(
        f"{at}: {span.start:g} to {span.end:g} s" for at, span in enumerate(segments, start=1)
    )
    units = f"{'on a grid' if on_grid else 'in pixels'} of {shown[0]} x {shown[1]}"

    def read(reply: str, frames: Sequence[Frame]) -> Manipulation | None:
        step = read_manipulation(reply, len(segments), len(frames))
        if step is not None and step.box is not None:
            box = scaled_back(step.box, shown, size)
            if box is None:
                raise LlmReplyError(
                    "the box holds nothing of the picture.", hint="The box must lie in a picture."
                )
            step = replace(step, box=box)
        if step in state.taken:
            raise LlmReplyError(
                "the same step was taken already.", hint="That step was taken already."
            )
        return step

    made = ask_round(
        workspace,
        state.at,
        state.frames,
        ORDER.format(segments=listed, units=units),
        lambda reply, frames: (read(reply, frames),),
        side=state.side,
        note=f"manipulates the video, turn {number + 1}",
        name=variable,
    )
    step = made.read[0] if made.read is not None else None
    if step is None:
        return replace(state, at=made.at, is_over=True)
    taken = (*state.taken, step)
    if step.kind == "find-segment":
        again = [segments[place] for place in step.numbers]
        frames = " + ".join(span_frames(name, span, REVISITED) for span in again)
        return _Manipulated(made.at, frames, SIDE, taken)
    kept = ", ".join(f"frame_at({name}, {made.frames[at].time!r})" for at in step.numbers)
    if step.box is None:
        return _Manipulated(made.at, f"[{kept}]", SIDE, taken)
    box = ", ".join(repr(end) for end in step.box)
    longer = max(step.box.x1 - step.box.x0, step.box.y1 - step.box.y0)
    side = min(LARGEST, max(SIDE, math.ceil(longer)))
    return _Manipulated(made.at, f"[{kept}, crop({kept}, Box({box}))]", side, taken, is_over=True)


def segments_of(duration: float) -> list[Span]:
    """The parts of a video, in order: 10 of them, fewer of a short one, more of a long one.

    Source: Video-CoM (2025): start at 10, lower until one lasts at least 10 s, raise until it
    lasts at most 30 s.
    """
    count = SEGMENTS
    while count > 1 and duration / count < SHORTEST:
        count -= 1
    if duration / count > LONGEST:
        count = math.ceil(duration / LONGEST)
    edges = [round(duration * at / count, 3) for at in range(count + 1)]
    return [Span(start, end) for start, end in itertools.pairwise(edges)]


@dataclass(frozen=True)
class Manipulation:
    """One step: segments or pictures by place from 0, and the box of a part."""

    kind: Kind
    numbers: tuple[int, ...]
    box: Box | None = None


def read_manipulation(reply: str, n_segments: int, n_pictures: int) -> Manipulation | None:
    """The last step that a reply takes; None if it gives the final answer instead.

    Raises:
        LlmReplyError: it does neither, or names a segment or a picture that there is not.
    """
    text = plain_reply(reply)
    steps = list(_MANIPULATION.finditer(text))
    final = list(_FINAL.finditer(text))
    if final and (not steps or final[-1].start() > steps[-1].start()):
        return None
    said = steps[-1] if steps else None
    numbers = _numbers(said[3]) if said is not None else []
    kind = said[1].lower() if said is not None else ""
    most = n_segments if kind == "find-segment" else n_pictures
    if kind == "spatial-zoom":
        if len(numbers) == 5 and _are_places(numbers[:1], most):
            return Manipulation("spatial-zoom", (int(numbers[0]) - 1,), Box(*numbers[1:]))
    elif kind in ("find-segment", "find-frame") and _are_places(numbers, most):
        places = tuple(sorted({int(number) - 1 for number in numbers}))
        if kind == "find-frame":
            return Manipulation("find-frame", places)
        if len(places) <= MOST_SEGMENTS:
            return Manipulation("find-segment", places)
    raise LlmReplyError(
        f'no step can be read from "{excerpt(reply, 80)}".',
        hint="It must be one of the steps, with numbers that were told, at most "
        f"{MOST_SEGMENTS} segments; or FINAL_ANSWER: your answer.",
    )


def _numbers(text: str) -> list[float]:
    parts = [part.strip() for part in text.split(",")]
    good = [part for part in parts if re.fullmatch(r"-?\d{1,6}(\.\d{1,6})?", part)]
    return [float(part) for part in good] if len(good) == len(parts) else []


def _are_places(numbers: Sequence[float], most: int) -> bool:
    return bool(numbers) and all(number.is_integer() and 1 <= number <= most for number in numbers)
