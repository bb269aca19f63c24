"""`zoom`: many small frames of all of it; then few and large ones of the part that matters."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from vprog.errors import LlmReplyError
from vprog.llm.language_model import excerpt
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import until
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import PATH, answer_from_frames, kind_of, need_vlm
from vprog.strategies.read_cells import video_name
from vprog.strategies.strategy import strategy
from vprog.strategies.vlm_cells import asked_with, even_frames, look, reply_text, seen_videos
from vprog.types import Span, Video
from vprog.types.time import span_iou

MANY = 128
FPS = 2.0
"""Small frames: so many a second, up to MANY, the most that one look takes."""

FRAMES = 32
"""Large frames of a zoom."""

SMALL = 224
LARGE = 588
"""Longer side in pixels: of a 16:9 picture about 32 and 256 patches of 28 x 28."""

TRIES = 2
"""How often a span is asked for in one view before the answer is forced."""

PAD = 5.0
PAD_SHARE = 20
"""Before and after the span that is named: so many seconds, or one such part of a short video."""

SHORTEST = 30.0
SHARE = 8
"""A zoom shows at least the smaller of SHORTEST seconds and one SHARE-th of the video, but no
less than a second."""

SAME = 0.3
"""Two spans that overlap more than this, by intersection over union, are the same."""

_TIME = r"-?\d{1,7}(?:\.\d{1,6})?"
_UNIT = r"(?:\s*s(?:ec(?:onds?)?)?)?"
_WISH = re.compile(r"\bzoom\b", re.IGNORECASE)

_ZOOM = re.compile(
    rf"\bzoom\b(?:\s*(?:in|on|into|to))?[\s:]*(?:video\s*(?P<video>\d{{1,4}})[\s:,]*)?"
    rf"[\[(]?\s*(?P<start>{_TIME}){_UNIT}\s*(?:,|;|-|–|to)\s*(?P<end>{_TIME}){_UNIT}"
    r"(?![\w:]|\.\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _View:
    """What is being looked at; `side` is that of its pictures.

    `told` is what was wrong with the span that was named in it; `n_tries` how often one
    was asked for.
    """

    at: Attempt
    frames: str
    side: int = SMALL
    zooms: tuple[Zoom, ...] = ()
    told: str = ""
    n_tries: int = 0
    is_over: bool = False


@strategy("zoom", "many small frames, then few large ones of a part", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer of the VLM to the last view of the video.

    In each view it replies with the answer, or with a span to be looked at closer. There
    are `rounds` views, at most: the first of everything, the others of spans, and in
    the last one it must answer. A span that shows much the same as an earlier one is
    refused, and so is one that cannot be read: that is told, and asked for once more. The
    answer is asked for in the form of the question's kind, as the fast path does.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: there is nothing to look at.

    Source: LOVE-R1 (2025): many small frames at 2 a second (there up to 768), then at most 32
    large ones, two zooms, then a forced answer. FrameThinker (2025): no span twice, a
    refused action is told.
    """
    need_vlm(workspace, "ask")
    workspace.path = PATH
    videos = {seen_video.index: seen_video for seen_video in seen_videos(workspace.run)}
    most = workspace.settings.rounds - 1
    seen = until(
        lambda view, _: _step(workspace, view, videos),
        _View(workspace.start, _small_frames(workspace, list(videos.values()))),
        stop=lambda view: view.is_over or len(view.zooms) >= most or view.n_tries >= TRIES,
        rounds=TRIES * max(0, most),
    )
    if seen.at.state is None:
        return seen.at
    kind = kind_of(workspace.run.text, has_choices=bool(workspace.run.choices))
    shown = ", Span(frames[0].time, frames[-1].time)" if seen.zooms else ""
    answer = answer_from_frames(kind, more=f", max_side={seen.side}", evidence=f"reply{shown}")
    return look(
        workspace, seen.at, f"frames = {seen.frames}\n{answer}", "answers from the last view"
    )


def _small_frames(workspace: Workspace, videos: Sequence[Video]) -> str:
    """The expression for many small frames of all videos."""
    count = math.ceil(FPS * sum(video.duration for video in videos))
    return even_frames(workspace.run, videos, min(MANY, max(FRAMES, count)))


