"""`measure_loudness`: how loud the sound is through time."""

from __future__ import annotations

import math

from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Level, Span, Video
from vprog_modules.sound.sound_windows import decibels, heard_powers, listening_span, window_count


@implements("measure_loudness", needs=("numpy",), rank=10, backend="RMS level", version="2")
class MeasureLoudnessRms:
    """Root mean square of each window of the sound, in dBFS."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        step: float = 0.1,
        audio_track: int = 0,
    ) -> list[Level]:
        media = current()
        listening = listening_span("measure_loudness", media, video, span)
        step *= max(1, math.ceil(window_count(listening, step) / MAX_ITEMS))
        powers = heard_powers("measure_loudness", media, video, listening, step, audio_track)
        return [
            Level(round(listening.start + at * step, 6), round(float(value), 2))
            for at, value in enumerate(decibels(powers))
        ]
