"""Which frames of a run are kept as pictures: those of the evidence, then of each line."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from vprog.errors import DiskFullError, VideoError
from vprog.execute.result_cache import ResultCache
from vprog.media.source import MediaSource
from vprog.trace.recorder import Recorder, current_node
from vprog.types import Evidence, Frame
from vprog.types.locate import locations_of

MOST_PICTURES = 24
MAX_SIDE = 480
_PER_LINE = 3
_MOST_SEEN = 2000
_QUALITY = 80


class PictureChoice:
    """Gathers the frames that calls looked at, and keeps the best few of them at the end."""

    def __init__(self) -> None:
        self._by_line: dict[tuple[int, int, int], dict[tuple[int, float], None]] = {}
        """By node, cell and line: cells of several nodes have the same places."""
        self._path: frozenset[int] | None = None

    def follow(self, path: Iterable[int]) -> None:
        """Of a search: only what these nodes looked at, and what belongs to none, is kept."""
        self._path = frozenset((0, *path))

    def looked_at(self, cell: int, line: int, values: Iterable[object], video: int = 0) -> None:
        """Note the frames in the arguments and the result of a call about a video."""
        seen = self._by_line.setdefault((current_node(), cell, line), {})
        for value in values:
            for place in islice(locations_of(value, video), _MOST_SEEN):
                if place.start is not None and len(seen) < _MOST_SEEN:
                    seen[place.video, place.start] = None

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
            times = sorted({time for at, time in chosen if at == index})
            for time in times:
                try:
                    self._keep_one(index, time, media, recorder, cache)
                except DiskFullError as error:
                    warn(f"not all pictures of the trace were kept: {error}")
                    return
                except VideoError as error:
                    warn(f"the frame at {time:.3f} s could not be kept: {error.message}")

    def _choose(self, evidence: Sequence[Evidence]) -> list[tuple[int, float]]:
        chosen: list[tuple[int, float]] = []
        for item in evidence:
            if item.start is not None and item.end is not None:
                chosen.append((item.video, item.start))
                if item.box is None and item.end > item.start:
                    chosen.append((item.video, (item.start + item.end) / 2))
        for (node, _, _), seen in self._by_line.items():
            if self._path is not None and node not in self._path:
                continue
            inner = list(seen)
            step = max(1, -(-len(inner) // _PER_LINE))
            chosen.extend(inner[::step])
        return list(dict.fromkeys(chosen))[:MOST_PICTURES]

    def _keep_one(
        self, index: int, time: float, media: MediaSource, recorder: Recorder, cache: ResultCache
    ) -> None:
        from PIL import Image

        key = picture_key(media.content_hash(index), time)
        jpeg = cache.get(key)
        if jpeg is None:
            written = io.BytesIO()
            pixels = media.pixels(Frame(index, time), max_side=MAX_SIDE)
            Image.fromarray(pixels).save(written, "JPEG", quality=_QUALITY)
            jpeg = written.getvalue()
            cache.keep(key, jpeg, task="(pictures)")
        with Image.open(io.BytesIO(jpeg)) as picture:
            width, height = picture.size
        recorder.keep_picture(
            index,
            time,
            jpeg,
            size_wh=(width, height),
            scale=width / media.video(index).width,
        )


def picture_key(content_hash: str, time: float) -> str:
    """Under which the kept picture of a video's frame lies in the cache."""
    return f"picture:{content_hash}:{time!r}:{MAX_SIDE}:{_QUALITY}"
