"""Which frames of a run are kept as pictures: those of the evidence, then of each line."""

from __future__ import annotations

import io
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from vprog.errors import DiskFullError, VideoError
from vprog.execute.result_cache import ResultCache
from vprog.media.run_videos import MediaSource
from vprog.trace.recorder import Recorder, current_node
from vprog.types import Evidence, Frame
from vprog.types.clock import clock
from vprog.types.locate import locations_of

MOST_PICTURES = 24
MAX_SIDE = 480
_PER_LINE = 3
_MOST_SEEN = 2000
_QUALITY = 80


class _Line(NamedTuple):
    """Where a call stands; cells of several nodes have the same numbers."""

    node: int
    cell: int
    line: int


class PictureChoice:
    """Gathers the frames that calls looked at, and keeps the best few of them at the end."""

    def __init__(self) -> None:
        self._queue: deque[tuple[_Line, Sequence[object], int]] = deque()
        """Calls in the order they came; their frames are told apart at the first need."""
        self._by_line: dict[_Line, dict[tuple[int, float], None]] = {}
        self._path: frozenset[int] | None = None
        self._lock = threading.Lock()

    def follow(self, path: Iterable[int]) -> None:
        """Of several attempts: only what these nodes looked at, or none, is shown."""
        self._path = frozenset((0, *path))

    def looked_at(self, cell: int, line: int, values: Sequence[object], video: int = 0) -> None:
        """Note the arguments and the result of a call about a video; they must not change."""
        self._queue.append((_Line(current_node(), cell, line), values, video))

    def index(self) -> None:
        """Take the frames out of what is queued, and let go of it."""
        with self._lock:  # programs of one run may call at the same time
            while self._queue:
                line, values, video = self._queue.popleft()
                frames = self._by_line.setdefault(line, {})
                for value in values:
                    for location in islice(locations_of(value, video), _MOST_SEEN):
                        if location.start is not None and len(frames) < _MOST_SEEN:
                            frames[location.video, location.start] = None

    def keep(
        self,
        evidence: Sequence[Evidence],
        media: MediaSource,
        recorder: Recorder,
        cache: ResultCache,
        warn: Callable[[str], None],
    ) -> None:
        """Write the chosen frames into the trace; decode those that the cache does not hold.

        Args:
            evidence: of the answer; its frames come first.
            media: the videos.
            recorder: of the trace.
            cache: holds pictures of earlier runs.
            warn: told which frames were not kept, and why.
        """
        chosen = self._choose(evidence)
        for index, video in enumerate(media.videos):
            if not video.n_frames:
                continue
            times = sorted({time for of_video, time in chosen if of_video == index})
            for time in times:
                try:
                    self._keep_one(index, time, media, recorder, cache)
                except DiskFullError as error:
                    warn(f"not all pictures of the trace were kept: {error}")
                    return
                except VideoError as error:
                    warn(f"the frame at {clock(time)} could not be kept: {error.message}")

    def _choose(self, evidence: Sequence[Evidence]) -> list[tuple[int, float]]:
        chosen: list[tuple[int, float]] = []
        for item in evidence:
            if item.start is not None and item.end is not None:
                chosen.append((item.video, item.start))
                if item.box is None and item.end > item.start:
                    chosen.append((item.video, (item.start + item.end) / 2))
        self.index()
        for line, frames in self._by_line.items():
            if self._path is not None and line.node not in self._path:
                continue
            step = max(1, -(-len(frames) // _PER_LINE))
            chosen.extend(list(frames)[::step])
        return list(dict.fromkeys(chosen))[:MOST_PICTURES]

    def _keep_one(
        self, index: int, time: float, media: MediaSource, recorder: Recorder, cache: ResultCache
    ) -> None:
        from PIL import Image

        key = picture_key(media.content_hash(index), time)
        jpeg = cache.get(key) if media.is_whole(index) else None
        size_wh = None if jpeg is None else _size_of(jpeg)
        if jpeg is None or size_wh is None:
            written = io.BytesIO()
            degraded: list[bool] = []
            pixels = media.pixels(
                Frame(index, time), max_side=MAX_SIDE, on_degraded=lambda: degraded.append(True)
            )
            Image.fromarray(pixels).save(written, "JPEG", quality=_QUALITY)
            jpeg = written.getvalue()
            media.check_unchanged(index)
            if media.is_known(index) and not degraded:
                cache.keep(key, jpeg, task="(pictures)")
            size_wh = pixels.shape[1], pixels.shape[0]
        recorder.keep_picture(
            index,
            time,
            jpeg,
            size_wh=size_wh,
            scale=size_wh[0] / media.video(index).width,
        )


def _size_of(jpeg: bytes) -> tuple[int, int] | None:
    """Width and height of a kept picture; None where it is none: a trace may hold anything."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
            width, height = picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return (width, height) if max(width, height) <= MAX_SIDE else None


def picture_key(content_hash: str, time: float) -> str:
    """Under which the kept picture of a video's frame lies in the cache."""
    return f"picture:{content_hash}:{time!r}:{MAX_SIDE}:{_QUALITY}"
