"""Times as people read them, one way everywhere: terminal, pages, warnings, messages.

What a language model reads keeps plain seconds, and so do errors that tell the writer of a program
which argument to give: programs are written in seconds.
"""

from __future__ import annotations


def clock(seconds: float) -> str:
    """A moment of a video: 0:07, 0:07.5, 1:02:03.

    Example:
        >>> clock(67.256)
        '1:07.26'
    """
    whole = round(seconds, 2)
    sign, whole = ("-", -whole) if whole < 0 else ("", whole)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    left = round(left, 2)
    text = f"{left:05.2f}".rstrip("0").rstrip(".") if left % 1 else f"{left:02.0f}"
    return sign + (f"{int(hours)}:{int(minutes):02d}:{text}" if hours else f"{int(minutes)}:{text}")


def clock_span(start: float | None, end: float | None) -> str:
    """A moment or a span of time, e.g. 0:02-0:03.5; "" for neither."""
    if start is None:
        return ""
    return clock(start) if end is None or end == start else f"{clock(start)}-{clock(end)}"


def length_text(seconds: float) -> str:
    """A length of time: 0.25 s, 40 s, 3 min 5 s, 2 h 10 min; 0 s for less than none."""
    seconds = max(0.0, seconds)
    if round(seconds, 1) < 60:
        return f"{round(seconds, 2 if seconds < 10 else 1):g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
