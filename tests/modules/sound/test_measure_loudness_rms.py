"""How loud the sound is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.modules.scenes import call
from tests.modules.sounds import nothing, save, tone
from vprog.errors import ModuleInputError, NoAudioStreamError
from vprog.types import Span
from vprog_modules.sound.measure_loudness_rms import MeasureLoudnessRms


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """A second of tone at half the full scale, then one of nothing, then one at a tenth."""
    samples = np.concatenate((tone(1, 1000, 0.5), nothing(1), tone(1, 1000, 0.1)))
    return save(tmp_path / "steps.wav", samples)


def test_measure_loudness_is_rms_in_dbfs(steps: Path) -> None:
    found = call(steps, MeasureLoudnessRms, step=1.0)
    assert [frame.time for frame in found] == [0.0, 1.0, 2.0]
    # A sine of amplitude a has a / sqrt(2): 0.5 is -9.03 dB, 0.1 is -23.01 dB.
    assert [hit.value for hit in found] == pytest.approx([-9.03, -100.0, -23.01], abs=0.02)


def test_measure_loudness_counts_times_from_the_start_of_the_video(steps: Path) -> None:
    found = call(steps, MeasureLoudnessRms, span=Span(0.95, 1.2))
    assert [frame.time for frame in found] == [0.95, 1.05, 1.15]
    assert [hit.value for hit in found] == pytest.approx([-12.04, -100.0, -100.0], abs=0.1)


def test_measure_loudness_widens_windows_that_are_too_many(steps: Path) -> None:
    found = call(steps, MeasureLoudnessRms, span=Span(0.0, 2.5), step=0.0012)
    assert len(found) == 1042  # 2.5 s by twice the step
    assert found[1].time == pytest.approx(0.0024)


def test_measure_loudness_of_a_silent_track_is_the_floor(media_dir: Path) -> None:
    found = call(media_dir / "clips" / "dog.mp4", MeasureLoudnessRms)
    assert {hit.value for hit in found} == {-100.0}
    assert found[-1].time == pytest.approx(9.6)


def test_measure_loudness_without_a_sound_track_is_an_error(media_dir: Path) -> None:
    with pytest.raises(NoAudioStreamError, match="with sound"):
        call(media_dir / "text" / "counter.mp4", MeasureLoudnessRms)


@pytest.mark.parametrize("span", [Span(2.0, 1.0), Span(5.0, 6.0), Span(-3.0, -2.0)])
def test_measure_loudness_refuses_a_span_outside(steps: Path, span: Span) -> None:
    with pytest.raises(ModuleInputError, match="span within 0 to 3"):
        call(steps, MeasureLoudnessRms, span=span)


def test_measure_loudness_of_damaged_sound_is_of_what_there_is(media_dir: Path) -> None:
    found = call(media_dir / "broken" / "truncated_audio.flac", MeasureLoudnessRms)
    assert 4 <= len(found) <= 6
    assert max(hit.value for hit in found) > -30
    found = call(media_dir / "broken" / "failing_audio.mp4", MeasureLoudnessRms)
    assert len(found) == 113
