"""What every recogniser of speech shares: which track is listened to, and words as sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vprog.errors import ModuleInputError
from vprog.media.track_words import track_words
from vprog.registry.call_context import CallContext, current
from vprog.types import MAX_ITEMS, Span, Speech, Video, Word
from vprog_modules.sound.sound_windows import listening_span, name_track, tracks_to_hear
from vprog_modules.speech.subtitle_speech import subtitle_speech

CONTEXT_S = 10.0
"""What is listened to around a span, and left out again: the words alone are told less well."""

BREAK_S = 0.5
"""A pause from which speech is told apart."""

Listen = Callable[[CallContext, Video, Span, Span, int], list[Speech]]
"""Of a recogniser: the context, the video, what to listen to, the part of it whose words are
wanted, the number of the sound track."""


def speech_of(
    video: Video, span: Span | None, audio_track: int, subtitle_track: int, listen: Listen
) -> list[Speech]:
    """From subtitles if there are any, else by listening to the first track that has speech.

    Raises:
        NoAudioStreamError: the file has neither subtitles nor sound.
        ModuleInputError: more than 2,000 pieces of speech, or there is no such track.
    """
    media = current()
    read = subtitle_speech(media, video, span, audio_track, subtitle_track)
    if read is not None:
        return read
    wanted = listening_span("transcribe", media, video, span)
    wider = Span(wanted.start - CONTEXT_S, wanted.end + CONTEXT_S)
    listening = listening_span("transcribe", media, video, wider)
    tracks = tracks_to_hear("transcribe", media, video, audio_track)
    speech: list[Speech] = []
    for track in tracks:
        speech = listen(media, video, listening, wanted, track.number)
        if speech:
            name_track(media, video, tracks, f"{track_words(track)} has the speech")
            break
    else:
        name_track(media, video, tracks, "none has speech in it")
    if len(speech) > MAX_ITEMS:
        raise ModuleInputError(
            f"transcribe(video): expected at most {MAX_ITEMS} pieces of speech, got {len(speech)}.",
            hint=f"Transcribe in parts; the first ends at {speech[MAX_ITEMS - 1].end:.0f} s.",
        )
    return speech


def is_within(word: Word, span: Span) -> bool:
    """Whether the middle of a word lies in a span."""
    return span.start <= (word.start + word.end) / 2 <= span.end


def sentences(words: Sequence[Word], source: str) -> list[Speech]:
    """Words as speech, told apart by pauses."""
    lines: list[list[Word]] = []
    for word in words:
        if lines and word.start - lines[-1][-1].end < BREAK_S:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [
        Speech(
            " ".join(word.text for word in line),
            line[0].start,
            line[-1].end,
            round(sum(word.score for word in line) / len(line), 3),
            source,
            line,
        )
        for line in lines
    ]
