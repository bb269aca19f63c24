"""Times as numbers of frames and as timecodes, at the file's mean frame rate.

A trace knows the rate and not the time of every frame: in a file of variable rate a number may be
beside by what the file varies.
"""

from __future__ import annotations

_ROUNDED = 0.02
"""Of a frame: recorded times may be rounded to milliseconds."""


def frame_number(time: float, fps: float) -> int:
    """Of the frame on display at a time, from 0."""
    return max(0, int(time * fps + _ROUNDED))


def timecode(frame: int, fps: float) -> str:
    """HH:MM:SS:FF, counting frames without dropping numbers, at the next whole rate."""
    rate = max(1, round(fps))
    seconds, frames = divmod(frame, rate)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}:{frames:02d}"
