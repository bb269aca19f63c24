"""When somebody speaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.modules import sounds
from tests.modules.scenes import Opened, call
from tests.modules.sounds import Samples, nothing, save
from vprog.errors import NoAudioStreamError
from vprog.types import Span
from vprog_modules.speech.find_speech_voice import FindSpeechVoice

JFK = [(0.3, 2.3), (3.3, 4.4), (5.4, 7.7), (8.2, 10.6)]
"""What Silero VAD says of the recording, to 0.1 s."""


@pytest.mark.parametrize("name", ["jfk.flac", "jfk_on_grey.mp4"])
def test_find_speech_finds_the_sentences(media_dir: Path, name: str) -> None:
    found = call(media_dir / "speech" / name, FindSpeechVoice)
    assert len(found) == len(JFK)
    for event, (start, end) in zip(found, JFK, strict=True):
        assert event.kind == "speech"
        assert (event.start, event.end) == pytest.approx((start, end), abs=0.2)
        assert event.score > 0.9


@pytest.mark.parametrize("name", ["goforward.wav", "cards_001.wav", "cards_003.wav"])
def test_find_speech_finds_short_recordings(media_dir: Path, name: str) -> None:
    (found,) = call(media_dir / "speech" / name, FindSpeechVoice)
    assert found.end - found.start > 0.75


@pytest.mark.parametrize(
    "sound",
    [
        sounds.nothing,
        sounds.tone,
        sounds.noise,
        sounds.melody,
        sounds.beeps,
        sounds.bursts,
        sounds.siren,
        sounds.hum,
        sounds.rumble,
    ],
)
def test_find_speech_finds_none_in_other_sounds(
    tmp_path: Path, sound: Callable[[float], Samples]
) -> None:
    assert call(save(tmp_path / "s.wav", sound(6.0)), FindSpeechVoice) == []


@pytest.mark.parametrize(
    "name", ["clips/dog.mp4", "text/smpte-2997.mp4", "formats/vp8_vorbis_1s.webm"]
)
def test_find_speech_finds_none_where_nobody_speaks(media_dir: Path, name: str) -> None:
    assert call(media_dir / name, FindSpeechVoice) == []


def test_find_speech_does_not_depend_on_where_blocks_end(media_dir: Path, tmp_path: Path) -> None:
    with Opened(media_dir / "speech" / "jfk.flac") as opened:
        whole = opened(FindSpeechVoice, opened.video)
        speech = opened.source.sound(0).astype(np.float64)
    room = np.random.default_rng(0).normal(0, 0.01, 16_000 * 24)
    path = save(tmp_path / "s.wav", np.concatenate((room, speech)))  # a block ends at 30 s
    later = call(path, FindSpeechVoice)
    assert [(span.start - 24, span.end - 24) for span in later] == [
        pytest.approx((item.start, item.end), abs=0.15) for item in whole
    ]


def test_find_speech_hears_through_some_noise(media_dir: Path, tmp_path: Path) -> None:
    with Opened(media_dir / "speech" / "jfk.flac") as opened:
        speech = opened.source.sound(0).astype(np.float64)
    noisy = speech + np.random.default_rng(0).normal(0, 0.02, len(speech))  # 20 dB
    found = call(save(tmp_path / "s.wav", noisy), FindSpeechVoice)
    assert sum(span.end - span.start for span in found) > 5.0


def test_find_speech_looks_only_at_the_span(media_dir: Path) -> None:
    found = call(media_dir / "speech" / "jfk.flac", FindSpeechVoice, span=Span(3.0, 5.0))
    assert [(span.start, span.end) for span in found] == [pytest.approx((3.3, 4.4), abs=0.2)]


def test_find_speech_ends_with_the_span_that_it_looks_at(media_dir: Path) -> None:
    span = Span(0.5, 1.7043)  # amid a frame of 10 ms, and amid a word
    (found,) = call(media_dir / "speech" / "jfk.flac", FindSpeechVoice, span=span)
    assert found.end <= round(span.end, 3)


def test_find_speech_of_a_moment_is_empty(tmp_path: Path) -> None:
    assert call(save(tmp_path / "s.wav", nothing(0.01)), FindSpeechVoice) == []


def test_find_speech_without_a_sound_track_is_an_error(media_dir: Path) -> None:
    with pytest.raises(NoAudioStreamError):
        call(media_dir / "text" / "counter.mp4", FindSpeechVoice)
