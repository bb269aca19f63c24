"""Rows as subtitles, by pysubs2: a player shows over the video what was found where.

A moment is shown for a second, since subtitles without a duration are not drawn.
"""

from __future__ import annotations

import html
import re
from typing import Any

from vprog.view.exports.export_format import ExportJob
from vprog.view.exports.found_rows import FoundRow

_LEAST_S = 1.0
_TIME = re.compile(r"\d+:\d{2}(:\d{2})?[.,]\d{1,3}")
"""Two of these in a text would begin a subtitle of their own: they get another colon."""


def subtitles_of(job: ExportJob, kind: str) -> str:
    """The subtitle file of a kind that pysubs2 knows, "srt" or "vtt"."""
    import pysubs2

    made = pysubs2.SSAFile()
    duration = job.opened.duration
    for row in job.spans:
        start = row.start or 0.0
        end = row.end if row.end is not None else start
        if end - start < _LEAST_S:
            end = max(end, min(start + _LEAST_S, duration))
        line: Any = pysubs2.SSAEvent(
            start=round(start * 1000), end=max(round(end * 1000), round(start * 1000) + 1)
        )
        line.text = _plain(subtitle_words(row), kind)
        made.append(line)
    return str(made.to_string(kind))


def subtitle_words(row: FoundRow) -> str:
    """What a row says of its time; never empty."""
    score = f" {row.score:.2f}" if row.score is not None else ""
    number = f" #{row.track}" if row.track is not None else ""
    unsupported = " (not supported)" if row.supported is False else ""
    return f"{row.label or row.kind.lower()}{number}{score}{unsupported}"


def _plain(text: str, kind: str) -> str:
    """Text without what readers take for markup: braces of ASS, tags, the arrow of times."""
    text = " ".join(text.replace("{", "(").replace("}", ")").replace("\\", "/").split())
    text = _TIME.sub(lambda time: time.group().replace(":", "∶"), text)
    if kind == "vtt":
        return html.escape(text, quote=False)
    return text.replace("<", "‹").replace(">", "›")  # SubRip has no escapes
