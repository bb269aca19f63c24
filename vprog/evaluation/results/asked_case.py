"""What is asked of a case: the question without its answer, subtitles in the video's time."""

from __future__ import annotations

import hashlib
from pathlib import Path

from vprog.errors import UsageError
from vprog.evaluation.case import Case
from vprog.evaluation.case_list import ListedCase
from vprog.runs.inputs import check_question


def asked_case(case: Case, where: str, folder: Path) -> ListedCase:
    """The question of a case.

    Args:
        case: with a question that can be asked.
        where: the file that it comes from, for messages.
        folder: where subtitles whose times are moved are written to.

    Raises:
        UsageError: the question or its choices cannot be asked, or the subtitles cannot be read.
    """
    try:
        check_question(case.question, case.choices)
    except UsageError as error:
        raise UsageError(f"{where}, case {case.id}: {error.message}", hint=error.hint) from error
    subtitles = case.subtitles
    if subtitles is not None and case.subtitles_offset:
        subtitles = _moved(subtitles, case.subtitles_offset, folder)
    return ListedCase(case.id, case.videos, case.question, case.choices, subtitles)


def _moved(subtitles: Path, offset_s: float, folder: Path) -> Path:
    """The same subtitles with the offset added to their times; what then ends before 0 goes."""
    import pysubs2

    try:
        lines = pysubs2.load(str(subtitles))
    except (OSError, UnicodeDecodeError, pysubs2.Pysubs2Error) as error:
        raise UsageError(f"{subtitles}: the subtitles cannot be read: {error}.") from error
    lines.shift(s=offset_s)
    lines.events = [line for line in lines.events if line.end > 0]
    name = hashlib.sha256(f"{subtitles}\n{offset_s}".encode()).hexdigest()[:16]
    path = folder / f"{name}.srt"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines.save(str(path))
    return path
