"""`transcribe` with pocketsphinx, where there are no subtitles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vprog.registry.call_context import CallContext
from vprog.registry.module import implements
from vprog.types import Span, Speech, Video, Word
from vprog_modules.speech.listening import is_within, sentences, speech_of, spoken_windows

if TYPE_CHECKING:
    from vprog_modules.speech.pocketsphinx_recognizer import Recognizer

SOURCE = "pocketsphinx"

PIECE_S = 20.0
"""What is decoded at once: the longer, the better the recogniser knows the voice."""

PAUSE_S = 2.0
"""Pauses from here are not decoded."""

UNBROKEN_S = 45.0
"""Who never pauses is cut into pieces of at most this."""


@implements(
    "transcribe",
    summary="Give what is said, with times: from subtitles if there are any, else by listening.",
    needs=("pocketsphinx", "numpy"),
    extra="offline",
    rank=10,
    backend="pocketsphinx en-us",
    version="4",
)
class TranscribePocketsphinx:
    """Subtitles where there are some; else speech is found, cut at pauses and recognised."""

    def __init__(self) -> None:
        self._recognizer: Recognizer | None = None

    def load(self, device: str) -> None:
        """Import pocketsphinx and read its model."""
        from vprog_modules.speech.pocketsphinx_recognizer import Recognizer

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
        return speech_of(video, span, audio_track, subtitle_track, self._listen)

    def _listen(
        self, media: CallContext, video: Video, listening: Span, wanted: Span, track: int
    ) -> list[Speech]:
        """What is said in one sound track."""
        recognizer = self._loaded()
        words: list[Word] = []
        pieces = spoken_windows(
            media,
            video,
            listening,
            track,
            longest_s=PIECE_S,
            pause_s=PAUSE_S,
            unbroken_s=UNBROKEN_S,
        )
        for piece in pieces:
            if piece.start < wanted.end and piece.end > wanted.start:
                words += recognizer.words(media.sound(video.index, piece, track=track), piece.start)
        return sentences([word for word in words if is_within(word, wanted)], SOURCE)

    def _loaded(self) -> Recognizer:
        if self._recognizer is None:
            self.load("cpu")
        assert self._recognizer is not None
        return self._recognizer
