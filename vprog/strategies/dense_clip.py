"""`dense_clip`: few frames of everything, then dense ones of a clip, which the answer cites."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import FRAMES, PATH, kind_of, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import look
from vprog.strategies.vlm_rounds import (
    answer_round,
    ask_round,
    one_video,
    read_object,
    read_span,
    span_frames,
)
from vprog.types import Frame, Span, Video

SPARSE = 16
"""Frames of the first view, of all of the video; ours."""

DENSE_FPS = 4.0
"""Frames a second of a clip, at most FRAMES in all; ours."""

SIDE = 448
"""Longer side of all pictures, in pixels; ours."""

ORDER = (
    "Do not answer yet. Which clip of the video holds the answer? It is shown next, in many more "
    "pictures a second. Name a narrower or another clip if these pictures call for it, or none if "
    'they show exactly what is asked for. Reply with JSON and nothing else: {"clip": [start, end] '
    "in seconds, or null}. "
)


@strategy("dense_clip", "dense frames of a clip on demand; the answer cites it", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to dense frames of the last clip that it asked for.

    In each of at most `rounds` - 1 rounds it names a clip, whose frames alone are shown next, or
    none if it has seen what is asked for; a clip that was shown is refused. A question for a time
    is answered with the last clip, so that to ground and to answer are one.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: VITAL (Thinking With Videos, 2025): a tool that clips the video and gives dense frames
    on demand, grounding and answers in one trace. Its numbers of frames and rounds are not
    published in what we read: these are ours.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    name = video_name(workspace.run, video.index)
    at, clips = workspace.start, [Span(0.0, video.duration)]
    for number in range(1, max(2, workspace.settings.rounds)):
        made = ask_round(
            workspace,
            at,
            _frames(name, clips),
            f"{ORDER}The video lasts {video.duration:.1f} s.",
            _reader(video, tuple(clips)),
            side=SIDE,
            note=f"asks for a clip, round {number}",
        )
        at = made.at
        if made.is_over:
            return at
        if not made.read:
            break
        clips += made.read
    last = clips[-1]
    cited = f"Span({last.start!r}, {last.end!r})"
    kind = kind_of(workspace.run.text, has_choices=bool(workspace.run.choices))
    if kind == "when" and len(clips) > 1:
        source = f"answer({cited}, evidence=[reply, {cited}])\n"
        return look(workspace, at, source, "answers with the last clip")
    return answer_round(
        workspace,
        at,
        _frames(name, clips),
        side=SIDE,
        note="answers from the last clip",
        evidence=f"reply, {cited}" if len(clips) > 1 else "reply",
    )


def _reader(
    video: Video, shown: Sequence[Span]
) -> Callable[[str, Sequence[Frame]], tuple[Span, ...]]:
    return lambda reply, _: read_clip(reply, video.duration, shown)


def _frames(name: str, clips: Sequence[Span]) -> str:
    """The expression for frames of the last clip; the first is all of the video."""
    last = clips[-1]
    if len(clips) == 1:
        return span_frames(name, last, SPARSE)
    count = math.ceil(DENSE_FPS * (last.end - last.start))
    return span_frames(name, last, max(1, min(FRAMES, count)))


def read_clip(reply: str, duration: float, shown: Sequence[Span] = ()) -> tuple[Span, ...]:
    """The clip that a reply asks for; none if it asks for none.

    Args:
        reply: of the VLM.
        duration: of the video, in seconds.
        shown: clips that must not come again.

    Raises:
        LlmReplyError: it cannot be read, lies outside the video, or was shown already.
    """
    given = read_object(reply)
    if "clip" in given and given["clip"] is None:
        return ()
    return (read_span(given.get("clip"), duration, shown),)
