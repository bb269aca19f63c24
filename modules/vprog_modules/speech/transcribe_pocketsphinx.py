"""`transcribe` with pocketsphinx and the model in its package, where there are no subtitles.

Three passes over the same sound (narrow, wide, and slightly slowed down) vote: measured in
benchmarks/speech_accuracy.py, that gives more right words than any one pass, and where they
agree they are right more often than the posterior of one pass promises.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from vprog.registry.call_context import CallContext
from vprog.registry.module import implements
from vprog.types import Span, Speech, Video, Word
from vprog_modules.sound.sound_windows import RATE
from vprog_modules.speech.listening import is_within, sentences, speech_of, spoken_windows
from vprog_modules.speech.transcript_votes import Heard, VotedWord, vote

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


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


FRAMES_PER_SECOND = 100
CLEAN_DB = 60.0
HUSH_DB = 35.0


class Pass(NamedTuple):
    """One way to decode: settings of pocketsphinx, and how much faster the sound is played."""

    settings: dict[str, float]
    speed: float


PASSES = (
    Pass({"lw": 5.5, "fwdflatlw": 7.0, "bestpathlw": 8.0}, 1.0),
    Pass({"beam": 1e-60, "pbeam": 1e-60, "wbeam": 1e-40, "maxhmmpf": -1}, 1.0),
    Pass({"lw": 5.5, "fwdflatlw": 7.0, "bestpathlw": 8.0}, 1.05),
)


class Recognizer:
    """Holds the decoders. The same samples give the same words, whatever came before."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        self._decoders: list[tuple[Pass, Any]] = [
            (sound_pass, Decoder(loglevel="FATAL", **sound_pass.settings)) for sound_pass in PASSES
        ]

    def words(self, samples: Floats, start: float = 0.0) -> list[Word]:
        """The words spoken in a sound of up to about half a minute, in order of time.

        Args:
            samples: mono, 16,000 samples a second.
            start: the time of the first sample; word times count from there.
        """
        if len(samples) < RATE // 10:
            return []
        audible = with_room_noise(samples)
        heard = [
            self._heard(sound_pass, decoder, audible) for sound_pass, decoder in self._decoders
        ]
        return [
            Word(
                word.text,
                round(start + word.start, 2),
                round(start + word.end, 2),
                round(certainty(word), 3),
            )
            for word in vote(heard)
        ]

    def _heard(self, how: Pass, decoder: Any, samples: Floats) -> list[Heard]:
        import numpy as np

        if how.speed != 1.0:
            places = np.arange(int(len(samples) / how.speed)) * how.speed
            samples = np.interp(places, np.arange(len(samples)), samples).astype(np.float32)
        decoder.reinit_feat()  # forget the level of the sound before
        decoder.start_utt()
        pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
        if decoder.hyp() is None:
            return []
        unit = how.speed / FRAMES_PER_SECOND
        return [
            Heard(
                _spelling(segment.word),
                segment.start_frame * unit,
                (segment.end_frame + 1) * unit,
                min(1.0, max(0.0, segment.prob)),
            )
            for segment in decoder.seg()
            if not segment.word.startswith(("<", "["))
        ]


def certainty(word: VotedWord) -> float:
    """The score of a word, fitted to be the share of such words that are right.

    Logistic regression over the share of passes that heard the word, their mean posterior,
    and its letters and seconds: long words are surer than short ones, but short words that
    take long are often hums and hesitations. Fitted on 256 words: the recordings of the
    benchmark, four more of the same speakers, and twelve sentences of a synthetic voice.

    Measured on recordings that the fit had not seen (benchmarks/speech_accuracy.py): of the words
    scored 0.8 or more 91 % of recorded and 74 % of synthetic speech are right, of all words 83 %
    and 61 %. A word that was asked for and is heard is likelier right than these say.
    """
    evidence = (
        BIAS
        + PER_SHARE * word.share
        + PER_POSTERIOR * word.posterior
        + PER_LETTER * min(len(word.text), 8)
        + PER_SECOND * (word.end - word.start)
    )
    return 1.0 / (1.0 + math.exp(-evidence))


BIAS, PER_SHARE, PER_POSTERIOR, PER_LETTER, PER_SECOND = -3.97, 4.78, 0.762, 0.230, -1.776


def with_room_noise(samples: Floats) -> Floats:
    """The sound, with a little noise if its pauses are digital silence.

    Synthetic and gated speech has no floor, which the acoustic model has never met: without
    noise 20 % of the words of a synthetic voice are right, with it 57 %. Recordings have
    their own and stay as they are.
    """
    import numpy as np

    n = len(samples) // 160
    powers = (samples[: n * 160].reshape(n, 160).astype(np.float64) ** 2).mean(axis=1)
    quiet, loud = (10 * np.log10(np.percentile(powers, (5, 95)) + 1e-12)).tolist()
    if quiet > loud - CLEAN_DB:
        return samples
    noise = np.random.default_rng(0).normal(0, 10 ** ((loud - HUSH_DB) / 20), len(samples))
    return (samples + noise).astype(np.float32)


def _spelling(word: str) -> str:
    """The word without the number of its pronunciation: "for(2)"."""
    return re.sub(r"\(\d+\)$", "", word)
