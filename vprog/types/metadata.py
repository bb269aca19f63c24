"""What a file says of itself: its tracks, chapters and format."""

from __future__ import annotations

from typing import NamedTuple


class Stream(NamedTuple):
    """One track of a file. `kind`: "video", "audio", "subtitles" or "cover" (a still picture).

    `number` counts the tracks of a kind from 1. `language` is an English name ("German"), or
    what the file writes where that is no known code; `start` and `duration` are seconds.
    `is_used`: tasks take this one where a program names none.
    """

    kind: str
    number: int
    codec: str
    language: str
    language_code: str
    title: str
    start: float
    duration: float
    is_default: bool
    is_used: bool


class Chapter(NamedTuple):
    """A chapter that the file names, in seconds."""

    title: str
    start: float
    end: float


class Metadata(NamedTuple):
    """What the container says of a file. Absent things are "", 0, False or [].

    `aspect_ratio`: "16:9", of the picture as players show it. Where pixels are not square, it
    differs from `width` and `height`, which count pixels.
    """

    container: str
    duration: float
    size_bytes: int
    width: int
    height: int
    fps: float
    n_frames: int
    rotation: int
    video_codec: str
    audio_codec: str
    sample_rate: int
    channels: int
    n_subtitle_streams: int
    title: str
    n_video_streams: int
    n_audio_streams: int
    streams: list[Stream]
    chapters: list[Chapter]
    video_start: float
    audio_start: float
    pixel_format: str
    bit_depth: int
    hdr: str
    is_interlaced: bool
    is_mirrored: bool
    has_alpha: bool
    created: str
    aspect_ratio: str = ""
