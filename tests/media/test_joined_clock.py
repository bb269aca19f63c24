"""Recordings joined byte by byte: nothing after the joint is lost, and all is on one clock."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.drawing import draw_video, number_of
from tests.media.conftest import half_second_beeps
from tests.media.joined import join
from vprog.media.run_file import MediaFile, open_media
from vprog.media.track_list import TrackInfo

KINDS: dict[str, dict[str, Any]] = {
    "ts": {"n_frames": 30, "b_frames": 2, "gop": 10},
    "mpg": {
        "n_frames": 75,
        "fps": 25,
        "codec": "mpeg2video",
        "audio_codec": "mp2",
        "time_base": Fraction(1, 25),
        "b_frames": 2,
    },
    "mkv": {"n_frames": 30, "b_frames": 2, "gop": 10},
}


def draw(path: Path, **more: Any) -> Path:
    if "stamps" in more:
        more["tone_start"] = more["stamps"][0] / 1000
    return draw_video(path, tone=half_second_beeps, **{**KINDS[path.suffix[1:]], **more})


def numbers(file: MediaFile, order: list[int]) -> list[int]:
    times = file.stream.times
    return [number_of(file.picture(float(times[number]))) for number in order]


def is_heard(file: MediaFile) -> list[bool]:
    """Whether the first half of each half second is loud."""
    sound = np.abs(file.sound(0.0, file.index.duration))
    n_halves = int(file.index.duration * 2 + 0.1)
    middles = [
        slice(round((at / 2 + 0.1) * 16e3), round((at / 2 + 0.4) * 16e3)) for at in range(n_halves)
    ]
    return [float(sound[middle].mean()) > 0.05 for middle in middles]


@pytest.mark.parametrize("n_parts", [2, 3])
@pytest.mark.parametrize("kind", ["ts", "mpg"])
def test_joined_parts_follow_each_other(kind: str, n_parts: int, tmp_path: Path) -> None:
    part = draw(tmp_path / f"part.{kind}")
    n_frames, fps = KINDS[kind]["n_frames"], KINDS[kind].get("fps", 10)

    file = open_media(join(tmp_path / f"joined.{kind}", *[part] * n_parts))

    total = n_parts * n_frames
    assert file.stream.times == pytest.approx(np.arange(total) / fps, abs=1e-3)
    assert file.stream.fps == pytest.approx(fps, rel=1e-3)
    assert file.index.duration == pytest.approx(total / fps, abs=0.05)
    assert numbers(file, list(range(total))) == list(range(n_frames)) * n_parts
    order = [int(at) for at in np.random.default_rng(1).permutation(total)]
    assert numbers(file, order) == [at % n_frames for at in order]
    assert is_heard(file) == [True, False] * (total // fps)
    times = "1 time" if n_parts == 2 else "2 times"
    assert [times in text for text in file.warnings] == [True]
    assert file.unread == 0.0


def test_sound_after_a_jump_is_that_of_the_whole(tmp_path: Path) -> None:
    part = draw(tmp_path / "part.ts")
    file = open_media(join(tmp_path / "joined.ts", part, part))
    whole = file.sound(0.0, 6.0)
    for start in (0.5, 2.8, 3.4, 4.7):
        span = np.abs(file.sound(start, start + 1.0))
        expected = np.abs(whole[round(start * 16e3) :][:16_000])
        loud = np.convolve(span, np.ones(800) / 800, "valid") > 0.1
        assert np.mean(loud == (np.convolve(expected, np.ones(800) / 800, "valid") > 0.1)) > 0.9


def test_a_part_with_later_stamps_keeps_its_gap(tmp_path: Path) -> None:
    """No step back: the clock says that nothing was recorded for 20 s."""
    first = draw(tmp_path / "first.ts")
    later = draw(tmp_path / "later.ts", stamps=[23_000 + 100 * at for at in range(30)])
    file = open_media(join(tmp_path / "joined.ts", first, later))
    assert file.index.clock is None
    assert file.index.duration == pytest.approx(26.0, abs=0.2)
    assert file.stream.fps == pytest.approx(10.0)
    assert "it has no pictures at 0:03-0:22.8" in file.warnings[0]
    assert file.unread == pytest.approx(20 / 26, abs=0.02)


@pytest.mark.parametrize("start", [1_000, 60_000, 50_000_000, 90_000_000])
def test_the_second_part_may_start_anywhere_before_the_first_ends(
    start: int, tmp_path: Path
) -> None:
    """Also so far below the first that the demuxer takes it for a wrap of the clock."""
    first = draw(tmp_path / "first.ts", stamps=[start + 100 * at for at in range(30)])
    file = open_media(join(tmp_path / "joined.ts", first, draw(tmp_path / "second.ts")))
    assert file.stream.times == pytest.approx(np.arange(60) / 10, abs=1e-3)
    assert numbers(file, [59, 0, 31, 29, 30]) == [29, 0, 1, 29, 0]


def test_a_clock_that_wraps_is_one_recording(tmp_path: Path) -> None:
    wrap = 2**33 // 90
    path = draw(tmp_path / "wrap.ts", stamps=[wrap - 2_500 + 100 * at for at in range(40)])
    file = open_media(path)
    assert file.stream.times == pytest.approx(np.arange(40) / 10, abs=1e-3)
    assert file.warnings == ()


def test_joined_parts_without_byte_seeking_are_read_from_the_start(tmp_path: Path) -> None:
    part = draw(tmp_path / "part.mkv")
    file = open_media(join(tmp_path / "joined.mkv", part, part))
    assert file.stream.times == pytest.approx(np.arange(60) / 10, abs=2e-3)
    assert numbers(file, [45, 3, 59, 30]) == [15, 3, 29, 0]
    assert is_heard(file) == [True, False] * 6


class _Packet(bytes):
    """As much of a packet as `TrackInfo.take` reads."""

    is_discard = False
    size = 10

    def __new__(cls, pts: int, pos: int) -> _Packet:
        return super().__new__(cls, b"\1" * cls.size)

    def __init__(self, pts: int, pos: int) -> None:
        self.pts = self.dts = pts
        self.pos = pos
        self.duration = 100


@pytest.mark.parametrize(
    ("stamps", "starts", "n_strays"),
    [
        ([*range(0, 5000, 100)], [0], 0),
        ([*range(0, 5000, 100), *range(0, 5000, 100)], [0, 0], 0),
        ([*range(0, 5000, 100), *range(2000, 5000, 100), *range(0, 900, 100)], [0, 2000, 0], 0),
        ([*range(0, 2000, 100), 3_000_000, *range(2000, 5000, 100)], [0], 1),  # one stray ahead
        ([*range(0, 2000, 100), 90_000_000, *range(2000, 5000, 100)], [0], 1),  # far ahead
        ([*range(0, 2000, 100), 300, 400, *range(2000, 5000, 100)], [0], 2),  # two stray behind
        ([*range(0, 5000, 100), 90_000_000], [0], 1),  # the last one
        ([0, 200, 100, 400, 300, 600, 500], [0], 0),  # small steps are reordering
    ],
)
def test_a_part_is_more_than_stray_stamps(
    stamps: list[int], starts: list[int], n_strays: int
) -> None:
    track = TrackInfo("video", 1, 0, "h264", "", "", True, Fraction(1, 1000))
    for at, stamp in enumerate(stamps):
        track.take(_Packet(stamp, at))  # type: ignore[arg-type]
    track.finish()
    assert [part.start for part in track.parts] == starts
    assert track.gaps == []
    assert track.n_strays == n_strays
