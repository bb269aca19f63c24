from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.media.conftest import Drawn
from vprog.errors import ModuleInputError, NoAudioStreamError
from vprog.media import audio
from vprog.media.audio import SAMPLE_RATE, SoundDamage, SoundReader
from vprog.media.index import build_index


def loudness(samples: np.ndarray) -> float:
    return float(np.sqrt((samples.astype(np.float64) ** 2).mean()))


def test_sound_has_its_tones_where_they_were_drawn(drawn: Drawn) -> None:
    sound = SoundReader(build_index(drawn("beeps.mp4")))
    damage = SoundDamage()
    samples = sound.read(0.0, 4.0, damage)
    assert samples.dtype == np.float32
    assert samples.shape == (4 * SAMPLE_RATE,)
    for second in range(4):
        start = second * SAMPLE_RATE
        assert loudness(samples[start + 400 : start + 7600]) == pytest.approx(0.354, abs=0.02)
        assert loudness(samples[start + 8400 : start + 15600]) < 0.005
    assert damage.warnings("a") == ()


def test_sound_has_the_pitch_that_was_drawn(drawn: Drawn) -> None:
    samples = SoundReader(build_index(drawn("beeps.mp4"))).read(1.05, 1.45)
    strongest = np.abs(np.fft.rfft(samples)).argmax() * SAMPLE_RATE / len(samples)
    assert strongest == pytest.approx(440, abs=3)


@pytest.mark.parametrize("name", ["beeps.mp4", "stream.ts"])
def test_sound_of_a_stretch_is_its_part_of_the_whole(name: str, drawn: Drawn) -> None:
    index = build_index(drawn(name))
    sound = SoundReader(index)
    whole = sound.read(0.0, 4.0)
    for start, end in ((0.0, 0.5), (1.3, 2.9), (2.75, 2.76), (3.5, 4.0)):
        first, last = round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)
        part = sound.read(start, end)
        assert part.shape == (last - first,)
        assert part == pytest.approx(whole[first:last], abs=0.03)


def test_sound_of_a_stretch_agrees_to_the_millisecond_of_matroska(drawn: Drawn) -> None:
    sound = SoundReader(build_index(drawn("late_beeps.mkv")))
    whole, part = sound.read(0.0, 4.0), sound.read(1.5, 3.5)
    first = round(1.5 * SAMPLE_RATE)
    differences = [
        np.abs(part[50:-50] - whole[first + 50 + lag : first + len(part) - 50 + lag]).max()
        for lag in range(-16, 17)
    ]
    assert min(differences) < 0.05


def test_sound_that_starts_late_is_silence_before(drawn: Drawn) -> None:
    index = build_index(drawn("late_beeps.mkv"))
    assert index.audio is not None
    assert index.audio.start == pytest.approx(2.0, abs=0.03)
    samples = SoundReader(index).read(0.0, 4.0)
    assert not samples[: round(1.9 * SAMPLE_RATE)].any()
    assert loudness(samples[round(2.05 * SAMPLE_RATE) : round(2.45 * SAMPLE_RATE)]) > 0.3
    assert loudness(samples[round(2.55 * SAMPLE_RATE) : round(2.95 * SAMPLE_RATE)]) < 0.005


def test_sound_counts_from_the_first_frame_in_a_transport_stream(drawn: Drawn) -> None:
    samples = SoundReader(build_index(drawn("stream.ts"))).read(0.0, 3.0)
    for second in range(3):
        start = second * SAMPLE_RATE
        assert loudness(samples[start + 800 : start + 7200]) > 0.3
        assert loudness(samples[start + 8800 : start + 15200]) < 0.01


def test_sound_in_blocks_is_the_same(drawn: Drawn) -> None:
    sound = SoundReader(build_index(drawn("beeps.mp4")))
    blocks = list(sound.blocks(0.25, 3.75, seconds=0.8))
    assert [round(start, 3) for start, _ in blocks] == [0.25, 1.05, 1.85, 2.65, 3.45]
    assert [len(block) for _, block in blocks] == [12800] * 4 + [4800]
    joined = np.concatenate([block for _, block in blocks])
    assert joined == pytest.approx(sound.read(0.25, 3.75), abs=0.02)  # AAC has noise


def test_sound_past_the_end_is_silence(drawn: Drawn) -> None:
    samples = SoundReader(build_index(drawn("beeps.mp4"))).read(3.0, 7.0)
    assert samples.shape == (4 * SAMPLE_RATE,)
    assert not samples[SAMPLE_RATE + 2000 :].any()


