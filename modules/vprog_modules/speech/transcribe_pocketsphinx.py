"""`transcribe` with pocketsphinx, where there are no subtitles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vprog.errors import ModuleInputError
from vprog.media.track_words import track_words
from vprog.registry.call_context import CallContext, current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Span, Speech, Video, Word
from vprog_modules.sound.sound_windows import (
    listening_span,
    name_track,
    overlapped,
    tracks_to_hear,
)
from vprog_modules.speech.subtitle_speech import subtitle_speech
from vprog_modules.speech.voice import MARGIN, utterances, voice_of

if TYPE_CHECKING:
    from vprog_modules.speech.recognizer import Recognizer

SOURCE = "pocketsphinx"

PIECE_S = 20.0
"""What is decoded at once: the longer, the better the recogniser knows the voice."""

PAUSE_S = 2.0
"""Pauses from here are not decoded."""

CONTEXT_S = 10.0
"""What is listened to around a span, and left out again: the words alone are told less well."""

AROUND_S = 0.3
BREAK_S = 0.5
"""A pause from which speech is told apart."""


@implements(
    "transcribe",
    summary="Give what is said, with times: from subtitles if there are any, else by listening.",
    needs=("pocketsphinx", "numpy"),
    extra="offline",
    rank=10,
    backend="pocketsphinx en-us",
)
class TranscribePocketsphinx:
    """Subtitles where there are some; else speech is found, cut at pauses and recognised."""

    def __init__(self) -> None:
        self._recognizer: Recognizer | None = None

    def load(self, device: str) -> None:
        """Import pocketsphinx and read its model."""
        from vprog_modules.speech.recognizer import Recognizer

        self._recognizer = Recognizer()

    def unload(self) -> None:
        """Let the model go."""
        self._recognizer = None

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        audio_track: int = 0,
        subtitle_track: int = 0,
    ) -> list[Speech]:
        """
        Returns:
            Speech in order of time, told apart by pauses. From subtitles (source
            "subtitles"): score 1, `words` empty. By listening (source "pocketsphinx"):
            English, lower case, no punctuation; each word with its times and a score in
            [0, 1], the share of such words that are right. It errs often: take words
            scored under 0.8 for guesses, and do not quote a sentence that has many.
            Empty if nobody speaks.

        Example:
            >>> speech = transcribe(video)
            >>> [word.start for line in speech for word in line.words if word.text == "country"]
            [5.86]

        Source: CMU PocketSphinx; model en-us in its package, BSD.
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
            speech = self._listen(media, video, listening, wanted, track.number)
            if speech:
                name_track(media, video, tracks, f"{track_words(track)} has the speech")
                break
        else:
            name_track(media, video, tracks, "none has speech in it")
        if len(speech) > MAX_ITEMS:
            raise ModuleInputError(
                f"transcribe(video): expected at most {MAX_ITEMS} pieces of speech, "
                f"got {len(speech)}.",
                hint=f"Transcribe in parts; the first ends at {speech[MAX_ITEMS - 1].end:.0f} s.",
            )
        return speech

    def _listen(
        self, media: CallContext, video: Video, listening: Span, wanted: Span, track: int
    ) -> list[Speech]:
        """What is said in one sound track."""
        recognizer = self._loaded()
        speech: list[Speech] = []
        for piece in _pieces(media, video, listening, track):
            if piece.start < wanted.end and piece.end > wanted.start:
                samples = media.sound(video.index, piece, track=track)
                words = recognizer.words(samples, piece.start)
                speech += _sentences([word for word in words if _is_within(word, wanted)])
        return speech

    def _loaded(self) -> Recognizer:
        if self._recognizer is None:
            self.load("cpu")
        assert self._recognizer is not None
        return self._recognizer


def _is_within(word: Word, span: Span) -> bool:
    return span.start <= (word.start + word.end) / 2 <= span.end


def _pieces(media: CallContext, video: Video, listening: Span, track: int) -> Iterator[Span]:
    """Where somebody speaks, in pieces to decode at once, cut at pauses."""
    blocks = media.sound_blocks(video.index, listening, track=track)
    voice = voice_of(overlapped(blocks, MARGIN, MARGIN))
    length = listening.end - listening.start
    start = end = -1.0
    for utterance in utterances(voice, length, limit=0.3):
        if start >= 0 and (utterance.start - end > PAUSE_S or utterance.end - start > PIECE_S):
            yield from _cut(start, end, listening)
            start = -1.0
        start = utterance.start if start < 0 else start
        end = utterance.end
    if start >= 0:
        yield from _cut(start, end, listening)


def _cut(start: float, end: float, listening: Span) -> Iterator[Span]:
    """One piece with some sound around it; somebody who never pauses is cut all the same."""
    start = max(listening.start, listening.start + start - AROUND_S)
    end = min(listening.end, listening.start + end + AROUND_S)
    n = max(1, round((end - start) / (1.5 * PIECE_S)))
    for k in range(n):
        yield Span(start + k * (end - start) / n, start + (k + 1) * (end - start) / n)


def _sentences(words: list[Word]) -> list[Speech]:
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
            SOURCE,
            line,
        )
        for line in lines
    ]
