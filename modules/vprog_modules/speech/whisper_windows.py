"""`transcribe` by Whisper models that take windows of half a minute, many at a time.

The voice gate says where somebody speaks; utterances are gathered into windows, cut at pauses;
each window goes through the model by itself, and its words get the times of the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from vprog.media.track_words import language_name
from vprog.registry.call_context import CallContext
from vprog.types import Span, Speech, Video, Word
from vprog_modules.speech.listening import (
    is_within,
    sentences,
    speech_of,
    spoken_windows,
    warn_of_doubted,
)
from vprog_modules.speech.whisper_words import (
    MOST_NO_SPEECH,
    RawWord,
    clean_words,
    is_doubted,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LONGEST_S = 28.0
"""Of a window; the models take 30 s, and some sound is given around what is said."""

PAUSE_S = 3.0
"""A pause from which another window begins, so that silence is not listened to."""


class Heard(NamedTuple):
    """What a model made of one window.

    `log_probability`: the mean over its tokens. `no_speech`: its own guess that nobody speaks.
    `language`: by its code, "" for a model of English alone.
    """

    words: list[RawWord]
    log_probability: float
    no_speech: float
    language: str

    @property
    def text(self) -> str:
        """The words as they were written."""
        return "".join(word.text for word in self.words)


class WhisperModule:
    """What the packages have in common; `recognise` is theirs."""

    source = "whisper"
    batch_size = 8

    def recognise(self, sounds: Sequence[Floats]) -> list[Heard]:
        """What is said in each sound: mono, 16,000 samples a second, at most 30 s of them."""
        raise NotImplementedError

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
            "subtitles"): score 1, `words` empty. By listening (source "whisper"): in the
            language that is spoken, where the model knows more than English; each word with
            its times (to about 0.3 s) and a score in [0, 1]. What the model doubts as a whole
            is left out, with a warning. Empty if nobody speaks.

        Source: A. Radford et al., 2022; code and weights of OpenAI: MIT, on the hub Apache-2.0.
        """
        return speech_of(video, span, audio_track, subtitle_track, self._listen)

    def _listen(
        self, media: CallContext, video: Video, listening: Span, wanted: Span, track: int
    ) -> list[Speech]:
        """What is said in one sound track."""
        words: list[Word] = []
        languages: Counter[str] = Counter()
        windows = [
            window
            for window in spoken_windows(
                media, video, listening, track, longest_s=LONGEST_S, pause_s=PAUSE_S
            )
            if window.start < wanted.end and window.end > wanted.start
        ]
        for first in range(0, len(windows), self.batch_size):
            batch = windows[first : first + self.batch_size]
            sounds = [media.sound(video.index, window, track=track) for window in batch]
            for window, heard in zip(batch, self.recognise(sounds), strict=True):
                if heard.no_speech > MOST_NO_SPEECH:
                    continue
                if is_doubted(heard.text, heard.log_probability):
                    warn_of_doubted(media, window, wanted)
                    continue
                languages[heard.language] += 1
                words += clean_words(heard.words, window.start)
        if foreign := sorted(set(languages) - {"", "en"}):
            named = ", ".join(language_name(code) or code for code in foreign)
            media.warn(f"video {video.index}: {named} was heard")
        return sentences([word for word in words if is_within(word, wanted)], self.source)
