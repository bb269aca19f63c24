"""`turn_gain`: a span a turn, none twice; the answer from turns that showed more than before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vprog.errors import LlmReplyError
from vprog.llm.language_model import excerpt
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
    read_object,
    read_span,
    span_frames,
)
from vprog.types import Span, Video

FIRST = 16
NEXT = 8
"""Frames of the first turn, of all of the video, and of each other; ours."""

SIDE = 448
"""Longer side of all pictures, in pixels; ours."""

HIGHEST = 10
"""What a turn's pictures may be rated, from 0; ours."""

ORDER = (
    "Do not answer yet. Rate how much these pictures show of what the answer needs, from 0 "
    f"(nothing) to {HIGHEST} (all of it). Then name the part of the video to look at next, or none "
    'if this suffices. Reply with JSON and nothing else: {"relevance": number, "span": [start, '
    "end] in seconds, or null}. "
)


@dataclass(frozen=True)
class RatedTurn:
    """What a reply says of the pictures of a turn: their relevance, and where to look next."""

    relevance: int
    span: Span | None


@dataclass(frozen=True)
class _Turns:
    """The turns so far.

    Attributes:
        spans: those that were shown; the last one is shown next.
        best: the highest relevance so far.
        gained: the variables that hold the frames of turns that gained.
    """

    at: Attempt
    spans: tuple[Span, ...]
    best: int = 0
    gained: tuple[str, ...] = ()
    is_over: bool = False


@strategy("turn_gain", "a span a turn, as long as turns gain in relevance", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to the frames of those turns that were more relevant than all before.

    In each of at most `rounds` turns it rates what it is shown and names the span of the next;
    one that was shown is refused. What each turn gains is told. A turn that gains nothing, or
    names no span, is the last.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: Video-MTR (2025): segments chosen turn by turn, a turn being worth what it adds in
    relevance to the question. There a reward in training, against labels; here the VLM rates.
    Numbers of frames are ours.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    seen = until(
        lambda turns, number: _take_turn(workspace, video, turns, number + 1),
        _Turns(workspace.start, (Span(0.0, video.duration),)),
        stop=lambda turns: turns.is_over,
        rounds=workspace.settings.rounds,
    )
    if seen.at.state is None:
        return seen.at
    name = video_name(workspace.run, video.index)
    frames = " + ".join(seen.gained) or f"sample_frames({name}, count={FIRST})"
    note = f"answers from {len(seen.gained)} turns that gained"
    return answer_round(workspace, seen.at, frames, side=SIDE, note=note)


def _take_turn(workspace: Workspace, video: Video, turns: _Turns, number: int) -> _Turns:
    variable = f"turn_{number}"
    made = ask_round(
        workspace,
        turns.at,
        span_frames(
            video_name(workspace.run, video.index), turns.spans[-1], NEXT if number > 1 else FIRST
        ),
        f"{ORDER}The video lasts {video.duration:.1f} s.",
        lambda reply, _: read_turn(reply, video.duration, turns.spans),
        side=SIDE,
        note=f"turn {number}",
        name=variable,
    )
    if made.read is None:
        return _Turns(made.at, turns.spans, turns.best, turns.gained, is_over=True)
    gain = made.read.relevance - turns.best
    span = turns.spans[-1]
    workspace.run.warnings.add(
        f"turn {number}, {span.start:g} to {span.end:g} s: relevance {made.read.relevance} of "
        f"{HIGHEST}, gain {gain:+d}"
    )
    gained = (*turns.gained, variable) if gain > 0 else turns.gained
    wanted = made.read.span
    is_over = wanted is None or (gain <= 0 and number > 1)
    spans = turns.spans if wanted is None else (*turns.spans, wanted)
    return _Turns(made.at, spans, max(turns.best, made.read.relevance), gained, is_over)


def read_turn(reply: str, duration: float, shown: Sequence[Span] = ()) -> RatedTurn:
    """What a reply rates and wants to see.

    Args:
        reply: of the VLM.
        duration: of the video, in seconds.
        shown: spans that must not come again.

    Raises:
        LlmReplyError: there is no rating, or the span cannot be read, lies outside the video, or
            was shown already.
    """
    given = read_object(reply)
    relevance = given.get("relevance")
    if type(relevance) is not int or not 0 <= relevance <= HIGHEST:
        raise LlmReplyError(
            f'no relevance can be read from "{excerpt(reply, 80)}".',
            hint=f'It must be JSON with "relevance": a whole number from 0 to {HIGHEST}.',
        )
    if given.get("span") is None:
        return RatedTurn(relevance, None)
    return RatedTurn(relevance, read_span(given["span"], duration, shown))
