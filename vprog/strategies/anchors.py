"""`anchors`: from when to when something happens, by spans that must narrow step by step."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from vprog.errors import AbstainedError, LlmReplyError
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

SIDE = 448
"""Longer side of all pictures, in pixels; ours."""

ORDER = (
    "Do not answer yet. Where in these pictures does it happen? Name a span that is sure to hold "
    'it, as JSON and nothing else: {"span": [start, end]}, in seconds. '
)


@strategy("anchors", "spans that narrow step by step, then the answer", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer from the last of several spans, each within the one before and shorter.

    A question for a time is answered with the last span; any other is put to the VLM with
    frames of it. In each of `rounds` rounds frames of the last span are shown; one that does
    not narrow is refused and told once, after that it ends where it stands.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: no span was named at all, or there is nothing to look at.

    Source: TAR-TVG (2025): timestamps as anchors within the reasoning, each to be better than
    the one before. Numbers of frames are ours.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    name = video_name(workspace.run, video.index)
    at, anchors = workspace.start, [Span(0.0, video.duration)]
    for number in range(1, workspace.settings.rounds + 1):
        last = anchors[-1]
        made = ask_round(
            workspace,
            at,
            span_frames(name, last, FRAMES),
            f"{ORDER}It must be shorter than {last.start:g} to {last.end:g} and lie within it.",
            _reader(video, last),
            side=SIDE,
            note=f"anchor {number}",
        )
        if made.is_over:
            return made.at
        at = made.at
        if made.read is None:
            break
        anchors.append(made.read)
    if len(anchors) == 1:
        raise AbstainedError(
            "the VLM named no span that holds it.", hint="Take another strategy: --strategy zoom."
        )
    if kind_of(workspace.run.text, has_choices=bool(workspace.run.choices)) == "when":
        span = f"Span({anchors[-1].start!r}, {anchors[-1].end!r})"
        source = f"answer({span}, evidence=[reply, {span}])\n"
        return look(workspace, at, source, "answers with the last anchor")
    frames = span_frames(name, anchors[-1], FRAMES)
    return answer_round(workspace, at, frames, side=SIDE, note="answers from the last anchor")


def _reader(video: Video, last: Span) -> Callable[[str, Sequence[Frame]], Span]:
    return lambda reply, _: read_anchor(reply, last, video.duration)


def read_anchor(reply: str, last: Span, duration: float) -> Span:
    """The span that a reply names.

    Raises:
        LlmReplyError: it cannot be read, or does not narrow the last one.
    """
    span = read_span(read_object(reply).get("span"), duration)
    if not narrows([last, span]):
        raise LlmReplyError(
            f"{span.start:g} to {span.end:g} s does not narrow {last.start:g} to {last.end:g} s.",
            hint="That span is no narrower, or lies outside the last one.",
        )
    return span


def narrows(anchors: Sequence[Span]) -> bool:
    """Whether each span lies within the one before and is shorter.

    Source: TAR-TVG (2025).
    """
    return all(
        last.start <= span.start
        and span.end <= last.end
        and span.end - span.start < last.end - last.start
        for last, span in itertools.pairwise(anchors)
    )
