"""What every recogniser of speech shares: which track is listened to, and words as sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from vprog.errors import ModuleInputError
from vprog.media.track_words import track_words
from vprog.registry.call_context import CallContext, current
from vprog.types import MAX_ITEMS, Span, Speech, Video, Word
from vprog.types.clock import clock_span
from vprog_modules.sound.sound_windows import listening_span, name_track, overlapped, tracks_to_hear
from vprog_modules.speech.subtitle_speech import subtitle_speech
from vprog_modules.speech.voice import MARGIN, utterances, voice_of

CONTEXT_S = 10.0
"""What is listened to around a span, and left out again: the words alone are told less well."""

AROUND_S = 0.3
"""Of sound, given around what is said."""

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


def warn_of_doubted(media: CallContext, doubted: Span, wanted: Span) -> None:
    """Tell where something is said that the recogniser was at a loss with."""
    if doubted.start < wanted.end and doubted.end > wanted.start:
        where = clock_span(doubted.start, doubted.end)
        media.warn(f"what is said at {where} could not be made out")


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


def spoken_windows(
    media: CallContext,
    video: Video,
    listening: Span,
    track: int,
    *,
    longest_s: float,
    pause_s: float,
    unbroken_s: float | None = None,
) -> Iterator[Span]:
    """Where somebody speaks, in windows that are recognised at once, cut at pauses.

    Args:
        media: what gives the sound.
        video: whose sound.
        listening: the part of it that is listened to.
        track: number of the sound track.
        longest_s: utterances are gathered up to this, seconds.
        pause_s: a pause from which another window begins, so that silence is not listened to.
        unbroken_s: who never pauses is cut into windows of at most this; `longest_s` and the
            sound around it by default.
    """
    most_s = longest_s + 2 * AROUND_S if unbroken_s is None else unbroken_s
    blocks = media.sound_blocks(video.index, listening, track=track)
    voice = voice_of(overlapped(blocks, MARGIN, MARGIN))
    start = end = -1.0
    for utterance in utterances(voice, limit=0.3, edge_db=math.inf):
        if start >= 0 and (utterance.start - end > pause_s or utterance.end - start > longest_s):
            yield from _cut(start, end, listening, most_s)
            start = -1.0
        start = utterance.start if start < 0 else start
        end = utterance.end
    if start >= 0:
        yield from _cut(start, end, listening, most_s)


def _cut(start: float, end: float, listening: Span, most_s: float) -> Iterator[Span]:
    """One window with some sound around it, or as many as it takes."""
    start = max(listening.start, listening.start + start - AROUND_S)
    end = min(listening.end, listening.start + end + AROUND_S)
    n = max(1, math.ceil((end - start) / most_s))
    for k in range(n):
        yield Span(start + k * (end - start) / n, start + (k + 1) * (end - start) / n)
