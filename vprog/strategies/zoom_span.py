"""A stretch of time that a reply names to be looked at closer, and the rules it must keep.

Only numbers are taken out of a reply; nothing else of it goes further.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vprog.errors import LlmReplyError
from vprog.llm.client import excerpt
from vprog.types import Span

PAD = 5.0
"""Seconds before and after the stretch that is named."""

SHORTEST = 30.0
SHARE = 8
"""A zoom shows at least the smaller of SHORTEST seconds and one SHARE-th of the video."""

SAME = 0.3
"""Two stretches that overlap more than this, by intersection over union, are the same."""

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
class Zoom:
    """A stretch of one video, in seconds."""

    video: int
    span: Span


def read_zoom(reply: str, durations: Mapping[int, float]) -> Zoom | None:
    """The stretch that a reply names, as it names it; None if it asks for none.

    It is written `zoom [start, end]` or, where there are several videos,
    `zoom video 1 [start, end]`; of several the last counts. A single moment is a stretch
    of length 0.

    Args:
        reply: what the model that looks said.
        durations: seconds, by the index of each video that can be looked at.

    Raises:
        LlmReplyError: it asks for a stretch that cannot be read, runs backwards, or lies
            in no video.
    """
    if _WISH.search(reply) is None:
        return None
    found = list(_ZOOM.finditer(reply))
    if not found:
        raise _refusal(f'no stretch can be read from "{excerpt(reply, 80)}"')
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

    Source: LOVE-R1 (2025): 5 s on both sides, at least min(30 s, an eighth of the video).
    """
    start, end = max(0.0, span.start - PAD), min(duration, span.end + PAD)
    shortest = min(SHORTEST, duration / SHARE)
    if end - start < shortest:
        start = min(max(0.0, (start + end - shortest) / 2), duration - shortest)
        end = start + shortest
    return Span(round(start, 3), round(end, 3))


def is_repeated(zoom: Zoom, earlier: Iterable[Zoom]) -> bool:
    """Whether a zoom shows much the same as an earlier one of the same video.

    Source: LOVE-R1 (2025): intersection over union above 0.3.
    """
    return any(
        each.video == zoom.video and overlap(each.span, zoom.span) > SAME for each in earlier
    )


def overlap(one: Span, other: Span) -> float:
    """Intersection over union of two stretches, in [0, 1]; of two equal moments 1."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    whole = max(one.end, other.end) - min(one.start, other.start)
    if whole <= 0:
        return 1.0
    return max(0.0, shared) / whole


def _video(said: str | None, durations: Mapping[int, float]) -> int:
    if said is None and len(durations) == 1:
        return next(iter(durations))
    if said is None or int(said) not in durations:
        named = ", ".join(str(duration) for duration in durations)
        raise _refusal(f"it must name one of the videos {named}")
    return int(said)


def _refusal(why: str) -> LlmReplyError:
    return LlmReplyError(
        f"no stretch to zoom to: {why}.", hint="It must be: zoom [start, end], in seconds."
    )
