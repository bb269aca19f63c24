"""Whether what a module returns lies within the videos it was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vprog.types import Box, Detection, Frame, Mask, TextLine, Video

SLACK_S = 0.2
"""Containers state lengths a frame or an audio block longer than what is in them."""

SLACK_PIXELS = 2.0


def outside(value: object, videos: Sequence[Video]) -> str:
    """The first time or box of a value that lies outside; "" if all lie inside."""
    longest = max((video.duration for video in videos), default=0.0)
    for field, each, video in _parts(value, 0):
        if field in ("start", "end", "time") and isinstance(each, int | float):
            if not -SLACK_S <= each <= longest + SLACK_S:
                return f"{field}={each:g} lies outside the video, 0 to {longest:g} s"
        elif isinstance(each, Box) and video < len(videos):
            width, height = videos[video].width, videos[video].height
            low, high = min(each.x0, each.y0), (each.x1 - width, each.y1 - height)
            if low < -SLACK_PIXELS or max(high) > SLACK_PIXELS:
                return f"{each} lies outside the picture of {width} x {height} pixels"
            if each.x0 > each.x1 or each.y0 > each.y1:
                return f"{each} has its corners in the wrong order"
    return ""


def _parts(value: object, video: int) -> Iterator[tuple[str, object, int]]:
    """Every value inside with the name of its field and the video it belongs to."""
    waiting: list[tuple[str, object, int]] = [("", value, video)]
    while waiting:
        field, each, owner = waiting.pop()
        yield field, each, owner
        if isinstance(each, Frame):
            owner = each.video
        elif isinstance(each, Detection | Mask | TextLine):
            owner = each.frame.video
        if isinstance(each, tuple) and hasattr(each, "_fields"):
            waiting += [
                (name, inner, owner) for name, inner in zip(each._fields, each, strict=True)
            ]
        elif isinstance(each, list | tuple):
            waiting += [("", inner, owner) for inner in each]
        elif isinstance(each, dict):
            waiting += [("", inner, owner) for inner in each.values()]
