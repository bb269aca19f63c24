"""Frames and timecodes of times."""

from __future__ import annotations

import pytest

from vprog.view.exports.frame_times import frame_number, timecode


@pytest.mark.parametrize(
    ("time", "fps", "number"),
    [(0.0, 25.0, 0), (0.039, 25.0, 0), (0.04, 25.0, 1), (0.033, 30.0, 1), (1.001, 29.97, 30),
     (3600.0, 29.97, 107_892)],
)  # fmt: skip
def test_frame_number_is_that_of_the_frame_on_display(time: float, fps: float, number: int) -> None:
    assert frame_number(time, fps) == number


@pytest.mark.parametrize(
    ("frame", "fps", "code"),
    [(0, 25.0, "00:00:00:00"), (95, 25.0, "00:00:03:20"), (1800, 29.97, "00:01:00:00"),
     (107_892, 29.97, "00:59:56:12"), (24 * 3600, 23.976, "01:00:00:00")],
)  # fmt: skip
def test_timecode_drops_no_number(frame: int, fps: float, code: str) -> None:
    assert timecode(frame, fps) == code
