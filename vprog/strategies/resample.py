"""`resample`: frames that matter are chosen; more are taken around each of them, and only there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vprog.runs.attempt import Attempt
from vprog.runs.combinators import until
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import FRAMES, PATH, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_rounds import (
    answer_round,
    ask_round,
    one_video,
    read_pictures,
    span_frames,
)
from vprog.types import Frame, Span, Video

CHOSEN = 4
"""Frames that may be chosen in one round; ours."""

SIDE = 448
"""Longer side of all pictures, in pixels; ours."""

ORDER = (
    "Do not answer yet. Which of these pictures matter for the answer? More pictures are then "
    'taken from just before and after each. Reply with JSON and nothing else: {"pictures": '
    f"[numbers, at most {CHOSEN}]}}; an empty list if these pictures show all that is needed."
)


@dataclass(frozen=True)
class _Sampled:
    """The windows that frames come from; `is_over` if nothing is to be added."""

    at: Attempt
    windows: tuple[Span, ...]
    is_over: bool = False


@strategy("resample", "more frames around those that matter", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to frames that lie around those that it chose.

    In each of at most `rounds` - 1 rounds it chooses pictures; the next ones come from the
    windows between the neighbours of each, so that no frame lies outside. It ends where
    none is chosen or no reply can be read.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: EARL (2025): frames are chosen, and taken again locally around the chosen ones. How
    pure its evidence is, `vprog eval` tells where the true spans are known. Numbers of frames
    are ours.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    seen = until(
        lambda sampled, number: _step(workspace, video, sampled, number),
        _Sampled(workspace.start, (Span(0.0, video.duration),)),
        stop=lambda sampled: sampled.is_over,
        rounds=workspace.settings.rounds - 1,
    )
    if seen.at.state is None:
        return seen.at
    frames = _frames(workspace, video, seen.windows)
    return answer_round(workspace, seen.at, frames, side=SIDE, note="answers from the last frames")


def _step(workspace: Workspace, video: Video, sampled: _Sampled, number: int) -> _Sampled:
    def read(reply: str, frames: Sequence[Frame]) -> tuple[Span, ...]:
        places = read_pictures(reply, len(frames), most=CHOSEN)
        return windows_around([frame.time for frame in frames], places, sampled.windows)

    made = ask_round(
        workspace,
        sampled.at,
        _frames(workspace, video, sampled.windows),
        ORDER,
        read,
        side=SIDE,
        note=f"chooses frames, round {number + 1}",
    )
    if not made.read:
        return replace(sampled, at=made.at, is_over=True)
    return _Sampled(made.at, made.read)


def _frames(workspace: Workspace, video: Video, windows: Sequence[Span]) -> str:
    name = video_name(workspace.run, video.index)
    return " + ".join(span_frames(name, span, FRAMES // len(windows)) for span in windows)


def windows_around(
    times: Sequence[float], places: Sequence[int], within: Sequence[Span]
) -> tuple[Span, ...]:
    """From the frame before to the frame after each chosen one; windows that touch as one.

    None leaves the window that its frame was taken from.

    Args:
        times: of the frames that were shown, in seconds, in order.
        places: of the chosen ones among them, in order.
        within: the windows that they were taken from, in order, apart.
    """
    windows: list[Span] = []
    for place in places:
        home = next((span for span in within if span.start <= times[place] <= span.end), within[0])
        start = max(home.start, times[place - 1] if place else home.start)
        end = min(home.end, times[place + 1] if place + 1 < len(times) else home.end)
        if windows and start <= windows[-1].end:
            windows[-1] = Span(windows[-1].start, max(end, windows[-1].end))
        elif start < end:
            windows.append(Span(round(start, 3), round(end, 3)))
    return tuple(windows)
