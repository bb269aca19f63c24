"""`ground_and_caption`: the VLM names a span, says what it shows, and so on; then it answers."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.errors import LlmReplyError
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import FRAMES, PATH, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import literal_of, one_line
from vprog.strategies.vlm_rounds import (
    answer_round,
    ask_round,
    one_video,
    read_object,
    read_span,
    span_frames,
)
from vprog.types import Span

SIDE = 448
"""Longer side of all pictures, in pixels; ours."""

SPAN_FRAMES = 16
"""Frames of a span that is captioned; ours."""

MOST_CAPTION = 600
"""Characters of a caption that are kept; ours."""

GROUND = (
    "Do not answer yet. Which span of the video has to be seen next for the question? Reply with "
    'JSON and nothing else: {"time": [start, end]}, in seconds, or {"time": null} if what was '
    "seen is enough."
)
CAPTION = (
    "Do not answer yet. In one to three sentences, say what these pictures show of what the "
    "question is about."
)
Step = tuple[Span, str]
"""A span, and what was said of it."""


@strategy("ground_and_caption", "spans named and captioned, step by step", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to the spans that it named, with what it said of each.

    Each step has two requests: the whole video, and what was said so far, for the next span; then
    that span alone for its caption. It ends where the VLM has seen enough, names a span again, or
    the rounds of the settings are over. Where no span was named, it answers from the whole video.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: Video-Thinker (2025): its traces go from time to caption to thought, with grounding and
    captioning of its own. It was trained to; here the two are asked for. Numbers are ours.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    name = video_name(workspace.run, video.index)
    at, steps = workspace.start, list[Step]()
    for _ in range(workspace.settings.rounds):
        grounded = ask_round(
            workspace,
            at,
            f"sample_frames({name}, count={FRAMES})",
            f"{GROUND} The video lasts {video.duration:.1f} s.",
            lambda reply, _: read_time(reply, video.duration),
            side=SIDE,
            note="names a span",
            notes=_told(steps),
        )
        at = grounded.at
        if grounded.is_over:
            return at
        if grounded.read is None or not grounded.read or grounded.read[0] in [s for s, _ in steps]:
            break
        (span,) = grounded.read
        captioned = ask_round(
            workspace,
            at,
            span_frames(name, span, SPAN_FRAMES),
            CAPTION,
            lambda reply, _: read_caption(reply),
            side=SIDE,
            note=f"captions {span.start:g} to {span.end:g} s",
        )
        at = captioned.at
        if captioned.is_over:
            return at
        if captioned.read is None:
            break
        steps.append((span, captioned.read))
    if not steps:
        workspace.run.warnings.add("no span was named and captioned: answered from all of it")
        frames = f"sample_frames({name}, count={FRAMES})"
        return answer_round(workspace, at, frames, side=SIDE, note="answers from all of it")
    share = max(1, FRAMES // len(steps))
    return answer_round(
        workspace,
        at,
        " + ".join(span_frames(name, span, share) for span, _ in steps),
        side=SIDE,
        note=f"answers from {len(steps)} spans and their captions",
        notes=literal_of(_told(steps)),
    )


def read_time(reply: str, duration: float) -> tuple[Span, ...]:
    """The span that a reply names; none where it has seen enough.

    Raises:
        LlmReplyError: it says neither.
    """
    read = read_object(reply)
    if "time" in read and read["time"] is None:
        return ()
    return (read_span(read.get("time"), duration),)


def read_caption(reply: str) -> str:
    """What a reply says, on one line.

    Raises:
        LlmReplyError: it says nothing.
    """
    caption = one_line(reply, MOST_CAPTION)
    if not caption:
        raise LlmReplyError("an empty caption.", hint="Say in words what the pictures show.")
    return caption


def _told(steps: Sequence[Step]) -> list[str]:
    """What was said so far; it goes out as data."""
    return [f"{span.start:g} to {span.end:g} s: {caption}" for span, caption in steps]
