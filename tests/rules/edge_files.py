"""Files at the edges of what the rules may meet: nothing, an instant, a gap, half the streams."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from tests.drawing import draw_subtitled, draw_video
from tests.modules import sounds
from vprog.solver.engine import Engine
from vprog.types import Video


def _beep(times: sounds.Samples) -> sounds.Samples:
    """A tone in the second second, digital silence elsewhere."""
    return 0.4 * np.sin(2 * np.pi * 500 * times) * ((times >= 1.0) & (times < 2.0))


def _image(path: Path) -> Path:
    Image.new("RGB", (64, 48), (200, 30, 30)).save(path)
    return path


def _subtitled(path: Path) -> Path:
    lines = [("Row your boat", 500, 1500), ("down the stream", 1600, 2500)]
    return draw_subtitled(path, "subrip", lines)


EDGE_FILES: dict[str, Callable[[Path], Path]] = {
    "one_sample.wav": lambda path: sounds.save(path, sounds.nothing(1 / sounds.RATE)),
    "one_frame.mp4": lambda path: draw_video(path, 1),
    "two_frames.mp4": lambda path: draw_video(path, 2),
    "image.png": _image,
    "gap.mkv": lambda path: draw_video(
        path, stamps=[*range(0, 1000, 100), *range(5000, 6000, 100)], time_base=Fraction(1, 1000)
    ),
    "silent_picture.mp4": lambda path: draw_video(path, 30),
    "beep.mp4": lambda path: draw_video(path, 30, tone=_beep),
    "beep.wav": lambda path: sounds.save(path, _beep(sounds.times(3.0))),
    "subtitled.mkv": _subtitled,
}
"""By name, what draws the file. An empty file is none of these: it is unreadable, exit 2."""


def facts_of(name: str, path: Path, engine: Engine) -> Video:
    """What the rules know of one of these files before they write a program."""
    facts = engine.run(path, "answer([video.duration, float(video.width), video.fps])")
    assert facts.status == "answered"
    assert isinstance(facts.answer, list)
    duration, width, fps = facts.answer
    return Video(
        0,
        duration,
        int(width),
        int(width),
        fps,
        round(duration * fps),
        name.startswith(("beep", "one_sample")),
        name.startswith("subtitled"),
    )
