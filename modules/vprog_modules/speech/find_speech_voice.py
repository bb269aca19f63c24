"""`find_speech`: when somebody speaks (voice activity)."""

from __future__ import annotations

from vprog.errors import ModuleInputError
from vprog.media.track_words import track_words
from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Event, Span, Video
from vprog_modules.sound.sound_windows import (
    listening_span,
    name_track,
    overlapped,
    tracks_to_hear,
)
from vprog_modules.speech.voice import MARGIN, Utterance, utterances, voice_of


@implements(
    "find_speech",
    needs=("numpy",),
    rank=10,
    backend="voicing, pitch and syllable rhythm",
    version="3",
)
class FindSpeechVoice:
    """Looks for the signs of a speaking voice; uses no model."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(
        self, video: Video, *, span: Span | None = None, audio_track: int = 0
    ) -> list[Event]:
        media = current()
        listening = listening_span("find_speech", media, video, span)
        tracks = tracks_to_hear("find_speech", media, video, audio_track)
        found: list[Utterance] = []
        for track in tracks:
            blocks = media.sound_blocks(video.index, listening, track=track.number)
            voice = voice_of(overlapped(blocks, MARGIN, MARGIN))
            found = utterances(voice)
            if found:
                name_track(media, video, tracks, f"{track_words(track)} has the speech")
                break
        else:
            name_track(media, video, tracks, "none has speech in it")
        if len(found) > MAX_ITEMS:
            at = listening.start + found[MAX_ITEMS].start
            raise ModuleInputError(
                f"find_speech(video): expected at most {MAX_ITEMS} spans, got {len(found)}.",
                hint=f"Use span=Span({listening.start:.0f}, {at:.0f}) and go on from there.",
            )
        return [
            Event(
                "speech",
                round(listening.start + item.start, 3),
                round(min(listening.end, listening.start + item.end), 3),
                item.score,
            )
            for item in found
        ]
