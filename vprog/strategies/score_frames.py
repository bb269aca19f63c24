"""`score_frames`: each picture gets a score from 1 to 5; conclude, or continue with a clip."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vprog.errors import LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.prompt.extract import plain_reply
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import until
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import PATH, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_rounds import (
    answer_round,
    ask_round,
    one_video,
    read_span,
    span_frames,
)
from vprog.types import Span, Video

FIRST = 16
CLIP = 8
"""Frames of the first round, of all of the video, and of each clip; ours."""

MOST = 32
"""Frames that the answer is given from, those with the best scores; ours."""

LOWEST, HIGHEST = 1, 5
"""A score, from of no use to decisive. Source: Conan (2025)."""

SIDE = 448
"""Longer side of all pictures, in pixels; ours."""

_SCORES = re.compile(r"<score>([\s\d,;\[\]]{1,2000})</score>", re.IGNORECASE)
_CLIP = re.compile(r"<clip>(.{0,80}?)</clip>", re.IGNORECASE | re.DOTALL)
_CLOCK = r"(\d{1,3}):(\d{2}):(\d{2}(?:\.\d{1,3})?)"
_ENDS = re.compile(rf"{_CLOCK}\s*[-–]\s*{_CLOCK}")

ORDER = (
    "Do not answer yet. First score each picture in order by how much it helps to answer, from "
    "1 (of no use) to 5 (decisive): <score>[1, 5, ...]</score>. Then decide: continue with a "
    "clip of the video that must be looked at closer, <clip>hh:mm:ss-hh:mm:ss</clip>; or "
    "conclude, if nothing is missing: <clip></clip>."
)


@dataclass(frozen=True)
class _Scored:
    """What was scored so far, and the clips that were shown; the last one is shown next."""

    at: Attempt
    clips: tuple[Span, ...]
    frames: tuple[ScoredFrame, ...] = ()
    is_over: bool = False


@strategy("score_frames", "frames scored 1 to 5; conclude or look closer", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to the frames that it scored best.

    In each of at most `rounds` rounds it scores the pictures that it is shown and names a clip
    to continue with, or none to conclude; a clip that was shown is refused. Frames scored 1
    are left out of the answer, unless all are.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: Conan (2025): scores of frames from 1 to 5, then continue or conclude; it ends where
    the clip is empty. How many frames and rounds it takes is not published in what we read.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    seen = until(
        lambda scored, number: _step(workspace, video, scored, number),
        _Scored(workspace.start, (Span(0.0, video.duration),)),
        stop=lambda scored: scored.is_over,
        rounds=workspace.settings.rounds,
    )
    if seen.at.state is None:
        return seen.at
    listed = ", ".join(frame.name for frame in best_frames(seen.frames))
    name = video_name(workspace.run, video.index)
    frames = f"[{listed}]" if listed else f"sample_frames({name}, count={MOST})"
    return answer_round(
        workspace, seen.at, frames, side=SIDE, note="answers from the frames scored best"
    )


def _step(workspace: Workspace, video: Video, scored: _Scored, number: int) -> _Scored:
    """Show the last clip, and take its scores and where to go on."""
    variable = f"frames_{number + 1}"
    made = ask_round(
        workspace,
        scored.at,
        span_frames(
            video_name(workspace.run, video.index), scored.clips[-1], CLIP if number else FIRST
        ),
        f"{ORDER} The video lasts {video.duration:.1f} s.",
        lambda reply, frames: read_scores(reply, len(frames), video.duration, scored.clips),
        side=SIDE,
        note=f"scores frames, round {number + 1}",
        name=variable,
    )
    if made.read is None:
        return replace(scored, at=made.at, is_over=True)
    new = tuple(
        ScoredFrame(score, frame.time, f"{variable}[{place}]")
        for place, (score, frame) in enumerate(zip(made.read.scores, made.frames, strict=True))
    )
    clip = made.read.clip
    clips = scored.clips if clip is None else (*scored.clips, clip)
    return _Scored(made.at, clips, (*scored.frames, *new), is_over=clip is None)


@dataclass(frozen=True)
class ScoredFrame:
    """A frame that was scored; `name` is how the program names it."""

    score: int
    time: float
    name: str


@dataclass(frozen=True)
class ScoredClip:
    """The score of each picture, in order, and the clip to continue with; None to conclude."""

    scores: tuple[int, ...]
    clip: Span | None


def best_frames(frames: Sequence[ScoredFrame]) -> list[ScoredFrame]:
    """The MOST best frames in order of time, each time once; the lowest only if all are."""
    by_time: dict[float, ScoredFrame] = {}
    for frame in sorted(frames, key=lambda frame: frame.score):
        by_time[frame.time] = frame
    useful = [frame for frame in by_time.values() if frame.score > LOWEST]
    best = sorted(useful or by_time.values(), key=lambda frame: (-frame.score, frame.time))
    return sorted(best[:MOST], key=lambda frame: frame.time)


def read_scores(
    reply: str, n_pictures: int, duration: float, shown: Sequence[Span] = ()
) -> ScoredClip:
    """What a reply scores and decides.

    Args:
        reply: of the VLM.
        n_pictures: how many it was shown.
        duration: of the video, in seconds.
        shown: clips that must not come again.

    Raises:
        LlmReplyError: a score for each picture is not there, or the clip cannot be read, lies
            outside the video, or was shown already.
    """
    text = plain_reply(reply)
    said = _SCORES.findall(text)
    scores = tuple(int(number[:4]) for number in re.findall(r"\d+", said[-1])) if said else ()
    if len(scores) != n_pictures or not all(LOWEST <= score <= HIGHEST for score in scores):
        raise LlmReplyError(
            f'no score of each picture can be read from "{excerpt(reply, 80)}".',
            hint=f"It must be <score>[...]</score> with {n_pictures} numbers from 1 to 5.",
        )
    clips = _CLIP.findall(text)
    if not clips or not clips[-1].strip():
        return ScoredClip(scores, None)
    ends = _ENDS.fullmatch(clips[-1].strip())
    if ends is None:
        raise LlmReplyError(
            f'no clip can be read from "{excerpt(clips[-1], 80)}".',
            hint="It must be <clip>hh:mm:ss-hh:mm:ss</clip>, or <clip></clip>.",
        )
    span = [_seconds(ends.groups()[:3]), _seconds(ends.groups()[3:])]
    return ScoredClip(scores, read_span(span, duration, shown))


def _seconds(clock: Sequence[str]) -> float:
    hours, minutes, seconds = clock
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
