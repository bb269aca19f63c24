"""What is said, by listening. How well: benchmarks/speech_accuracy.py."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.modules.sounds import nothing, save, tone
from vprog.errors import NoAudioStreamError
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import CallContext, using
from vprog.types import Span, Speech, Word
from vprog_modules.speech.transcribe_pocketsphinx import TranscribePocketsphinx


@pytest.fixture(scope="module")
def recognizer() -> Iterator[TranscribePocketsphinx]:
    module = TranscribePocketsphinx()
    module.load("cpu")
    yield module
    module.unload()


def transcribe(
    recognizer: TranscribePocketsphinx, path: Path, span: Span | None = None
) -> list[Speech]:
    source = MediaSource([open_media(path)])
    with using(CallContext(source)):
        found = recognizer(source.videos[0], span=span)
    source.close()
    return found


def words_of(speech: list[Speech]) -> list[Word]:
    return [word for line in speech for word in line.words]


def test_transcribe_gives_words_with_times(
    recognizer: TranscribePocketsphinx, media_dir: Path
) -> None:
    (speech,) = transcribe(recognizer, media_dir / "speech" / "goforward.wav")
    assert speech.text == "go forward ten meters"
    assert speech.source == "pocketsphinx"
    assert [word.start for word in speech.words] == pytest.approx([0.46, 0.64, 1.17, 1.53], abs=0.1)
    assert (speech.start, speech.end) == (speech.words[0].start, speech.words[-1].end)
    assert speech.score == pytest.approx(sum(word.score for word in speech.words) / 4, abs=1e-3)
    assert all(0.7 < word.score < 1 for word in speech.words)


def test_transcribe_does_not_depend_on_what_was_heard_before(
    recognizer: TranscribePocketsphinx, media_dir: Path
) -> None:
    first = transcribe(recognizer, media_dir / "speech" / "cards_003.wav")
    transcribe(recognizer, media_dir / "speech" / "cards_001.wav")
    assert transcribe(recognizer, media_dir / "speech" / "cards_003.wav") == first
    assert first[0].text == "seven of clubs"


def test_transcribe_tells_sentences_apart_and_keeps_words_in_order(
    recognizer: TranscribePocketsphinx, media_dir: Path
) -> None:
    speech = transcribe(recognizer, media_dir / "speech" / "jfk.flac")
    words = words_of(speech)
    assert "my fellow" in speech[0].text
    assert {"country", "fellow"} <= {word.text for word in words}
    assert all(a.end <= b.start for a, b in itertools.pairwise(words))
    assert all(b.start - a.end >= 0.5 for a, b in itertools.pairwise(speech))
    country = next(word for word in words if word.text == "country")
    assert country.start == pytest.approx(5.9, abs=0.2)  # pocketsphinx itself: 5.86


def test_transcribe_listens_to_the_span_only(
    recognizer: TranscribePocketsphinx, media_dir: Path
) -> None:
    speech = transcribe(recognizer, media_dir / "speech" / "jfk.flac", Span(5.0, 8.0))
    assert "country" in " ".join(line.text for line in speech)
    assert speech[0].start >= 4.8
    assert speech[-1].end <= 8.2


def test_transcribe_takes_subtitles_first(
    recognizer: TranscribePocketsphinx, media_dir: Path, tmp_path: Path
) -> None:
    path = shutil.copy(media_dir / "speech" / "cards_001.wav", tmp_path / "cards.wav")
    path.with_suffix(".srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nTen of clubs.\n")
    (speech,) = transcribe(recognizer, path)
    assert speech == ("Ten of clubs.", 0.0, 1.0, 1.0, "subtitles", [])


@pytest.mark.parametrize("sound", [nothing(3), tone(3), np.zeros(16)])
def test_transcribe_of_what_is_no_speech_is_empty(
    recognizer: TranscribePocketsphinx, tmp_path: Path, sound: np.ndarray
) -> None:
    assert transcribe(recognizer, save(tmp_path / "s.wav", sound)) == []


def test_transcribe_of_a_silent_track_is_empty(
    recognizer: TranscribePocketsphinx, media_dir: Path
) -> None:
    assert transcribe(recognizer, media_dir / "clips" / "dog.mp4") == []


@pytest.mark.parametrize("name", ["truncated_audio.flac", "failing_audio.mp4"])
def test_transcribe_of_damaged_sound_gives_what_there_is(
    recognizer: TranscribePocketsphinx, media_dir: Path, name: str
) -> None:
    assert (
        transcribe(recognizer, media_dir / "broken" / name) == []
    )  # nobody speaks in what is left


def test_transcribe_without_sound_is_an_error(
    recognizer: TranscribePocketsphinx, media_dir: Path
) -> None:
    with pytest.raises(NoAudioStreamError):
        transcribe(recognizer, media_dir / "text" / "counter.mp4")
