"""The videos of a recorded run, to be played: opened again, sure to be what the run saw."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from vprog.errors import UsageError, VideoUnreadableError
from vprog.media.browser_proxy import KINDS, LONGEST_S, ProxyName, kinds_here, proxy_bytes
from vprog.media.media_pool import MediaPool
from vprog.media.run_file import MediaFile, open_media
from vprog.trace.event import VideoOpened
from vprog.view.html.page_data import Clip
from vprog.view.model import RunModel

AROUND_S = 5.0
"""So much before and after a cited moment goes into a page."""
_MOST_INSIDE_S = 240.0
"""Of all videos of a page: some 10 MB."""


def open_recorded(
    opened: VideoOpened, *, moved_to: Path | None = None, pool: MediaPool | None = None
) -> MediaFile:
    """The file of a recorded run.

    A trace may be anybody's, and may name any file: one whose content is not that of the recorded
    file is not shown.

    Raises:
        VideoNotFoundError: it is not there.
        VideoUnreadableError: it cannot be read, or is another than the recorded one.
    """
    subtitles = opened.subtitles if moved_to is None else None
    file = open_media(moved_to or opened.path, subtitles=subtitles, pool=pool)
    if file.content_hash != opened.content_hash:
        file.close()
        raise VideoUnreadableError(
            f"{file.path}: not the file of the recorded run: its content, or that of the "
            "subtitles beside it, has changed.",
            hint="Name the file as it was: --moved PATH.",
        )
    return file


def check_kind(kind: str) -> ProxyName:
    """The kind of proxies of a name, sure to be one that can be made here.

    Raises:
        UsageError: they cannot.
    """
    known = {name: name for name in kinds_here()}
    if kind not in known:
        raise UsageError(
            f"video as {kind!r}: cannot be made here.", hint=f"Can be made: {', '.join(known)}."
        )
    return known[kind]


def clips_inside(
    model: RunModel,
    videos: Sequence[VideoOpened],
    kind: str,
    *,
    moved_to: Sequence[Path] = (),
) -> list[Clip]:
    """The cited spans with some seconds around them, as clips with their content.

    Args:
        model: of the run.
        videos: of the run.
        kind: of proxy, a name in vprog.media.browser_proxy.KINDS.
        moved_to: where the videos lie now, in their order, if not where they lay.

    Raises:
        VideoError: a video that is cited is not there, is another, or cannot be decoded.
    """
    clips: list[Clip] = []
    left = _MOST_INSIDE_S
    for index, opened in enumerate(videos):
        spans = list(_spans(model, index, opened.video.duration))
        if not spans or left <= 0:
            continue
        file = open_recorded(opened, moved_to=moved_to[index] if index < len(moved_to) else None)
        try:
            for start, end in spans:
                for since, until in pairwise(_pieces(start, min(end, start + left))):
                    content = proxy_bytes(file, since, until, kind)
                    source = f"data:{KINDS[kind].type.split(';')[0]};base64,"
                    clips.append(
                        Clip(
                            video=index,
                            start=since,
                            end=until,
                            source=source + base64.b64encode(content).decode(),
                            type=KINDS[kind].type,
                        )
                    )
                left -= end - start
                if left <= 0:
                    break
        finally:
            file.close()
    return clips


def _spans(model: RunModel, video: int, duration: float) -> Iterator[tuple[float, float]]:
    """What is cited of a video and what is near it, widened, joined, in order of time."""
    moments = [moment for moment in model.player.moments if moment.video == video]
    times = [(moment.start, moment.end) for moment in moments]
    times += [
        (miss.time, miss.time)
        for miss in model.player.near
        if model.player.things[miss.thing].video == video
    ]
    if (
        sum(end - start for start, end in _joined(times)) > _MOST_INSIDE_S
    ):  # of long ones the beginnings
        times = [(start, start) for start, _ in times]
    yield from _joined(
        (max(0.0, start - AROUND_S), min(duration, end + AROUND_S)) for start, end in times
    )


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _pieces(start: float, end: float) -> list[float]:
    """The edges of pieces that a proxy may have."""
    count = max(1, -(-round((end - start) * 1000) // round(LONGEST_S * 1000)))
    return [start + (end - start) * number / count for number in range(count + 1)]
