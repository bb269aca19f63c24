"""`find_silence`: when nothing is heard."""

from __future__ import annotations

from vprog.errors import ModuleInputError
from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Event, Span, Video
from vprog_modules.sound.sound_windows import decibels, heard_powers, listening_span, runs_of

WINDOW = 0.02
"""Seconds over which the level is taken."""


@implements("find_silence", needs=("numpy",), rank=10, backend="RMS level", version="2")
class FindSilenceLevel:
    """Runs of short windows whose RMS level stays under a limit."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        level: float = -50.0,
        min_length: float = 0.3,
        audio_track: int = 0,
    ) -> list[Event]:
        media = current()
        listening = listening_span("find_silence", media, video, span)
        powers = heard_powers("find_silence", media, video, listening, WINDOW, audio_track)
        limit = max(level, -99.99)
        events: list[Event] = []
        for first, last in runs_of(decibels(powers) < limit):
            start = listening.start + first * WINDOW
            end = min(listening.start + last * WINDOW, listening.end)
            if end - start >= min_length - 1e-6:
                heard = float(powers[first:last].mean()) ** 0.5 / 10 ** (limit / 20)
                score = round(min(1.0, max(0.0, 1.0 - heard)), 4)
                events.append(Event("silence", round(start, 6), round(end, 6), score))
        if len(events) > MAX_ITEMS:
            lengths = sorted((event.end - event.start for event in events), reverse=True)
            raise ModuleInputError(
                f"find_silence(video): expected at most {MAX_ITEMS} spans, got {len(events)}.",
                hint=f"Use min_length={lengths[MAX_ITEMS] + 0.01:.2f} or more, or a shorter span.",
            )
        return events
