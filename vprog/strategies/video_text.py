"""All that is said, written and, where a VLM captions frames, shown.

It is read before anything is looked for. What is read stays in the variables of a cell; a
prompt gets it as rows of marked data, each with the variable and index by which a program
cites it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vprog.errors import AbstainedError, LlmError, VprogError
from vprog.llm.data_marks import mark_data
from vprog.runs.attempt import Attempt, came_to_nothing
from vprog.runs.combinators import first_fit
from vprog.runs.workspace import Workspace
from vprog.strategies.read_cells import (
    MAX_TEXT,
    STRIDES,
    Row,
    fitting_rows,
    lines_of,
    text_sources,
    tokens_of,
    video_name,
)
from vprog.strategies.vlm_cells import frames_of, replies_of
from vprog.types import MAX_ITEMS, Frame, Video

LENGTHS = (1.0, 8.0, 64.0)
"""Seconds; after the last one, each is double the one before.

Source: SiLVR (2025): captions of clips of 1, 8 or 64 s.
"""

CAPTION_TOKENS = 60
"""About what one caption of one or two sentences has, with its times."""

NAME = "read"
SPARE_CALLS = 20
"""Module calls that captions leave for what comes after them."""


@dataclass(frozen=True)
class VideoText:
    """What was read: the attempt whose variables hold it, and its rows as marked data.

    `nothing` says why there are no rows.
    """

    at: Attempt
    text: str
    nothing: VprogError | None = None


def read_context(workspace: Workspace, *, most_captions: int = MAX_ITEMS) -> VideoText:
    """What is said, written and shown, within `text_tokens`.

    Text is thinned until it takes all of them or, beside captions, half; the clips that are
    captioned are as short as the rest and the calls left allow. Both stand in the trace.

    Args:
        workspace: of the question.
        most_captions: a limit of the caller's own.

    Raises:
        MissingError, DiskFullError, TraceError: as `Workspace.run_cell`.
    """
    at, rows, nothing = _texts(workspace)
    seen = captioned_videos(workspace)
    most = workspace.settings.text_tokens
    if not seen:
        text, stride = fitting_rows(NAME, rows, most)
        _tell_thinned(workspace, stride, len(rows))
        return VideoText(at, text, None if rows else nothing)
    _, stride = fitting_rows(NAME, rows, most // 2)
    _tell_thinned(workspace, stride, len(rows))
    lines = rows[::stride]
    room = (most - tokens_of(NAME, lines)) // CAPTION_TOKENS
    at, captions = _captions(workspace, at, seen, min(most_captions, room))
    lines = _joined(workspace, lines, captions, most)
    return VideoText(at, mark_data(NAME, lines), None if lines else nothing)


def captioned_videos(workspace: Workspace) -> list[Video]:
    """The videos that a VLM can caption here."""
    if not {"caption", "sample_frames"} <= set(workspace.run.runtime.modules):
        return []
    return [video for video in workspace.run.media.videos if video.width and video.n_frames]


def captions_cell(workspace: Workspace, videos: Sequence[Video], length: float) -> str:
    """The lines that caption the middles of clips: `frames`, and `captions` beside them."""
    taken = [
        f"sample_frames({video_name(workspace.run, video.index)}, "
        f"count={n_clips(video.duration, length)})"
        for video in videos
    ]
    return f"frames = {' + '.join(taken)}\ncaptions = [caption(frame) for frame in frames]\n"


def clip_length(
    workspace: Workspace, videos: Sequence[Video], most: int, lengths: Sequence[float] = LENGTHS
) -> float | None:
    """The shortest clips of which there are at most so many, within the calls left.

    None if even clips as long as the videos are too many. `lengths` are those to begin with.
    """
    budget = workspace.run.budget
    most = min(most, MAX_ITEMS, budget.max_calls - budget.calls - SPARE_CALLS)
    longest = max(video.duration for video in videos)
    return first_fit(
        clip_lengths(longest, lengths),
        fits=lambda length: sum(n_clips(video.duration, length) for video in videos) <= most,
    )


def _texts(workspace: Workspace) -> tuple[Attempt, list[Row], VprogError]:
    """The try that read the text, its rows, and what to say if nothing else is found."""
    wanted = text_sources(workspace.run)
    if not wanted:
        return workspace.start, [], AbstainedError(
            "no module here reads text from this video.",
            hint="Run `vprog modules list` for what transcribe and find_text need.",
        )  # fmt: skip
    made = workspace.run_cell(
        workspace.start, "".join(source.source for source in wanted), note="reads all text"
    )
    if made.state is None:
        hint = "Take another strategy: --strategy program."
        why = came_to_nothing(made, "the text of the video could not be read", hint=hint)
        _tell(workspace, why.message)
        return workspace.start, [], why
    rows = [line.row() for line in lines_of(made, wanted)]
    return made, rows, AbstainedError(
        "nothing is said or written in the video.", hint="Take --strategy program."
    )  # fmt: skip


def _captions(
    workspace: Workspace, at: Attempt, videos: Sequence[Video], most: int
) -> tuple[Attempt, list[Row]]:
    """The try that captioned, and its rows; the one before it where that came to nothing."""
    length = clip_length(workspace, videos, most)
    if length is None:
        _tell(workspace, "no clip was captioned: neither the text nor the calls left have room")
        return at, []
    _tell(workspace, f"captions are of clips of {length:g} s: what text and calls have room for")
    note = f"captions clips of {length:g} s"
    try:
        made = workspace.run_cell(at, captions_cell(workspace, videos, length), note=note)
    except LlmError as error:
        return at, _uncaptioned(workspace, error)
    if made.state is None:
        return at, _uncaptioned(workspace, made.outcome.error)
    captions = [reply.text for reply in replies_of(made)]
    return made, [
        _caption_row(workspace, at, frame, length, text)
        for at, (frame, text) in enumerate(zip(frames_of(made), captions, strict=True))
    ]


def _uncaptioned(workspace: Workspace, error: VprogError | None) -> list[Row]:
    why = error.message if error is not None else "the cell did not run"
    _tell(workspace, f"what is shown is left out, no clip could be captioned: {why}")
    return []


def _caption_row(workspace: Workspace, at: int, frame: Frame, length: float, text: str) -> Row:
    videos = workspace.run.media.videos
    half = shared_length(videos[frame.video].duration, length) / 2
    row: Row = {
        "item": f"frames[{at}]",
        "start": round(max(0.0, frame.time - half), 2),
        "end": round(min(videos[frame.video].duration, frame.time + half), 2),
        "text": text[:MAX_TEXT],
    }
    return row if len(videos) == 1 else {**row, "video": frame.video}


def _joined(workspace: Workspace, lines: list[Row], captions: list[Row], most: int) -> list[Row]:
    """Text and captions by time; of captions longer than was reckoned, as many as fit."""
    stride = first_fit(
        STRIDES, fits=lambda stride: tokens_of(NAME, lines + captions[::stride]) <= most
    )
    kept = captions[::stride] if stride is not None else []
    if len(kept) < len(captions):
        _tell(workspace, f"{len(kept)} of {len(captions)} captions were read, for length")
    return sorted(lines + kept, key=lambda row: float(str(row["start"])))


def _tell_thinned(workspace: Workspace, stride: int, count: int) -> None:
    if count and stride > 1:
        _tell(workspace, f"one of {stride} lines of text was read, of {count}, for length")


def _tell(workspace: Workspace, text: str) -> None:
    workspace.run.warnings.add(text)


def clip_lengths(duration: float, first: Sequence[float] = LENGTHS) -> Iterator[float]:
    """Lengths of clips to choose from, shortest first; the last is at least the video's.

    Args:
        duration: of the video, in seconds.
        first: the lengths to begin with; at least one.
    """
    length = first[0]
    for length in first:
        yield length
        if length >= duration:
            return
    while length < duration:
        length *= 2
        yield length


def n_clips(duration: float, length: float) -> int:
    """Of how many clips of a length a video is; at least one."""
    return max(1, math.ceil(duration / length))


def shared_length(duration: float, length: float) -> float:
    """How long each clip is where a video is parted evenly: at most the length asked for."""
    return duration / n_clips(duration, length)
