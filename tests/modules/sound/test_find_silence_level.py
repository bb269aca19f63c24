"""When nothing is heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.modules.scenes import call
from tests.modules.sounds import noise, nothing, save, tone
from vprog.errors import ModuleInputError, NoAudioStreamError
from vprog.types import Span
from vprog_modules.sound.find_silence_level import FindSilenceLevel


def test_find_silence_finds_the_gap(tmp_path: Path) -> None:
    path = save(tmp_path / "s.wav", np.concatenate((tone(1), nothing(0.5), tone(1))))
    (found,) = call(path, FindSilenceLevel)
    assert found.kind == "silence"
    assert (found.start, found.end) == pytest.approx((1.0, 1.5), abs=0.02)
    assert found.score == 1.0


def test_find_silence_leaves_out_what_is_short(tmp_path: Path) -> None:
    path = save(tmp_path / "s.wav", np.concatenate((tone(1), nothing(0.2), tone(1))))
    assert call(path, FindSilenceLevel) == []
    assert len(call(path, FindSilenceLevel, min_length=0.1)) == 1


def test_find_silence_scores_by_how_far_under_the_level(tmp_path: Path) -> None:
    path = save(tmp_path / "s.wav", noise(2, 10 ** (-60 / 20)))
    (found,) = call(path, FindSilenceLevel, level=-54.0)
    assert found.score == pytest.approx(0.5, abs=0.03)
    assert call(path, FindSilenceLevel, level=-70.0) == []


def test_find_silence_of_a_silent_track_is_its_whole_length(media_dir: Path) -> None:
    (found,) = call(media_dir / "clips" / "dog.mp4", FindSilenceLevel)
    assert (found.start, found.end, found.score) == (0.0, 9.664, 1.0)


def test_find_silence_stays_within_the_span(tmp_path: Path) -> None:
    path = save(tmp_path / "s.wav", np.concatenate((tone(1), nothing(2))))
    (found,) = call(path, FindSilenceLevel, span=Span(0.5, 2.01))
    assert (found.start, found.end) == pytest.approx((1.0, 2.01), abs=0.02)


def test_find_silence_without_a_sound_track_is_an_error(media_dir: Path) -> None:
    with pytest.raises(NoAudioStreamError):
        call(media_dir / "text" / "counter.mp4", FindSilenceLevel)


def test_find_silence_tells_which_length_fits(tmp_path: Path) -> None:
    long = tone(90) * (np.arange(90 * 16_000) // 640 % 2)  # 40 ms on, 40 ms off
    long = np.concatenate((long, long))
    path = save(tmp_path / "s.wav", long)
    with pytest.raises(ModuleInputError, match=r"min_length=0\.05"):
        call(path, FindSilenceLevel, min_length=0.0)
