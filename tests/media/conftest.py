"""Drawn videos for the media tests, made once per session."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.drawing import draw_video

VFR_STAMPS = [0, 40, 45, 300, 1000, 1001, 1500, 4000, 4010, 4020]
"""Milliseconds at which the frames of the vfr files are shown."""


def half_second_beeps(times: Any) -> Any:
    """A tone of 440 Hz in the first half of every second."""
    return 0.5 * np.sin(2 * np.pi * 440 * times) * ((times % 1) < 0.5)


DRAWN: dict[str, dict[str, Any]] = {
    "plain.mp4": {"title": "A  drawn\x1b film"},
    "b_frames.mp4": {"b_frames": 3, "gop": 30, "n_frames": 60},
    "open_gop.mp4": {
        "b_frames": 3,
        "n_frames": 60,
        "options": {"x264-params": "open-gop=1:scenecut=0:bframes=3:keyint=12:b-adapt=0"},
    },
    "long_gop.mp4": {"gop": 400, "n_frames": 240, "b_frames": 2},
    "vfr.mkv": {"stamps": VFR_STAMPS},
    "vfr_b_frames.mp4": {"stamps": VFR_STAMPS, "b_frames": 2},
    "offset.mkv": {"stamps": [5000 + 100 * index for index in range(20)], "b_frames": 2},
    "negative.ts": {
        "stamps": [-1000 + 100 * number for number in range(20)],
        "container_options": {
            "avoid_negative_ts": "disabled",
            "muxdelay": "0",
            "muxpreload": "0",
        },
    },
    "stream.ts": {"n_frames": 60, "b_frames": 2, "gop": 10, "tone": half_second_beeps},
    "turned_90.mp4": {"rotation": 90},
    "turned_180.mp4": {"rotation": 180},
    "turned_270.mp4": {"rotation": 270},
    "odd.mp4": {"size": (161, 121), "pix_fmt": "yuv444p"},
    "odd.webm": {"size": (163, 97), "codec": "libvpx"},
    "hidden.webm": {
        "codec": "libvpx",
        "n_frames": 60,
        "gop": 60,
        "options": {"auto-alt-ref": "1", "lag-in-frames": "16", "arnr-maxframes": "5"},
    },
    "vp9.webm": {"codec": "libvpx-vp9", "n_frames": 20},
    "b_frames.avi": {"b_frames": 3, "gop": 20, "n_frames": 40, "time_base": Fraction(1, 10)},
    "bare.h264": {"b_frames": 2, "n_frames": 40, "fps": 25},
    "mjpeg.avi": {"codec": "mjpeg", "pix_fmt": "yuvj420p", "time_base": Fraction(1, 10)},
    "drawn.gif": {"codec": "gif", "pix_fmt": "rgb8", "n_frames": 20},
    "mpeg2.mpg": {
        "codec": "mpeg2video",
        "fps": 25,
        "b_frames": 2,
        "n_frames": 60,
        "time_base": Fraction(1, 25),
    },
    "one.mp4": {"n_frames": 1},
    "two.mp4": {"n_frames": 2},
    "beeps.mp4": {"n_frames": 40, "tone": half_second_beeps},
    "late_beeps.mkv": {"n_frames": 40, "tone": half_second_beeps, "tone_start": 2.0},
}


class Drawn:
    """Draws each file when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str) -> Path:
        path = self._folder / name
        if not path.exists():
            draw_video(path, **DRAWN[name])
        return path


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    return Drawn(tmp_path_factory.mktemp("drawn"))
