"""`find_silence`: when nothing is heard."""

from __future__ import annotations

from typing import Annotated

from vprog.errors import ModuleInputError
from vprog.media.source import current
from vprog.registry.module import module
from vprog.types import MAX_ITEMS, Event, Grid, Range, Span, Video
from vprog_modules.sound.sound_windows import decibels, heard_stretch, runs_of, window_powers

WINDOW = 0.02
"""Seconds over which the level is taken."""


@module("find_silence", needs=("numpy",), rank=10, backend="RMS level")
class FindSilenceLevel:
    """Runs of short windows whose RMS level stays under a limit."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        level: Annotated[float, Range(-100.0, 0.0), Grid((-60.0, -50.0, -40.0))] = -50.0,
        min_length: Annotated[float, Range(0.0, 3600.0), Grid((0.1, 0.3, 1.0))] = 0.3,
    ) -> list[Event]:
        """Find the stretches in which the sound is silent.

        Silence is a level: a pause of a speaker in a noisy room is none. For pauses in
        speech look at what lies between the events of find_speech.

        Args:
            video: the file. One with a silent sound track is silent for its whole length.
            span: only this part, in seconds; None for all of it.
            level: what stays under this is silence, in dBFS.
            min_length: the shortest stretch, in seconds.

        Returns:
            Events of kind "silence" in order of time, to 0.02 s. Score in [0, 1]: how far
            the stretch lies under `level` (0.5 at 6 dB, 0.9 at 20 dB, 1 without any sound).
            Empty if there is no silence.

        Raises:
            NoAudioStreamError: the file has no sound track: ask `video.has_audio` first.
            ModuleInputError: more than 2,000 stretches.

        Example:
            >>> [(quiet.start, quiet.end) for quiet in find_silence(video, min_length=1.0)]
            [(3.42, 5.1)]
        """
        media = current()
        stretch = heard_stretch("find_silence", media, video, span)
        powers = window_powers(media, video, stretch, WINDOW)
        limit = max(level, -99.99)
        events: list[Event] = []
        for first, last in runs_of(decibels(powers) < limit):
            start = stretch.start + first * WINDOW
            end = min(stretch.start + last * WINDOW, stretch.end)
            if end - start >= min_length - 1e-6:
                heard = float(powers[first:last].mean()) ** 0.5 / 10 ** (limit / 20)
                score = round(min(1.0, max(0.0, 1.0 - heard)), 4)
                events.append(Event("silence", round(start, 6), round(end, 6), score))
        if len(events) > MAX_ITEMS:
            lengths = sorted((event.end - event.start for event in events), reverse=True)
            raise ModuleInputError(
                f"find_silence(video): expected at most {MAX_ITEMS} stretches, got {len(events)}.",
                hint=f"Use min_length={lengths[MAX_ITEMS] + 0.01:.2f} or more, or a shorter span.",
            )
        return events
