"""`find_black`: when the picture is black."""

from __future__ import annotations

from typing import Annotated

from vprog.errors import ModuleInputError
from vprog.media.source import current
from vprog.registry.module import module
from vprog.types import MAX_ITEMS, Event, Grid, Range, Span, Video
from vprog_modules.frames.luma import BLACK_PIXEL, is_black, luma_of
from vprog_modules.frames.sampling import stretch_of


@module("find_black", needs=("numpy",), rank=10, backend="mean luma")
class FindBlackLuma:
    """Runs of frames that are dark nearly everywhere."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        min_length: Annotated[float, Range(0.0, 3600.0), Grid((0.05, 0.1, 0.5))] = 0.1,
    ) -> list[Event]:
        """Find the stretches in which the picture is black.

        Every frame is looked at. Black: mean luma under 0.047 and 95 % of the pixels under
        0.12, so that a small logo or line of text may stay. A dark scene is not black.

        Args:
            video: the file.
            span: only this part, in seconds; None for all of it.
            min_length: the shortest stretch, in seconds.

        Returns:
            Events of kind "black" in order of time; start: the first black frame; end:
            the first frame that is not, or the end of the video or span. Score in [0, 1]:
            the mean share of the picture that is dark. Empty if the picture is never black.

        Raises:
            ModuleInputError: more than 2,000 stretches.
            NoVideoStreamError: the file has no picture.

        Example:
            >>> [black.start for black in find_black(video)]
            [6.17, 12.15]
        """
        media = current()
        stretch = stretch_of("find_black", media, video, span)
        runs: list[tuple[float, float, list[float]]] = []  # start, end, shares of dark pixels
        shares: list[float] = []
        since = 0.0
        for time, pixels in media.frames(video.index, stretch.every_time(), max_side=160):
            luma = luma_of(pixels)
            if is_black(luma):
                since = since if shares else max(time, stretch.start)
                shares.append(float((luma < BLACK_PIXEL).mean()))
            elif shares:
                runs.append((since, time, shares))
                shares = []
        if shares:
            runs.append((since, stretch.end, shares))
        events = [
            Event("black", start, end, round(sum(dark) / len(dark), 4))
            for start, end, dark in runs
            if end - start >= min_length - 1e-6
        ]
        if len(events) > MAX_ITEMS:
            raise ModuleInputError(
                f"find_black(video): expected at most {MAX_ITEMS} stretches, got {len(events)}.",
                hint="Raise min_length or give a shorter span.",
            )
        return events
