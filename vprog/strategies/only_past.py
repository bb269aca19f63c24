"""`only_past`: a question about a time is answered from what is seen up to then alone."""

from __future__ import annotations

from vprog.rules.times import take_times
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import FRAMES, PATH, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_rounds import SHORTEST, answer_round, one_video, span_frames
from vprog.types import Span
from vprog.types.clock import clock

SIDE = 448
"""Longer side of the pictures, in pixels; ours."""


@strategy("only_past", "only frames up to the time that is asked about", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to frames up to the last time that the question names.

    A question that names none is asked at the end of the video, which is told. To hold every
    strategy to a part of a video, `--to` cuts the file itself.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: V-CORE (Causality-Aware Projection, 2026): only what came before bears on an answer
    at a time. There it is trained into a projection; here later frames are not shown.
    """
    need_vlm(workspace)
    workspace.path = PATH
    video = one_video(workspace)
    now = asked_time(workspace.run.text, video.duration)
    if now is None:
        workspace.run.warnings.add("the question names no time: all of the video is the past")
    end = video.duration if now is None else now
    frames = span_frames(video_name(workspace.run, video.index), Span(0.0, end), FRAMES)
    return answer_round(
        workspace,
        workspace.start,
        frames,
        side=SIDE,
        note=f"answers from what is seen to {clock(end)}",
    )


def asked_time(question: str, duration: float) -> float | None:
    """The last time within the video that a question names, in seconds; None for none.

    Of what lasts to the end ("after 0:07") it is where that begins.
    """
    _, times = take_times(question.lower(), duration)
    ends = [time.start if time.end >= duration else time.end for time in times]
    named = [end for end in ends if 0 <= end < duration]
    return round(max(SHORTEST, max(named)), 3) if named else None
