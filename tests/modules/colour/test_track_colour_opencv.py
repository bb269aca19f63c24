"""Coloured things through time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.scenes import COLOURS, call, disc, painted
from vprog.errors import ModuleInputError
from vprog.types import Span
from vprog_modules.colour.track_colour_opencv import TrackColourRegions


def _middle(box: tuple[float, float, float, float]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def test_track_colour_follows_a_disc(tmp_path: Path) -> None:
    path = painted(
        tmp_path / "v.mp4", 30, lambda n, p: disc(p, 40 + 8 * n, 120, 16, COLOURS["red"])
    )
    (track,) = call(path, TrackColourRegions, "red", fps=10.0)
    assert (track.id, track.label) == (1, "red")
    assert track.span == pytest.approx((0.0, 2.9))
    for detection in track.detections:
        assert _middle(detection.box) == pytest.approx(
            (40.5 + 80 * detection.frame.time, 120.5), abs=1.5
        )


def test_track_colour_goes_on_after_a_short_gap(tmp_path: Path) -> None:
    def paint(n: int, picture: object) -> None:
        if not 12 <= n < 18:
            disc(picture, 40 + 8 * n, 120, 16, COLOURS["blue"])  # type: ignore[arg-type]

    found = call(painted(tmp_path / "v.mp4", 30, paint), TrackColourRegions, "blue", fps=10.0)
    assert [finding.span for finding in found] == [pytest.approx((0.0, 2.9))]
    assert len(found[0].detections) == 24


def test_track_colour_starts_anew_after_a_long_gap(tmp_path: Path) -> None:
    def paint(n: int, picture: object) -> None:
        if not 10 <= n < 25:
            disc(picture, 100, 120, 16, COLOURS["blue"])  # type: ignore[arg-type]

    found = call(painted(tmp_path / "v.mp4", 40, paint), TrackColourRegions, "blue", fps=10.0)
    assert [finding.span for finding in found] == [
        pytest.approx((0, 0.9)),
        pytest.approx((2.5, 3.9)),
    ]


def test_track_colour_keeps_two_things_apart_that_cross(tmp_path: Path) -> None:
    def paint(n: int, picture: object) -> None:
        disc(picture, 30 + 6 * n, 100, 15, COLOURS["green"])  # type: ignore[arg-type]
        disc(picture, 290 - 6 * n, 112, 15, COLOURS["green"])  # type: ignore[arg-type]

    found = call(painted(tmp_path / "v.mp4", 44, paint), TrackColourRegions, "green", fps=10.0)
    long = [track for track in found if len(track.detections) > 20]
    ends = sorted((_middle(t.detections[0].box)[0], _middle(t.detections[-1].box)[0]) for t in long)
    assert len(long) == 2
    assert ends[0] == pytest.approx((30, 288), abs=4)
    assert ends[1] == pytest.approx((290, 32), abs=4)


def test_track_colour_follows_fast_small_things_from_the_second_frame(tmp_path: Path) -> None:
    path = painted(
        tmp_path / "v.mp4", 20, lambda n, p: disc(p, 20 + 14 * n, 120, 8, COLOURS["red"])
    )
    (track,) = call(path, TrackColourRegions, "red", fps=5.0)
    assert len(track.detections) == 11  # every 0.2 s, and the last frame


def test_track_colour_of_one_frame_and_of_none(tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 1, lambda n, p: disc(p, 100, 120, 16, COLOURS["red"]))
    assert len(call(path, TrackColourRegions, "red")) == 1
    assert call(path, TrackColourRegions, "yellow") == []


def test_track_colour_looks_at_a_span_only(tmp_path: Path) -> None:
    path = painted(
        tmp_path / "v.mp4", 30, lambda n, p: disc(p, 40 + 8 * n, 120, 16, COLOURS["red"])
    )
    (track,) = call(path, TrackColourRegions, "red", span=Span(1.0, 2.0))
    assert track.span == pytest.approx((1.0, 2.0))


def test_track_colour_refuses_what_is_no_colour(tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 1, lambda n, p: None)
    with pytest.raises(ModuleInputError, match="plain colour"):
        call(path, TrackColourRegions, "loud")
