"""Charades-STA: charades_sta_test.txt of its authors, or the rows of the hub."""

import re
from collections.abc import Iterable
from pathlib import Path

from vprog.errors import UsageError
from vprog.evaluation.case import CaseForm
from vprog.evaluation.case_rows import CaseRow, read_rows
from vprog.evaluation.loaders.suite_loader import SuiteLoader, SuiteRow

_LINE = re.compile(r"(\S+) ([\d.]+) ([\d.]+)##(.+)")


def _rows(path: Path) -> Iterable[CaseRow]:
    """The lines "VIDEO START END##SENTENCE" of a text file; other files as ever."""
    if path.suffix.lower() != ".txt":
        return read_rows(path)
    rows: list[CaseRow] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: Charades-STA: the file cannot be read: {error}.") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        where = f"{path} line {number}"
        if match is None:
            raise UsageError(
                f"{where}: Charades-STA: the line must be VIDEO START END##SENTENCE, got "
                f"{line[:60]!r}.",
                hint="Give charades_sta_test.txt.",
            )
        video, start, end, caption = match.groups()
        span = [float(start), float(end)]
        rows.append(
            CaseRow(number, where, {"video": f"{video}.mp4", "caption": caption, "timestamp": span})
        )
    return rows


def _case(row: SuiteRow) -> CaseForm:
    """A case; an answer counts as right from a temporal IoU of 0.5 on."""
    caption = row.text("caption").rstrip(".")
    return CaseForm(
        video=row.text("video"),
        question=f"When does this happen: {caption}?",
        answer=[float(time) for time in sorted(row.items("timestamp"))],
        tiou=0.5,
    )


LOADER = SuiteLoader(
    "Charades-STA, ICCV 2017: text or parquet, when something happens",
    _case,
    rows=_rows,
    also="lmms-eval: charades_sta",
)
