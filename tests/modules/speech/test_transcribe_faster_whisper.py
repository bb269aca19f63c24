"""What is said, by Whisper. How well: benchmarks/speech_accuracy.py."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.modules.scenes import Opened, call
from tests.modules.sounds import Samples, beeps, bursts, melody, noise, nothing, save, tone
from vprog.errors import NoAudioStreamError
from vprog.types import Span, Speech, Word
from vprog_modules.speech import transcribe_faster_whisper
from vprog_modules.speech.transcribe_faster_whisper import TranscribeWhisper, whisper


def words_of(speech: list[Speech]) -> list[Word]:
    return [word for line in speech for word in line.words]


def test_transcribe_gives_words_with_times_and_numbers_as_they_are_said(media_dir: Path) -> None:
    (speech,) = call(media_dir / "speech" / "goforward.wav", TranscribeWhisper)
    assert speech.text == "Go forward ten meters"
    assert speech.source == "whisper"
    starts = [word.start for word in speech.words[1:]]
    assert starts == pytest.approx([0.64, 1.17, 1.53], abs=0.3)
    assert all(word.end > word.start and 0.7 < word.score <= 1 for word in speech.words)


def test_transcribe_hears_a_whole_sentence(media_dir: Path) -> None:
    speech = call(media_dir / "speech" / "jfk.flac", TranscribeWhisper)
    text = " ".join(line.text for line in speech)
    assert "ask not what your country can do for you" in text
    (fellow,) = [word for word in words_of(speech) if word.text == "Americans"]
    assert fellow.start < 1.8 < fellow.end + 0.3


def test_transcribe_of_a_span_gives_only_its_words(media_dir: Path) -> None:
    speech = call(media_dir / "speech" / "jfk.flac", TranscribeWhisper, span=Span(8.0, 11.0))
    words = words_of(speech)
    assert words[-1].text == "country"
    assert all(7.9 < (word.start + word.end) / 2 < 11.1 for word in words)


def test_transcribe_window_by_window_loses_and_doubles_nothing(
    tmp_path: Path, media_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with wave.open(str(media_dir / "speech" / "goforward.wav")) as recording:
        pcm = np.frombuffer(recording.readframes(recording.getnframes()), "<i2") / 32768
    path = save(tmp_path / "four.wav", np.tile(np.concatenate([pcm, nothing(0.7)]), 4))
    monkeypatch.setattr(transcribe_faster_whisper, "WINDOW_S", 7.0)
    said = [word.text.lower() for word in words_of(call(path, TranscribeWhisper))]
    assert said == ["go", "forward", "ten", "meters"] * 4


class _AtALoss:
    """A model that repeats itself in its second piece and doubts its third."""

    def transcribe(self, samples: Samples, **how: object) -> tuple[list[SimpleNamespace], None]:
        def piece(start: float, text: str, log_probability: float) -> SimpleNamespace:
            words = [SimpleNamespace(word=text, start=start, end=start + 1.0, probability=0.9)]
            return SimpleNamespace(
                start=start, end=start + 1.0, text=text, words=words,
                avg_logprob=log_probability, no_speech_prob=0.1,
            )  # fmt: skip

        return [
            piece(0.0, " go", -0.2), piece(2.0, " and then" * 30, -0.2), piece(4.0, " hm", -1.5)
        ], None  # fmt: skip


def test_transcribe_says_where_the_model_was_at_a_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whisper(), "_model", _AtALoss())
    with Opened(save(tmp_path / "six.wav", noise(6.0))) as opened:
        words = words_of(opened(TranscribeWhisper, opened.video))
    assert [word.text for word in words] == ["go"]
    assert [warning.partition("what")[2] for warning in opened.warnings] == [
        " is said at 0:02-0:03 could not be made out",
        " is said at 0:04-0:05 could not be made out",
    ]


@pytest.mark.parametrize("sound", [nothing, noise, tone, beeps, bursts, melody])
def test_transcribe_makes_nothing_up_where_nobody_speaks(
    tmp_path: Path, sound: Callable[[float], Samples]
) -> None:
    assert call(save(tmp_path / "a.wav", sound(20.0)), TranscribeWhisper) == []


def test_transcribe_says_that_there_is_no_sound(media_dir: Path) -> None:
    with pytest.raises(NoAudioStreamError):
        call(media_dir / "clips" / "tree.avi", TranscribeWhisper)
