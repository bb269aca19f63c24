"""`find_damage`: everything is decoded once, and what the decoder and the container say is told."""

from __future__ import annotations

from collections import deque

from vprog.errors import ModuleInputError
from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Event, Span, Video

_SIDE = 32
"""Pictures are decoded whole, and given small."""


@implements("find_damage", needs=("numpy",), rank=10, backend="decoder")
class FindDamageDecode:
    """The losses that a run meets, after it has read the whole file."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(self, video: Video, *, span: Span | None = None) -> list[Event]:
        media = current()
        within = span or Span(0.0, video.duration)
        if video.n_frames:
            times = media.frame_times(video.index, span).tolist()
            deque(media.frames(video.index, times, max_side=_SIDE), maxlen=0)
        for track in media.sound_tracks(video.index):
            deque(media.sound_blocks(video.index, span, track=track.number), maxlen=0)
        events = [
            Event(damage.kind, damage.start, damage.end, 1.0)
            for damage in media.damage(video.index)
            if damage.start <= within.end and damage.end >= within.start
        ]
        if len(events) > MAX_ITEMS:
            raise ModuleInputError(
                f"find_damage(video): expected at most {MAX_ITEMS} places, got {len(events)}.",
                hint="Give a shorter span.",
            )
        return events