def _step(workspace: Workspace, view: _View, videos: dict[int, Video]) -> _View:
    """Ask for the answer or a span, and go where the reply says."""
    asked = asked_with(workspace.run, _order(videos, view.told))
    source = f"frames = {view.frames}\nreply = ask(frames, {asked}, max_side={view.side})\n"
    made = look(workspace, view.at, source, f"looks at frames of {view.side} pixels")
    if made.state is None:
        return replace(view, at=made, is_over=True)
    durations = {index: video.duration for index, video in videos.items()}
    try:
        wanted = read_zoom(reply_text(made), durations)
        if wanted is None:
            return replace(view, at=made, is_over=True)
        zoom = Zoom(wanted.video, padded(wanted.span, durations[wanted.video]))
        if is_repeated(zoom, view.zooms):
            raise LlmReplyError(
                f"{zoom.span.start:g} to {zoom.span.end:g} s was looked at already.",
                hint="Name another span.",
            )
    except LlmReplyError as error:
        workspace.run.warnings.add(f"a zoom was refused: {error.message}")
        told = _told(view.zooms) if view.zooms else "It must be: zoom [start, end], in seconds."
        return replace(view, at=made, told=told, n_tries=view.n_tries + 1)
    span = f"Span({zoom.span.start!r}, {zoom.span.end!r})"
    frames = f"sample_frames({video_name(workspace.run, zoom.video)}, span={span}, count={FRAMES})"
    return _View(made, frames, LARGE, (*view.zooms, zoom))


def _order(videos: dict[int, Video], told: str) -> str:
    several = len(videos) > 1
    form = "zoom video N [start, end]" if several else "zoom [start, end]"
    lasting = "; ".join(
        f"video {index} lasts {video.duration:.1f} s"
        if several
        else f"it lasts {video.duration:.1f} s"
        for index, video in videos.items()
    )
    return (
        "If these frames show the answer, reply with the answer. If a part of the video must "
        f"be looked at closer first, reply with nothing but: {form}, in seconds ({lasting})."
        + (f" {told}" if told else "")
    )


def _told(zooms: tuple[Zoom, ...]) -> str:
    listed = ", ".join(f"{zoom.span.start:g} to {zoom.span.end:g} s" for zoom in zooms)
    return f"Already looked at closer: {listed}. Name another part, or reply with the answer."


@dataclass(frozen=True)
class Zoom:
    """A span of one video, in seconds."""

    video: int
    span: Span


def read_zoom(reply: str, durations: Mapping[int, float]) -> Zoom | None:
    """The span that a reply names, as it names it; None if it asks for none.

    It is written `zoom [start, end]` or, where there are several videos,
    `zoom video 1 [start, end]`; of several the last counts. A single moment is a span
    of length 0.

    Args:
        reply: what the VLM said.
        durations: seconds, by the index of each video that can be looked at.

    Raises:
        LlmReplyError: it asks for a span that cannot be read, runs backwards, or lies
            in no video.
    """
    if _WISH.search(reply) is None:
        return None
    found = list(_ZOOM.finditer(reply))
    if not found:
        raise _refusal(f'no span can be read from "{excerpt(reply, 80)}"')
    said = found[-1]
    start, end = float(said["start"]), float(said["end"])
    video = _video(said["video"], durations)
    if start > end:
        raise _refusal(f"{start:g} to {end:g} s runs backwards")
    if start >= durations[video] or end < 0:
        raise _refusal(
            f"{start:g} to {end:g} s lies outside the video, which lasts {durations[video]:.1f} s"
        )
    return Zoom(video, Span(max(0.0, start), min(end, durations[video])))


def padded(span: Span, duration: float) -> Span:
    """What a zoom to a span shows: some seconds around it, long enough, within the video.

    Source: LOVE-R1 (2025): 5 s on both sides, at least min(30 s, an eighth of the video). There
    the videos are long: of 10 s, such a margin would be all.
    """
    pad = min(PAD, duration / PAD_SHARE)
    start, end = max(0.0, span.start - pad), min(duration, span.end + pad)
    shortest = min(duration, max(1.0, min(SHORTEST, duration / SHARE)))
    if end - start < shortest:
        start = min(max(0.0, (start + end - shortest) / 2), duration - shortest)
        end = start + shortest
    return Span(round(start, 3), round(end, 3))


def is_repeated(zoom: Zoom, earlier: Iterable[Zoom]) -> bool:
    """Whether a zoom shows much the same as an earlier one of the same video.

    One that is half as long, or shorter, is a closer look.

    Source: LOVE-R1 (2025): intersection over union above 0.3.
    """
    length = zoom.span.end - zoom.span.start
    return any(
        shown.video == zoom.video
        and span_iou(shown.span, zoom.span) > SAME
        and length > (shown.span.end - shown.span.start) / 2
        for shown in earlier
    )


def _video(said: str | None, durations: Mapping[int, float]) -> int:
    if said is None and len(durations) == 1:
        return next(iter(durations))
    if said is None or int(said) not in durations:
        named = ", ".join(str(duration) for duration in durations)
        raise _refusal(f"it must name one of the videos {named}")
    return int(said)


def _refusal(why: str) -> LlmReplyError:
    return LlmReplyError(
        f"no span to zoom to: {why}.", hint="It must be: zoom [start, end], in seconds."
    )
