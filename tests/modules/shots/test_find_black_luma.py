"""When the picture is black."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.scenes import call, painted, rectangle
from vprog.types import Span
from vprog_modules.shots.find_black_luma import FindBlackLuma


def clip(tmp_path: Path) -> Path:
    return painted(
        tmp_path / "v.mp4",
        40,
        lambda n, p: p.fill(0) if 10 <= n < 20 or n >= 35 or n == 25 else None,
    )


def test_find_black_is_exact_to_the_frame(tmp_path: Path) -> None:
    found = call(clip(tmp_path), FindBlackLuma)
    assert [(e.start, e.end) for e in found] == [
        pytest.approx(pair) for pair in [(1.0, 2.0), (2.5, 2.6), (3.5, 4.0)]
    ]
    assert all(hit.kind == "black" and hit.score == pytest.approx(1.0) for hit in found)


def test_find_black_drops_short_stretches_and_keeps_to_the_span(tmp_path: Path) -> None:
    found = call(clip(tmp_path), FindBlackLuma, span=Span(1.5, 3.7), min_length=0.15)
    assert [(e.start, e.end) for e in found] == [
        pytest.approx(pair) for pair in [(1.5, 2.0), (3.5, 3.7)]
    ]


def test_find_black_lets_a_small_logo_stand_but_no_dark_scene(tmp_path: Path) -> None:
    def paint(n: int, picture: object) -> None:
        picture.fill(0 if n < 10 else 30)  # type: ignore[attr-defined]
        rectangle(picture, (280, 10, 310, 20), (255, 255, 255))  # type: ignore[arg-type]

    found = call(painted(tmp_path / "v.mp4", 20, paint), FindBlackLuma)
    assert [(span.start, span.end) for span in found] == [pytest.approx((0.0, 1.0))]


def test_find_black_takes_no_dark_blue_for_black(tmp_path: Path) -> None:
    def paint(n: int, picture: object) -> None:
        picture[:] = (5, 5, 80) if n < 10 else (4, 4, 9)  # type: ignore[index]

    found = call(painted(tmp_path / "v.mp4", 20, paint), FindBlackLuma)
    assert [(span.start, span.end) for span in found] == [pytest.approx((1.0, 2.0))]


def test_find_black_around_real_fades(media_dir: Path) -> None:
    found = call(media_dir / "shots" / "testvideo.mp4", FindBlackLuma)
    assert [span.start for span in found] == pytest.approx([0.0, 6.1, 12.0, 23.1], abs=0.2)
    assert [item.end for item in found] == pytest.approx([1.1, 7.2, 13.3, 24.0], abs=0.15)