def test_sound_of_no_length_is_empty(drawn: Drawn) -> None:
    assert SoundReader(build_index(drawn("beeps.mp4"))).read(1.0, 1.0).shape == (0,)


def test_sound_of_a_silent_video_is_an_error(drawn: Drawn) -> None:
    with pytest.raises(NoAudioStreamError, match=r"plain.mp4.*has no sound"):
        SoundReader(build_index(drawn("plain.mp4")))


def test_sound_of_more_than_four_hours_is_refused_in_one_piece(drawn: Drawn) -> None:
    sound = SoundReader(build_index(drawn("beeps.mp4")))
    with pytest.raises(ModuleInputError, match="at most 14400 s"):
        sound.read(0.0, 14_401.0)


def test_sound_blocks_need_a_length(drawn: Drawn) -> None:
    with pytest.raises(ValueError, match="seconds"):
        next(SoundReader(build_index(drawn("beeps.mp4"))).blocks(0, 1, seconds=0))


def test_sound_serves_threads(drawn: Drawn) -> None:
    sound = SoundReader(build_index(drawn("beeps.mp4")))
    with ThreadPoolExecutor(6) as pool:
        parts = list(pool.map(lambda at: sound.read(at % 4, at % 4 + 0.4), range(24)))
    assert [loudness(part) > 0.3 for part in parts] == [True] * 24


def test_sound_of_real_speech_is_loud_where_it_should_be(media_dir: Path) -> None:
    flac = SoundReader(build_index(media_dir / "speech" / "jfk.flac")).read(0.0, 11.0)
    index = build_index(media_dir / "speech" / "jfk_on_grey.mp4")
    video = SoundReader(index).read(0.0, 11.0)
    assert loudness(flac) == pytest.approx(0.2, abs=0.02)
    lag = np.correlate(video[16000:48000], flac[16000 - 400 : 48000 + 400], "valid").argmax() - 400
    assert abs(lag) < 0.002 * SAMPLE_RATE


@pytest.mark.parametrize(
    ("name", "seconds", "warned"),
    [
        ("truncated_audio.flac", 0.522, "1 packet could not be decoded"),
        ("failing_audio.mp4", 11.234, None),
        ("truncated_tail.mp4", 1.635, None),
    ],
)
def test_sound_of_broken_files_is_what_there_is(
    name: str, seconds: float, warned: str | None, media_dir: Path
) -> None:
    index = build_index(media_dir / "broken" / name)
    sound = SoundReader(index)
    damage = SoundDamage()
    samples = sound.read(0.0, index.duration, damage)
    assert len(samples) == pytest.approx(seconds * SAMPLE_RATE, abs=16)
    assert np.isfinite(samples).all()
    if warned is None:
        assert damage.warnings(name) == ()
    else:
        assert warned in damage.warnings(name)[0]


def test_sound_with_damaged_packets_goes_on(drawn: Drawn, tmp_path: Path) -> None:
    data = bytearray(drawn("stream.ts").read_bytes())
    random = np.random.default_rng(0)
    for place in random.integers(len(data) // 3, len(data), 400):
        data[int(place)] ^= 0xFF
    path = tmp_path / "damaged.ts"
    path.write_bytes(bytes(data))
    index = build_index(path)
    assert index.audio is not None
    samples = SoundReader(index).read(0.0, 4.0)
    assert samples.shape == (4 * SAMPLE_RATE,)
    assert np.abs(samples).max() <= 1.0


def test_sound_reader_closes_the_container_of_a_run_that_was_stopped_amid_a_packet(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = SoundReader(build_index(drawn("beeps.mp4")))
    whole = sound.read(0.0, 4.0)
    container = sound._idle

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(audio._Line, "take", stop)
        with pytest.raises(KeyboardInterrupt):
            sound.read(0.0, 4.0)
    assert container is not None
    assert sound._idle is None
    assert np.array_equal(sound.read(0.0, 4.0), whole)


def test_sound_reader_takes_back_the_container_of_a_run_that_left_between_blocks(
    drawn: Drawn,
) -> None:
    sound = SoundReader(build_index(drawn("beeps.mp4")))
    blocks = sound.blocks(0.0, 4.0, seconds=1.0)
    next(blocks)
    assert sound._idle is None
    del blocks
    gc.collect()
    assert sound._idle is not None
