"""What is said, by Whisper. How well: benchmarks/speech_accuracy.py."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.modules.scenes import call
from tests.modules.sounds import Samples, beeps, bursts, melody, noise, nothing, save, tone
from vprog.errors import NoAudioStreamError
from vprog.types import Span, Speech, Word
from vprog_modules.speech import transcribe_faster_whisper
from vprog_modules.speech.transcribe_faster_whisper import TranscribeWhisper


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


@pytest.mark.parametrize("sound", [nothing, noise, tone, beeps, bursts, melody])
def test_transcribe_makes_nothing_up_where_nobody_speaks(
    tmp_path: Path, sound: Callable[[float], Samples]
) -> None:
    assert call(save(tmp_path / "a.wav", sound(20.0)), TranscribeWhisper) == []


def test_transcribe_says_that_there_is_no_sound(media_dir: Path) -> None:
    with pytest.raises(NoAudioStreamError):
        call(media_dir / "clips" / "tree.avi", TranscribeWhisper)
