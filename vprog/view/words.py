"""Values in words: bounded, and as people read them. Clean of what could fool a reader."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vprog.types import Box, Frame, Video

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_LONG_FLOAT = re.compile(r"\b\d+\.\d{4,}\b")
_FRAME = re.compile(r"Frame\(video=(\d+), time=([\d.]+), region=None\)")
_BOX = re.compile(r"Box\(x0=(-?[\d.]+), y0=(-?[\d.]+), x1=(-?[\d.]+), y1=(-?[\d.]+)\)")
_SPAN = re.compile(r"Span\(start=(-?[\d.]+), end=(-?[\d.]+)\)")
_SAME_TIME_S = 0.005


def clean(text: object) -> str:
    """Text with control and direction characters made visible."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text))


def clipped(text: str, limit: int) -> str:
    """The beginning of a text, with a mark where more stood."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def counted(count: int, noun: str) -> str:
    """ "1 node", "2 nodes"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def answer_text(answer: object) -> str:
    """An answer as people read it: 3 digits after the point at most, lists with commas."""
    if answer is None:
        return ""
    if isinstance(answer, float):
        text = f"{answer:.3f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    if isinstance(answer, list | tuple):
        return ", ".join(answer_text(item) for item in answer)
    return str(answer)


def answer_line(answer: object, times: Iterable[float | None]) -> str:
    """The same in a line, where two numbers that are times of the evidence are a span.

    Args:
        answer: as it was given.
        times: the starts and ends of its evidence, in seconds.

    Example:
        >>> answer_line([0.2, 1.5], [0.2, 1.5])
        '0.2-1.5 s'
    """
    if are_times(answer, times) and isinstance(answer, list | tuple) and len(answer) == 2:
        start, end = answer
        if start <= end:
            return f"{answer_text(start)}-{answer_text(end)} s"
    return answer_text(answer)


def are_times(answer: object, times: Iterable[float | None]) -> bool:
    """Whether an answer is a number of seconds, or several, that its evidence has too."""
    values = answer if isinstance(answer, list | tuple) else [answer]
    known = [time for time in times if time is not None]
    return bool(values) and all(
        isinstance(value, float) and any(abs(time - value) < _SAME_TIME_S for time in known)
        for value in values
    )


def plain_words(text: str) -> str:
    """The text of a value as the sandbox wrote it, its commonest parts made short."""
    text = _LONG_FLOAT.sub(lambda match: f"{float(match.group()):.3f}", text)
    text = _FRAME.sub(_frame, text)
    text = _BOX.sub(lambda match: f"Box({', '.join(map(_whole, match.groups()))})", text)
    return _SPAN.sub(r"Span(\1, \2)", text)


def _frame(match: re.Match[str]) -> str:
    where = f"video {match[1]}, " if match[1] != "0" else ""
    return f"Frame({where}{match[2]} s)"


def _whole(number: str) -> str:
    try:
        return f"{float(number):.0f}"
    except ValueError:
        return number


def short(value: object, limit: int = 160) -> str:
    """A value as one bounded line: lists with their length and first items."""
    text = _short(value, 3)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _short(value: object, items: int) -> str:
    if isinstance(value, bool | None):
        return str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return repr(value if len(value) <= 80 else value[:79] + "…")
    if isinstance(value, Video):
        return f"video {value.index}"
    if isinstance(value, Frame):
        where = f"video {value.video}, " if value.video else ""
        part = f", {_short(value.region, 1)}" if value.region is not None else ""
        return f"Frame({where}{value.time:.6g} s{part})"
    if isinstance(value, Box):
        return f"Box({', '.join(f'{side:.0f}' for side in value)})"
    fields = getattr(value, "_fields", None)
    if fields is not None:
        inner = ", ".join(f"{name}={_short(getattr(value, name), 1)}" for name in fields)
        return f"{type(value).__name__}({inner})"
    if isinstance(value, list | tuple):
        shown = ", ".join(_short(item, 1) for item in value[:items])
        more = f", … {len(value)} in all" if len(value) > items else ""
        return f"[{shown}{more}]"
    if isinstance(value, dict):
        shown = ", ".join(
            f"{key!r}: {_short(item, 1)}" for key, item in list(value.items())[:items]
        )
        more = f", … {len(value)} in all" if len(value) > items else ""
        return f"{{{shown}{more}}}"
    return repr(value)
