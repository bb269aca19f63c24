"""What is asked of a case: the question without its answer, subtitles in the video's time."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vprog.errors import UsageError
from vprog.evaluation.case import Case
from vprog.evaluation.case_list import ListedCase
from vprog.runs.inputs import check_question

if TYPE_CHECKING:
    import pysubs2


def asked_case(case: Case, where: str, folder: Path) -> ListedCase:
    """The question of a case.

    Args:
        case: with a question that can be asked.
        where: the file that it comes from, for messages.
        folder: where subtitles are written to whose times are moved, or which are JSON.

    Raises:
        UsageError: the question or its choices cannot be asked, or the subtitles cannot be read.
    """
    try:
        check_question(case.question, case.choices)
    except UsageError as error:
        raise UsageError(f"{where}, case {case.id}: {error.message}", hint=error.hint) from error
    subtitles = case.subtitles
    if subtitles is not None and (case.subtitles_offset or subtitles.suffix.lower() == ".json"):
        subtitles = _moved(subtitles, case.subtitles_offset, folder)
    part = (case.start or 0.0, case.end or 0.0)
    return ListedCase(case.id, case.videos, case.question, case.choices, subtitles, part)


def _moved(subtitles: Path, offset_s: float, folder: Path) -> Path:
    """The same subtitles with the offset added to their times; what then ends before 0 goes."""
    import pysubs2

    try:
        is_json = subtitles.suffix.lower() == ".json"
        lines = _of_json(subtitles) if is_json else pysubs2.load(str(subtitles))
    except (OSError, ValueError, pysubs2.exceptions.Pysubs2Error) as error:
        raise UsageError(
            f"{subtitles}: the subtitles cannot be read: {error}.",
            hint="Name a subtitle file (srt, vtt, ass), or one of LongVideoBench (json).",
        ) from error
    lines.shift(s=offset_s)
    lines.events = [line for line in lines.events if line.end > 0]
    name = hashlib.sha256(f"{subtitles}\n{offset_s}".encode()).hexdigest()[:16]
    path = folder / f"{name}.srt"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines.save(str(path))
    return path


class _JsonLine(msgspec.Struct):
    """A subtitle of LongVideoBench, in either of its two forms."""

    start: str | None = None
    end: str | None = None
    line: str = ""
    timestamp: list[Any] | None = None
    text: str = ""


def _of_json(path: Path) -> pysubs2.SSAFile:
    """Subtitles of LongVideoBench: [{"start": "00:00:01.2", "end": ..., "line": ...}, ...], or
    [{"timestamp": [1.2, 3.4], "text": ...}, ...], whose last may have no end."""
    import pysubs2

    file = pysubs2.SSAFile()
    for item in msgspec.json.decode(path.read_bytes(), type=list[_JsonLine]):
        if item.timestamp is not None:
            start, end = item.timestamp
            start, end = float(start), float(start if end is None else end)
        elif item.start is not None and item.end is not None:
            start, end = _clock(item.start), _clock(item.end)
        else:
            raise ValueError("a subtitle must have start and end, or a timestamp")
        event = pysubs2.SSAEvent(start=pysubs2.make_time(s=start), end=pysubs2.make_time(s=end))
        event.plaintext = item.text or item.line
        file.append(event)
    return file


def _clock(text: str) -> float:
    """Seconds of "1:02:03.5"."""
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds
