"""`interleave`: what is said stands between the pictures, in order of time, after the question."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.runs.attempt import Attempt
from vprog.runs.combinators import first_fit
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import FRAMES, PATH, need_vlm
from vprog.strategies.read_cells import STRIDES, CitableLine, lines_of, text_sources, video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import look
from vprog.strategies.vlm_rounds import answer_round, one_video

MAX_TEXT = 6000
"""Characters of all that is said, and of the marks of pictures: `ask` takes 8,000."""

MAX_LINE = 200
"""Characters of one line."""

SIDE = 448
"""Longer side of the pictures, in pixels; ours."""

_INTERLEAVED = (
    "rows = [(frame.time, 0, '[picture ' + str(at + 1) + ']') for at, frame in enumerate(shown)]\n"
    "rows = rows + [(line.start, 1, line.text[:{most}]) for line in speech[::{stride}]]\n"
    "told = ' '.join([row[2] for row in sorted(rows)])\n"
)


@strategy("interleave", "speech between the pictures by time", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to pictures and, between their numbers, what is said meanwhile.

    The question comes first, so that what it refers to is known when the lines are read. Where
    they are too many, every second one is kept, or every fourth, and that is told. Of a
    video in which nothing is said, the pictures are all there is.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: LongVideoBench (2024): subtitles interleaved with frames by their times, questions
    with a referring query first. There pictures stand within the text; here their numbers do,
    and the pictures before it. The number of frames is ours.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    video = one_video(workspace)
    name = video_name(workspace.run, video.index)
    frames = f"sample_frames({name}, count={FRAMES})"
    sources = [
        source
        for source in text_sources(workspace.run)
        if source.task == "transcribe" and source.video == video.index
    ]
    at, lines, why = workspace.start, [], "nothing is said"
    if sources:
        made = look(workspace, at, f"speech = transcribe({name})\n", "reads what is said")
        if made.outcome.status == "limit":
            return made
        if made.state is not None:
            at, lines = made, list(lines_of(made, sources))
        elif made.outcome.error is not None:
            why = f"what is said could not be read ({made.outcome.error.message})"
    if not lines:
        workspace.run.warnings.add(f"{why}: the pictures are all there is")
        return answer_round(workspace, at, frames, side=SIDE, note="answers from pictures alone")
    stride = speech_stride(lines)
    if stride > 1:
        workspace.run.warnings.add(f"one of {stride} lines of speech is told, of {len(lines)}")
    source = f"shown = {frames}\n{_INTERLEAVED.format(most=MAX_LINE, stride=stride)}"
    told = look(workspace, at, source, "interleaves speech and pictures")
    if told.state is None:
        return told
    return answer_round(
        workspace,
        told,
        "shown",
        side=SIDE,
        note="answers from pictures and speech",
        notes="['What is said, between the pictures by time: ' + told]",
    )


def speech_stride(lines: Sequence[CitableLine]) -> int:
    """Of how many lines one is told, so that all of them fit."""
    room = MAX_TEXT - FRAMES * len("[picture 32] ")
    fitting = first_fit(
        STRIDES,
        fits=lambda stride: sum(len(line.text[:MAX_LINE]) + 1 for line in lines[::stride]) <= room,
    )
    return fitting or STRIDES[-1]
