"""What of the videos was read for an answer, and what of them no module saw.

A picture counts for the half second before and after it, and for as long as it is on display: a
video of which one frame a second was looked at has been seen. Sound counts where its samples were
read, subtitles where they were read at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from vprog.types.frame import Video

PICTURE_S = 0.5
"""Seconds to either side that a picture counts for: half the interval of `sample_frames`."""

_GAP_S = 0.05
"""A gap that is no longer is none: times are rounded, and sounds start between two frames."""

MOST_UNSEEN = 500
"""Gaps that are listed, the longest ones; the share is of all of them."""

Span = tuple[float, float]
"""Start and end in seconds."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What one call read of one video."""

    video: int
    pictures: list[Span] = []
    sound: list[Span] = []
    subtitles: bool = False


class StreamCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a stream was read."""

    seen: float
    """Share of the video's time, in [0, 1]."""
    unseen: list[Span]
    """What was not, in order of time, at most MOST_UNSEEN spans."""


class VideoCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a video was read; None for what the file does not have."""

    video: int
    pictures: StreamCoverage | None = None
    sound: StreamCoverage | None = None
    subtitles: StreamCoverage | None = None


class SeenDraft:
    """Gathers what one call reads of one video."""

    def __init__(self) -> None:
        self.pictures: list[Span] = []
        self.sound: list[Span] = []
        self.subtitles = False

    def picture(self, time: float, shown: Span) -> None:
        """A picture was given: `time` is what was asked for, `shown` when it is on display."""
        _add(self.pictures, min(time - PICTURE_S, shown[0]), max(time + PICTURE_S, shown[1]))

    def heard(self, start: float, end: float) -> None:
        """The sound of a span was given."""
        _add(self.sound, start, end)

    def seen(self, video: int) -> Seen:
        """The same, in order."""
        return Seen(
            video=video,
            pictures=merged(self.pictures),
            sound=merged(self.sound),
            subtitles=self.subtitles,
        )


def coverage_of(videos: Sequence[Video], seen: Iterable[Seen]) -> list[VideoCoverage]:
    """How much of each video was read by the calls of a run together."""
    drafts = [SeenDraft() for _ in videos]
    for part in seen:
        if 0 <= part.video < len(drafts):
            draft = drafts[part.video]
            draft.pictures.extend(part.pictures)
            draft.sound.extend(part.sound)
            draft.subtitles = draft.subtitles or part.subtitles
    return [
        _video_coverage(video, draft.seen(index))
        for index, (video, draft) in enumerate(zip(videos, drafts, strict=True))
    ]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order of time, each time once, rounded to milliseconds."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        _add(joined, start, end)
    return [(round(start, 3), round(end, 3)) for start, end in joined]


def _add(spans: list[Span], start: float, end: float) -> None:
    """Join a span to the last one if it goes on from there; else put it behind."""
    if spans and spans[-1][0] <= start <= spans[-1][1] + _GAP_S:
        spans[-1] = (spans[-1][0], max(spans[-1][1], end))
    else:
        spans.append((start, end))


def _video_coverage(video: Video, seen: Seen) -> VideoCoverage:
    duration = video.duration
    subtitles: list[Span] = [(0.0, duration)] if seen.subtitles else []
    return VideoCoverage(
        video=video.index,
        pictures=_of_stream(seen.pictures, duration) if video.n_frames else None,
        sound=_of_stream(seen.sound, duration) if video.has_audio else None,
        subtitles=_of_stream(subtitles, duration) if video.has_subtitles else None,
    )


def _of_stream(spans: Sequence[Span], duration: float) -> StreamCoverage:
    """The share of [0, duration] that merged spans cover, and the gaps between them."""
    gaps: list[Span] = []
    at = 0.0
    for start, end in [*spans, (duration, duration)]:
        if min(start, duration) - at > _GAP_S:
            gaps.append((round(at, 3), round(min(start, duration), 3)))
        at = max(at, end)
    if not spans:
        return StreamCoverage(seen=0.0, unseen=[(0.0, round(duration, 3))])
    missing = sum(end - start for start, end in gaps)
    share = 1.0 - missing / duration if duration > 0 else 1.0
    longest = sorted(gaps, key=lambda gap: gap[0] - gap[1])[:MOST_UNSEEN]
    return StreamCoverage(seen=round(min(1.0, max(0.0, share)), 4), unseen=sorted(longest))
