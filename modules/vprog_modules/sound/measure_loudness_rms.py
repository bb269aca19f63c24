"""`measure_loudness`: how loud the sound is through time."""

from __future__ import annotations

import math
from typing import Annotated

from vprog.media.source import current
from vprog.registry.module import module
from vprog.types import MAX_ITEMS, Grid, Level, Range, Span, Video
from vprog_modules.sound.sound_windows import decibels, heard_stretch, window_count, window_powers


@module("measure_loudness", needs=("numpy",), rank=10, backend="RMS level")
class MeasureLoudnessRms:
    """Root mean square of each window of the sound, in dBFS."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        step: Annotated[float, Range(0.005, 3600.0), Grid((0.05, 0.1, 0.5))] = 0.1,
    ) -> list[Level]:
        """Measure how loud the sound is, in one window after the other.

        Args:
            video: the file.
            span: only this part, in seconds; None for all of it.
            step: length of a window, in seconds.

        Returns:
            Levels in order of time; time: the start of the window, in seconds; value: its
            RMS level in dBFS: 0 is the loudest there can be, speech is often -30 to -15,
            under -50 little is heard, -100 is no sound at all. At most 2,000: where there
            would be more, the windows are as many times `step` long as needed.

        Raises:
            NoAudioStreamError: the file has no sound.

        Example:
            >>> loudest = max(measure_loudness(video), key=lambda level: level.value).time
        """
        media = current()
        stretch = heard_stretch("measure_loudness", media, video, span)
        step *= max(1, math.ceil(window_count(stretch, step) / MAX_ITEMS))
        levels = decibels(window_powers(media, video, stretch, step))
        return [
            Level(round(stretch.start + at * step, 6), round(float(value), 2))
            for at, value in enumerate(levels)
        ]
