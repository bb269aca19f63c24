"""`keyframes`: the frames at which the picture turns: cuts, and inflections of its motion."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import FRAMES, PATH, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import look
from vprog.strategies.vlm_rounds import answer_round, one_video
from vprog.types import Level, Shot

SIDE = 448
"""Longer side of the pictures, in pixels; ours."""

LEAST = 8
"""Frames that are spread evenly where little changes; ours."""

FLAT = 1e-9
"""What is less is the rounding of numbers, and no bend."""

MEASURES = ("find_shots", "measure_motion")


@strategy("keyframes", "a VLM answers from frames where the picture turns", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to at most 32 keyframes.

    Candidates are the first frames of shots, and the times at which motion turns from growing to
    falling or back; the sharper the turn, the sooner it is taken. LEAST frames spread evenly are
    always there, so that what does not change is seen as well.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: ChronoForge-RL (2025): a variation score along the video, its inflections as
    candidates, picked by priority. Its score is not published in what we read: here it is what
    `measure_motion` and `find_shots` measure, without weights.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    name = video_name(workspace.run, video.index)
    tasks = [task for task in MEASURES if task in workspace.run.runtime.modules]
    source = "".join(f"variation_{at} = {task}({name})\n" for at, task in enumerate(tasks))
    even = f"sample_frames({name}, count={LEAST})"
    measured = look(workspace, workspace.start, source or "variation = []\n", "measures variation")
    if measured.state is None:
        return measured
    items = [item for result in measured.results if isinstance(result, list) for item in result]
    times = keyframe_times(
        [item for item in items if isinstance(item, Level)],
        [item for item in items if isinstance(item, Shot)],
        FRAMES - LEAST,
    )
    turns = ", ".join(f"frame_at({name}, {time!r})" for time in times)
    frames = f"sorted(set({even} + [{turns}]), key=lambda frame: frame.time)"
    note = f"answers from {len(times)} keyframes and {LEAST} others"
    return answer_round(workspace, measured, frames, side=SIDE, note=note)


def keyframe_times(levels: Sequence[Level], shots: Sequence[Shot], most: int) -> list[float]:
    """When the picture turns, the sharpest turns, in order of time.

    Args:
        levels: how much changes, in order of time.
        shots: in order of time; each but the first begins with a cut or fade.
        most: how many times there may be.
    """
    turns = {shot.start: 1.0 + shot.score for shot in shots[1:]}  # before any motion
    for time, sharpness in inflections(levels):
        turns.setdefault(time, sharpness)
    best = sorted(turns, key=lambda time: (-turns[time], time))[:most]
    return sorted(best)


def inflections(levels: Sequence[Level]) -> list[tuple[float, float]]:
    """Where the curve's second difference changes its sign: the time, and how sharply in [0, 1].

    How sharply is the slope there. A straight or level curve has none.
    """
    slopes = [after.value - before.value for before, after in itertools.pairwise(levels)]
    bends = [after - before for before, after in itertools.pairwise(slopes)]
    return [
        (levels[at + 2].time, min(1.0, abs(slopes[at + 1])))
        for at, (before, after) in enumerate(itertools.pairwise(bends))
        if before * after < -FLAT
    ]
