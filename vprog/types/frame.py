"""Videos and frames by name: these values hold no pixels."""

from __future__ import annotations

from typing import NamedTuple

from vprog.types.geometry import Box


class Video(NamedTuple):
    """One input file. `width` and `height` are those of the displayed (rotated) picture.

    A sound file has width, height, fps and n_frames 0.
    """

    index: int  # type: ignore[assignment]  # a field where tuples have a method
    duration: float
    width: int
    height: int
    fps: float
    n_frames: int
    has_audio: bool
    has_subtitles: bool


class Frame(NamedTuple):
    """Names one frame of a video: the one on display at `time` seconds.

    `video` is the index of the video; `region` limits the picture to a part of it.
    """

    video: int
    time: float
    region: Box | None = None
