"""`sample_frames`: frames at even distances. From the index, nothing is decoded."""

from __future__ import annotations

from typing import Annotated

from vprog.media.source import current
from vprog.registry.module import module
from vprog.types import MAX_ITEMS, RATE, Frame, Grid, Range, Span, Video
from vprog_modules.frames.sampling import check_count, even_times, shown_at, stretch_of


@module("sample_frames", backend="index")
class SampleFramesEven:
    """Puts an even grid of times over the span."""

    def __call__(
        self,
        video: Video,
        *,
        fps: Annotated[float, RATE, Grid((0.5, 1.0, 2.0, 5.0))] = 1.0,
        span: Span | None = None,
        count: Annotated[int | None, Range(1, MAX_ITEMS)] = None,
    ) -> list[Frame]:
        """Name frames at even distances: `fps` of them a second, or `count` in all.

        Args:
            video: the file.
            fps: frames per second; ignored if `count` is given.
            span: only this part of the video, in seconds; None for all of it.
            count: how many frames, spread evenly and kept off both ends: each is the
                middle of one of `count` equal parts. Fewer come back if the video has fewer.

        Returns:
            Frames in order of time, none twice; at least one. At most 2,000.

        Raises:
            ModuleInputError: more than 2,000 frames would come back (the message has the
                highest fps that fits), or the span lies outside the video.
            NoVideoStreamError: the file has no picture.

        Example:
            >>> [frame.time for frame in sample_frames(video, fps=2.0, span=Span(0, 1))]
            [0.0, 0.5, 1.0]
        """
        stretch = stretch_of("sample_frames", current(), video, span)
        if count is None:
            times = even_times(stretch, fps)
        else:
            part = (stretch.end - stretch.start) / count
            middles = [stretch.start + (k + 0.5) * part for k in range(count)]
            times = sorted({shown_at(stretch.times, middle) for middle in middles})
        check_count("sample_frames", len(times), stretch)
        return [Frame(video.index, time) for time in times]
