"""A round with the VLM: frames, an order, and a reply that is read; what cannot be is told once.

Also the two things that many replies name: pictures by number, and spans in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from vprog.errors import LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.prompt.extract import last_object
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import answer_from_frames, kind_of
from vprog.strategies.vlm_cells import asked_with, frames_of, look, reply_text, seen_videos
from vprog.types import Frame, Span, Video

TRIES = 2
"""How often one thing is asked for; the second time with what was wrong."""

SHORTEST = 0.1
"""Seconds of the shortest span that is shown: a moment has a frame on it."""

T = TypeVar("T")


@dataclass(frozen=True)
class VlmRound(Generic[T]):
    """What was read of a reply; None where nothing was, or where the cell did not end well."""

    at: Attempt
    frames: tuple[Frame, ...] = ()
    read: T | None = None

    @property
    def is_over(self) -> bool:
        """No cell can go on from it: the budget ended, or a module failed."""
        return self.at.state is None


def ask_round(
    workspace: Workspace,
    at: Attempt,
    frames: str,
    order: str,
    read: Callable[[str, Sequence[Frame]], T],
    *,
    side: int,
    note: str,
    name: str = "frames",
    tries: int = TRIES,
    notes: Sequence[str] = (),
) -> VlmRound[T]:
    """Show frames with the question and an order; read the reply.

    Args:
        workspace: of the question.
        at: the attempt to go on from.
        frames: the expression for what is shown, of module calls alone.
        order: what is to be replied, in words of ours.
        read: makes of a reply and the frames what is wanted; raises LlmReplyError, whose hint
            goes to the model.
        side: the longer side of the pictures.
        note: what the trace says.
        name: the variable that holds the frames.
        tries: how often it is asked.
        notes: what else is told, in words of others.

    Raises:
        As `look`.
    """
    told = ""
    shown: tuple[Frame, ...] = ()
    for _ in range(tries):
        asked = asked_with(workspace.run, order + told, notes)
        source = f"{name} = {frames}\nreply = ask({name}, {asked}, max_side={side})\n"
        at = look(workspace, at, source, note)
        shown = tuple(frames_of(at))
        if at.state is None:
            break
        try:
            return VlmRound(at, shown, read(reply_text(at), shown))
        except LlmReplyError as error:
            workspace.run.warnings.add(f"a reply was refused: {error.message}")
            told = f" {error.hint}"
    return VlmRound(at, shown)


def answer_round(
    workspace: Workspace,
    at: Attempt,
    frames: str,
    *,
    side: int,
    note: str,
    notes: str = "",
    evidence: str = "reply",
) -> Attempt:
    """Answer from frames, in the form of the question's kind.

    Args:
        workspace: of the question.
        at: the attempt to go on from.
        frames: the expression for what is shown.
        side: the longer side of the pictures.
        note: what the trace says.
        notes: the expression for what else is told, a list of texts.
        evidence: what the answer names.

    Raises:
        As `look`.
    """
    kind = kind_of(workspace.run.text, has_choices=bool(workspace.run.choices))
    more = f", notes={notes}" if notes else ""
    lines = answer_from_frames(kind, more=f"{more}, max_side={side}", evidence=evidence)
    return look(workspace, at, f"frames = {frames}\n{lines}", note)


def one_video(workspace: Workspace) -> Video:
    """The first video that has a picture; that others are left out is told.

    Raises:
        AbstainedError: none has one.
    """
    videos = seen_videos(workspace.run)
    if len(workspace.run.media.videos) > 1:
        count = len(workspace.run.media.videos)
        workspace.run.warnings.add(f"of {count} videos only video {videos[0].index} is looked at")
    return videos[0]


def span_frames(name: str, span: Span, count: int) -> str:
    """The expression for frames of a span of a video."""
    return f"sample_frames({name}, span=Span({span.start!r}, {span.end!r}), count={count})"


def read_object(reply: str) -> dict[str, object]:
    """The JSON object of a reply.

    Raises:
        LlmReplyError: there is none; the hint is for the model.
    """
    try:
        return last_object(reply)
    except LlmReplyError as error:
        raise LlmReplyError(error.message, hint="It must be JSON of that form.") from error


def read_pictures(
    reply: str, n_pictures: int, *, most: int, key: str = "pictures"
) -> tuple[int, ...]:
    """The pictures that a JSON object of a reply lists by number from 1: their places from 0.

    Doubles are dropped; they come in order of time. None at all is an empty list.

    Raises:
        LlmReplyError: it lists none of the form asked for, more than `most`, or one that was
            not shown.
    """
    numbers = read_object(reply).get(key)
    given = numbers if isinstance(numbers, list) else [None]
    listed = sorted({number for number in given if type(number) is int})
    if (
        not all(type(number) is int for number in given)
        or len(listed) > most
        or any(not 1 <= number <= n_pictures for number in listed)
    ):
        raise LlmReplyError(
            f'no pictures can be read from "{excerpt(reply, 80)}".',
            hint=f'It must be JSON with "{key}": a list of at most {most} numbers from 1 to '
            f"{n_pictures}.",
        )
    return tuple(number - 1 for number in listed)


def read_span(value: object, duration: float, shown: Collection[Span] = ()) -> Span:
    """A span of a video that JSON gives as [start, end], cut to the video.

    A moment is widened to SHORTEST; spans that were `shown` must not come again.

    Raises:
        LlmReplyError: it is none, runs backwards, lies outside the video, or was shown already.
    """
    ends = [float(end) for end in value if _is_number(end)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(ends) != 2 or len(value) != 2:
        raise _no_span(value, duration)
    start, end = ends
    if start > end or start >= duration or end < 0:
        raise _no_span(value, duration)
    start, end = max(0.0, start), min(duration, end)
    if end - start < SHORTEST:
        start = max(0.0, min(start, duration - SHORTEST))
        end = min(duration, start + SHORTEST)
    span = Span(round(start, 3), round(end, 3))
    if span in shown:
        raise LlmReplyError(
            f"{span.start:g} to {span.end:g} s was shown already.",
            hint="That part was shown already: it must be another, or none.",
        )
    return span


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) < 1e9  # type: ignore[arg-type]


def _no_span(value: object, duration: float) -> LlmReplyError:
    return LlmReplyError(
        f'no span of the video can be read from "{excerpt(str(value), 80)}".',
        hint=f"A span must be [start, end] in seconds, within 0 and {duration:.1f}.",
    )
